import fc from 'fast-check';
import type { PlayerEffect, PlayerEvent, Seen } from './player-events.ts';
import { step } from './player-machine.ts';
import { initialPlayer, type PlayerMachine, type PlayerState, shown } from './player-state.ts';

const STALL_MS = 3000;
const NOW: Seen = {
  nowMs: 1000,
  serverUnixMs: 1_000_000,
  positionS: 50,
  durationS: 0,
  hasMetadata: true,
  paused: false,
  ended: false,
  hasEngine: true,
  finished: false,
  endS: null,
  liveS: 50,
  earliestS: 0,
  dateUnixMs: 999_000,
  returnS: null,
};
const seen = (change: Partial<Seen> = {}): Seen => ({ ...NOW, ...change });

/** A player that goes from event to event. */
function player(kind: 'live' | 'recording', options: { autoPlay?: boolean; startAtUnixMs?: number } = {}) {
  const { autoPlay = true, startAtUnixMs } = options;
  const startAt = startAtUnixMs === undefined ? null : ({ to: 'date', unixMs: startAtUnixMs } as const);
  let state = initialPlayer(
    { kind, stallMs: STALL_MS },
    { autoPlay, startAt, muted: false, volume: 1, nowMs: 0 },
  );
  return {
    on(event: PlayerEvent): readonly PlayerEffect[] {
      const next = step(state, event);
      state = next.state;
      return next.effects;
    },
    get shown(): PlayerState {
      return shown(state);
    },
    get machine(): PlayerMachine {
      return state;
    },
  };
}
type TestPlayer = ReturnType<typeof player>;

const did = (effects: readonly PlayerEffect[]): string[] => effects.map((effect) => effect.do);
const moves: PlayerEvent = { type: 'moves', seen: seen() };
const ranDry: PlayerEvent = { type: 'waits', seeking: false, finished: false };
const pausedByElement = (change: { visible?: boolean; broken?: boolean; seen?: Seen } = {}): PlayerEvent => ({
  type: 'paused',
  visible: true,
  broken: false,
  seen: seen({ paused: true }),
  ...change,
});
const tickAt = (nowMs: number, change: Partial<Seen> = {}): PlayerEvent => ({
  type: 'tick',
  seen: seen({ nowMs, ...change }),
  rate: null,
});
function begun(kind: 'live' | 'recording'): TestPlayer {
  const made = player(kind);
  made.on({ type: 'new-source' });
  made.on(moves);
  return made;
}

describe('pauses', () => {
  test('a pause that nobody here asked for is a pause all the same', () => {
    const p = begun('live');
    p.on(pausedByElement());
    expect(p.shown).toMatchObject({ status: 'paused', following: false });
    expect(p.on({ type: 'visible' })).toEqual([]);
  });

  test.each([
    ['of a hidden tab', { visible: false }],
    ['of a broken source', { broken: true }],
    ['of a source that is being replaced', { seen: seen({ paused: true, hasMetadata: false }) }],
    ['at the end', { seen: seen({ paused: true, ended: true }) }],
  ])('a pause %s is none of the viewer', (_which, change) => {
    const p = begun('live');
    p.on(pausedByElement(change));
    expect(p.shown).toMatchObject({ status: 'playing', following: true });
    expect(did(p.on({ type: 'visible' }))).toEqual(['play']);
  });

  test('playing after a pause goes on where it was, and shows the pause until something moves', () => {
    const p = begun('live');
    expect(did(p.on({ type: 'pause-asked' }))).toEqual(['pause']);
    p.on(pausedByElement());
    expect(did(p.on({ type: 'play-asked' }))).toEqual(['play']);
    expect(p.shown).toMatchObject({ status: 'paused', following: false });
    p.on(moves);
    expect(p.shown).toMatchObject({ status: 'playing', following: false });
  });

  test("a headset's button plays again too", () => {
    const p = begun('live');
    p.on(pausedByElement());
    p.on({ type: 'played' });
    p.on(moves);
    expect(p.shown.status).toBe('playing');
    expect(did(p.on({ type: 'new-source' }))).toEqual(['play']);
  });

  test('trouble while paused is mended, and stays a pause', () => {
    const p = begun('live');
    p.on({ type: 'pause-asked' });
    expect(did(p.on({ type: 'trouble', trouble: 'network', detail: '' }))).toEqual(['plan-remedy']);
    expect(did(p.on({ type: 'remedy-due', remedy: 'reload', seen: seen() }))).toEqual(['remedy']);
    expect(p.shown.status).toBe('paused');
  });
});

describe('a browser that wants a press first', () => {
  test('what may not sound plays without, and one tap brings the sound', () => {
    const p = player('live');
    expect(did(p.on({ type: 'refused', muted: false }))).toEqual(['mute', 'play']);
    p.on({ type: 'volume', muted: true, volume: 1 });
    p.on(moves);
    expect(p.shown).toMatchObject({ status: 'playing', needsTap: true, muted: true });
    p.on({ type: 'volume', muted: false, volume: 1 });
    expect(p.shown).toMatchObject({ needsTap: false, muted: false });
  });

  test('what may not even play without sound waits for a press, and then is at the edge', () => {
    const p = player('live');
    p.on({ type: 'refused', muted: false });
    expect(p.on({ type: 'refused', muted: true })).toEqual([]);
    expect(p.shown).toMatchObject({ status: 'paused', following: false });
    expect(did(p.on({ type: 'play-asked' }))).toEqual(['play']);
    p.on(moves);
    expect(p.shown).toMatchObject({ status: 'playing', following: true });
  });

  test('a refusal that comes after the viewer paused changes nothing', () => {
    const p = player('live');
    p.on({ type: 'pause-asked' });
    expect(p.on({ type: 'refused', muted: false })).toEqual([]);
    expect(p.shown.needsTap).toBe(false);
  });
});

describe('stalls', () => {
  test('running dry counts once playback had begun', () => {
    const p = player('live');
    p.on({ type: 'new-source' });
    p.on(ranDry);
    expect(p.shown.stalls).toBe(0);
    p.on(moves);
    expect(did(p.on(ranDry))).toEqual(['count-stall']);
    expect(p.shown).toMatchObject({ stalls: 1, status: 'recovering' });
    p.on(ranDry);
    expect(p.shown.stalls).toBe(1);
  });

  test.each<[string, (p: TestPlayer) => void]>([
    ['a seek is on', (p) => p.on({ ...ranDry, seeking: true } as PlayerEvent)],
    [
      'a new source fills its buffer',
      (p) => {
        p.on({ type: 'new-source' });
        p.on(ranDry);
      },
    ],
    ['all is played', (p) => p.on({ ...ranDry, finished: true } as PlayerEvent)],
    [
      'it is paused',
      (p) => {
        p.on({ type: 'pause-asked' });
        p.on(ranDry);
      },
    ],
  ])('nothing has stalled while %s', (_when, waits) => {
    const p = begun('live');
    waits(p);
    expect(p.shown.stalls).toBe(0);
  });

  test('a picture that stands still for long is pushed, and only where it should move', () => {
    const p = begun('live');
    p.on(tickAt(1000));
    expect(p.on(tickAt(1000 + STALL_MS - 1))).toEqual([]);
    expect(p.on(tickAt(1000 + STALL_MS))).toEqual([
      { do: 'plan-remedy', trouble: 'stall', detail: 'at 50.00 s' },
    ]);
    expect(p.shown.status).toBe('recovering');
    p.on({ type: 'pause-asked' });
    p.on(tickAt(2000 + STALL_MS));
    expect(p.on(tickAt(2000 + 2 * STALL_MS))).toEqual([]);
  });

  test('before the first picture nothing stands still', () => {
    const p = player('live');
    p.on(tickAt(1000));
    expect(p.on(tickAt(1000 + 2 * STALL_MS - 4000))).toEqual([]);
    expect(p.on(tickAt(1000 + 3 * STALL_MS - 4000))).toEqual([]);
  });

  test('a machine that slept has not stood still', () => {
    const p = begun('live');
    p.on(tickAt(1000));
    expect(p.on(tickAt(61_000))).toEqual([]);
    expect(p.on(tickAt(61_000 + STALL_MS - 1))).toEqual([]);
    expect(did(p.on(tickAt(61_000 + STALL_MS)))).toEqual(['plan-remedy']);
  });

  test('a tab that is seen again has not stood still either', () => {
    const p = begun('live');
    p.on(tickAt(1000));
    p.on({ type: 'visible' });
    expect(p.on(tickAt(1000 + STALL_MS))).toEqual([]);
  });

  test('a push goes to the edge, and behind it only a little on', () => {
    const p = begun('live');
    const push: PlayerEvent = { type: 'remedy-due', remedy: 'jump', seen: seen({ positionS: 20 }) };
    expect(did(p.on(push))).toEqual(['jump-to-edge', 'play']);
    p.on({ type: 'step-asked', seconds: -20, seen: seen() });
    expect(p.on(push)).toEqual([{ do: 'seek', toS: 20.1 }, { do: 'play' }]);
  });

  test('back on the network, what was given up is asked for at once', () => {
    const p = begun('live');
    expect(p.on({ type: 'online', seen: seen() })).toEqual([]);
    p.on({ type: 'trouble', trouble: 'network', detail: '' });
    expect(did(p.on({ type: 'online', seen: seen() }))).toEqual(['remedy', 'play']);
  });
});

describe('places', () => {
  const rebuild = (change: Partial<Seen>): PlayerEvent => ({
    type: 'remedy-due',
    remedy: 'rebuild',
    seen: seen(change),
  });

  test('a source rebuilt behind the edge returns to its programme date, once that is known', () => {
    const p = begun('live');
    p.on({ type: 'step-asked', seconds: -20, seen: seen() });
    expect(did(p.on(rebuild({ dateUnixMs: 980_000 })))).toEqual(['hold', 'remedy', 'play']);
    p.on({ type: 'new-source' });
    expect(p.machine.returns).toEqual({ to: 'date', unixMs: 980_000 });
    // A second rebuild, before the first has shown anything, knows nothing better.
    p.on(rebuild({ dateUnixMs: 996_000 }));
    expect(p.on({ type: 'metadata', seen: seen({ returnS: null }) })).toEqual([]);
    expect(p.on(tickAt(1250, { returnS: 31 }))).toEqual([{ do: 'seek', toS: 31 }]);
    expect(p.on(tickAt(1500, { returnS: 31 }))).toEqual([]);
  });

  test('a source rebuilt at the edge stays at the edge', () => {
    const p = begun('live');
    p.on(rebuild({}));
    expect(p.machine.returns).toBeNull();
  });

  test('a recording rebuilt, even twice, goes on where it was', () => {
    const p = begun('recording');
    p.on(rebuild({ positionS: 1234 }));
    p.on(rebuild({ positionS: 0 }));
    expect(p.on({ type: 'metadata', seen: seen({ positionS: 0 }) })).toEqual([{ do: 'seek', toS: 1234 }]);
    expect(p.on({ type: 'metadata', seen: seen({ positionS: 0 }) })).toEqual([]);
  });

  test('a recording begins at the date it was opened for, although its first playlist had to be asked for twice', () => {
    const p = player('recording', { startAtUnixMs: 990_000 });
    p.on(rebuild({ positionS: 0, hasMetadata: false }));
    expect(p.on({ type: 'metadata', seen: seen({ returnS: 77 }) })).toEqual([{ do: 'seek', toS: 77 }]);
  });

  test('nothing was recorded after the date: it is finished, and does not begin anew', () => {
    const p = player('recording', { startAtUnixMs: 990_000 });
    expect(did(p.on({ type: 'metadata', seen: seen({ returnS: null }) }))).toEqual(['pause']);
    p.on(pausedByElement());
    expect(p.shown.status).toBe('finished');
  });

  test('a step back leaves the edge, not past the oldest that stays; a step past it returns there', () => {
    const p = begun('live');
    expect(p.on({ type: 'step-asked', seconds: -500, seen: seen({ earliestS: 8 }) })).toEqual([
      { do: 'seek', toS: 18 },
      { do: 'look' },
    ]);
    p.on({ type: 'looked', seen: seen({ positionS: 18, earliestS: 8 }) });
    expect(p.shown).toMatchObject({ following: false, behindS: 32, windowS: 32 });
    const forth = p.on({ type: 'step-asked', seconds: 40, seen: seen({ positionS: 18 }) });
    expect(did(forth)).toEqual(['forget-latency', 'jump-to-edge', 'play']);
    expect(p.shown).toMatchObject({ following: true, behindS: 0 });
  });

  test('while the edge is unknown one steps back, and not forth', () => {
    const p = begun('live');
    expect(p.on({ type: 'step-asked', seconds: 10, seen: seen({ liveS: null }) })).toEqual([]);
    expect(p.on({ type: 'behind-asked', behindS: 10, seen: seen({ liveS: null }) })).toEqual([]);
    expect(p.shown.following).toBe(true);
    p.on({ type: 'step-asked', seconds: -10, seen: seen({ liveS: null }) });
    expect(p.shown.following).toBe(false);
  });

  test('going live after the end goes to the end', () => {
    const p = begun('live');
    p.on({ type: 'pause-asked' });
    const effects = p.on({ type: 'live-asked', seen: seen({ finished: true, endS: 61 }) });
    expect(effects).toContainEqual({ do: 'seek', toS: 61 });
  });
});

describe('the end', () => {
  test('a recording has no edge to go to: asking for it leaves it where it is', () => {
    const p = begun('recording');
    expect(p.on({ type: 'live-asked', seen: seen({ finished: true, endS: 3600 }) })).toEqual([]);
    expect(p.shown).toMatchObject({ following: false, status: 'playing' });
  });

  test('a live picture has finished when its playlist has, and all of it is played', () => {
    const p = begun('live');
    p.on({ type: 'ended', finished: false });
    expect(p.shown.status).toBe('playing');
    p.on(tickAt(1250, { finished: true }));
    expect(p.shown).toMatchObject({ status: 'playing', over: true });
    p.on(tickAt(1500, { finished: true, ended: true }));
    expect(p.shown.status).toBe('finished');
  });

  test('what has finished does not begin anew because its tab is seen again or its source was remade', () => {
    const p = begun('recording');
    p.on({ type: 'ended', finished: true });
    expect(p.on({ type: 'visible' })).toEqual([]);
    expect(p.on({ type: 'new-source' })).toEqual([]);
    p.on({ type: 'trouble', trouble: 'network', detail: '' });
    expect(p.shown.status).toBe('finished');
    expect(p.on({ type: 'seek-asked', positionS: 0, seen: seen() })).toEqual([
      { do: 'seek', toS: 0 },
      { do: 'play' },
    ]);
    expect(p.shown.status).toBe('playing');
  });

  test('a step back from the end of a recording plays again', () => {
    const p = begun('recording');
    p.on({ type: 'ended', finished: true });
    const end = seen({ positionS: 60, durationS: 60, ended: true });
    expect(p.on({ type: 'step-asked', seconds: -10, seen: end })).toEqual([
      { do: 'seek', toS: 50 },
      { do: 'play' },
    ]);
    expect(p.shown.status).toBe('playing');
  });

  test('a place that is asked for before anything is known of a recording is gone to once it is', () => {
    const p = player('recording', { autoPlay: false });
    const early = seen({ hasMetadata: false, positionS: 0 });
    expect(p.on({ type: 'seek-asked', positionS: 754, seen: early })).toEqual([]);
    p.on({ type: 'play-asked' });
    expect(p.on({ type: 'metadata', seen: seen({ positionS: 0 }) })).toEqual([{ do: 'seek', toS: 754 }]);
    expect(p.on({ type: 'metadata', seen: seen({ positionS: 754 }) })).toEqual([]);
  });

  test('where somebody went in a recording is told before the element is there', () => {
    const p = begun('recording');
    p.on({ type: 'seek-asked', positionS: 20, seen: seen({ positionS: 10, durationS: 60 }) });
    expect(p.shown.positionS).toBe(20);
  });
});

describe('whatever happens', () => {
  const places = fc.record({
    paused: fc.boolean(),
    ended: fc.boolean(),
    finished: fc.boolean(),
    hasMetadata: fc.boolean(),
    positionS: fc.integer({ min: 0, max: 60 }),
    liveS: fc.option(fc.integer({ min: 0, max: 60 })),
    returnS: fc.option(fc.integer({ min: 0, max: 60 })),
  });
  const anySeen = places.map((change) => seen(change));
  const one = <T extends PlayerEvent['type']>(type: T) => fc.constant({ type });
  const anyEvent: fc.Arbitrary<PlayerEvent> = fc.oneof(
    one('play-asked'),
    one('pause-asked'),
    one('played'),
    one('new-source'),
    one('unsupported'),
    one('visible'),
    fc.record({ type: fc.constant('live-asked' as const), seen: anySeen }),
    fc.record({ type: fc.constant('step-asked' as const), seconds: fc.constantFrom(-10, 10), seen: anySeen }),
    fc.record({ type: fc.constant('behind-asked' as const), behindS: fc.nat(30), seen: anySeen }),
    fc.record({ type: fc.constant('seek-asked' as const), positionS: fc.nat(30), seen: anySeen }),
    fc.record({ type: fc.constantFrom('metadata' as const, 'moves' as const), seen: anySeen }),
    fc.record({ type: fc.constantFrom('looked' as const, 'online' as const), seen: anySeen }),
    fc.record({
      type: fc.constant('paused' as const),
      visible: fc.boolean(),
      broken: fc.boolean(),
      seen: anySeen,
    }),
    fc.record({ type: fc.constant('waits' as const), seeking: fc.boolean(), finished: fc.boolean() }),
    fc.record({ type: fc.constant('ended' as const), finished: fc.boolean() }),
    fc.record({ type: fc.constant('refused' as const), muted: fc.boolean() }),
    fc.record({
      type: fc.constant('trouble' as const),
      trouble: fc.constantFrom('network' as const, 'decode' as const, 'stall' as const),
      detail: fc.constant(''),
    }),
    fc.record({
      type: fc.constant('remedy-due' as const),
      remedy: fc.constantFrom('jump', 'reload', 'recover-media', 'rebuild'),
      seen: anySeen,
    }),
    fc.record({ type: fc.constant('tick' as const), seen: anySeen, rate: fc.constant(1) }),
  );
  const kinds = fc.constantFrom('live' as const, 'recording' as const);

  test('nobody who is paused follows the edge, or is made to play without asking', () => {
    fc.assert(
      fc.property(kinds, fc.boolean(), fc.array(anyEvent, { maxLength: 40 }), (kind, autoPlay, events) => {
        const p = player(kind, { autoPlay });
        for (const event of events) {
          const before = p.machine.status;
          const effects = p.on(event);
          const after = p.machine.status;
          if (after.is === 'paused') {
            expect(p.shown.following).toBe(false);
            expect(did(effects)).not.toContain('play');
          }
          if (kind === 'recording') expect(p.shown.following).toBe(false);
          // Out of a pause leads what the viewer asks for, or what the element says it does.
          if (before.is === 'paused' && after.is !== 'paused') {
            expect([
              'play-asked',
              'live-asked',
              'step-asked',
              'behind-asked',
              'played',
              'moves',
              'ended',
              'tick',
              'metadata',
              'unsupported',
            ]).toContain(event.type);
          }
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('an element that does as it is told is at rest exactly where the page shows no playing', () => {
    /** What the viewer, the system and the browser do; the element answers as browsers do. */
    const acts = fc.constantFrom(
      'play',
      'pause',
      'live',
      'back',
      'key-pause',
      'key-play',
      'dry',
      'trouble',
      'remedy',
      'source',
    );
    fc.assert(
      fc.property(
        kinds,
        fc.integer({ min: 0, max: 2 }),
        fc.array(acts, { maxLength: 40 }),
        (kind, refusals, list) => {
          const p = player(kind);
          let [paused, muted, refuse] = [true, false, refusals];
          const tell = (event: PlayerEvent): void => {
            for (const effect of p.on(event)) {
              if (effect.do === 'mute') muted = true;
              if (effect.do === 'pause') pause();
              if (effect.do === 'play') play();
            }
          };
          const pause = (): void => {
            if (paused) return;
            paused = true;
            tell(pausedByElement());
          };
          const play = (): void => {
            if (refuse > 0) {
              refuse -= 1;
              tell({ type: 'refused', muted });
              return;
            }
            if (paused) {
              paused = false;
              tell({ type: 'played' });
            }
            tell({ type: 'moves', seen: seen({ paused }) });
          };
          tell({ type: 'new-source' });
          for (const act of list) {
            if (act === 'play') tell({ type: 'play-asked' });
            if (act === 'pause') tell({ type: 'pause-asked' });
            if (act === 'live') tell({ type: 'live-asked', seen: seen({ paused }) });
            if (act === 'back') tell({ type: 'step-asked', seconds: -10, seen: seen({ paused }) });
            if (act === 'key-pause') pause();
            if (act === 'key-play') play();
            if (act === 'dry') tell(ranDry);
            if (act === 'trouble') tell({ type: 'trouble', trouble: 'network', detail: '' });
            if (act === 'remedy') tell({ type: 'remedy-due', remedy: 'reload', seen: seen({ paused }) });
            if (act === 'source') tell({ type: 'new-source' });
            expect(p.shown.status === 'paused').toBe(paused);
            expect(p.shown.following && paused).toBe(false);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});
