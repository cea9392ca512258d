import type { PlayerEffect, PlayerEvent, Seen } from './player-events.ts';
import { type Place, type PlayerMachine, type Status, shown } from './player-state.ts';
import type { Remedy } from './recovery.ts';
import { watchStall } from './stall-watch.ts';

interface Step {
  readonly state: PlayerMachine;
  readonly effects: readonly PlayerEffect[];
}

/** A longer hole between two ticks means that the machine slept or the tab was frozen. */
const SLEPT_MS = 5000;
/** From the oldest segment: it leaves the playlist while one still looks at it. */
const MARGIN_S = 10;

/** What comes of an event, and what is to be done. Pure: clock, element and engine are in the event. */
export function step(state: PlayerMachine, event: PlayerEvent): Step {
  const { status, facts, purpose } = state;
  switch (event.type) {
    case 'play-asked':
      return playing(roused(state));
    case 'pause-asked':
      return { state: halted(state), effects: [{ do: 'pause' }] };
    case 'live-asked':
      return goLive(state, event.seen);
    case 'step-asked':
      return stepBy(state, event.seconds, event.seen);
    case 'behind-asked':
      if (event.behindS < 1) return goLive(state, event.seen);
      return event.seen.liveS === null
        ? still(state)
        : goBack(state, event.seen.liveS - event.behindS, event.seen);
    case 'seek-asked': {
      // A source that knows of nothing yet would begin at its own place all the same.
      if (!event.seen.hasMetadata) {
        const { positionS } = event;
        return still({ ...learnt(state, { positionS }), returns: { to: 'position', positionS } });
      }
      const seek: PlayerEffect = { do: 'seek', toS: event.positionS };
      // Told at once: whoever goes on from there (to the next chapter, and the next) means that place.
      const there = learnt(state, { positionS: event.positionS });
      if (status.is !== 'finished') return { state: there, effects: [seek] };
      return before(seek, playing(roused(there)));
    }
    case 'speed-asked':
      if (purpose.kind === 'live') return still(state);
      return {
        state: learnt(state, { rate: event.speed }),
        effects: [{ do: 'set-rate', rate: event.speed }],
      };
    case 'metadata':
      if (state.returns?.to !== 'position') return returned(state, event.seen);
      return { state: { ...state, returns: null }, effects: [{ do: 'seek', toS: state.returns.positionS }] };
    case 'played':
      return still(status.is === 'paused' ? roused(state) : state);
    case 'paused':
      return still(pausedByElement(state, event));
    case 'moves':
      return moves(state, event.seen);
    case 'waits': {
      const asked = event.seeking || state.sourceIsNew;
      if (asked || status.is !== 'playing' || event.finished) return still(state);
      const counted = learnt(state, { stalls: facts.stalls + 1 });
      return { state: become(counted, 'recovering'), effects: [{ do: 'count-stall' }] };
    }
    case 'ended':
      return still(purpose.kind === 'recording' || event.finished ? become(state, 'finished') : state);
    case 'volume': {
      const { muted, volume } = event;
      return still(learnt(state, { muted, volume, needsTap: muted && facts.needsTap }));
    }
    case 'refused':
      if (!wants(status)) return still(state);
      // Nothing was played, so nothing was left: whoever presses then is at the edge.
      if (event.muted) return still({ ...state, status: { is: 'paused', goesOnAt: placeOf(status) } });
      return before({ do: 'mute' }, playing(learnt(state, { needsTap: true })));
    case 'new-source':
      return playing({ ...state, sourceIsNew: true, standing: null });
    case 'unsupported':
      return still(become(state, 'unsupported'));
    case 'trouble':
      return {
        state: wants(status) ? become(state, facts.firstFrame ? 'recovering' : 'loading') : state,
        effects: [{ do: 'plan-remedy', trouble: event.trouble, detail: event.detail }],
      };
    case 'remedy-due':
      return remedied(state, event.remedy, event.seen);
    case 'quality': {
      const { choices, quality, playingHeight } = event;
      return still(learnt(state, { choices, quality, playingHeight }));
    }
    case 'tick':
      return tick(state, event.seen, event.rate);
    case 'looked':
      return still(located(state, event.seen));
    case 'visible':
      return playing({ ...state, standing: null });
    case 'online':
      return status.is === 'recovering' ? remedied(state, 'reload', event.seen) : still(state);
  }
}

const still = (state: PlayerMachine): Step => ({ state, effects: [] });
/** Tells the element to play, where that is wanted. */
const playing = (state: PlayerMachine): Step => ({
  state,
  effects: wants(state.status) ? [{ do: 'play' }] : [],
});
const before = (first: PlayerEffect, { state, effects }: Step): Step => ({
  state,
  effects: [first, ...effects],
});
const learnt = (state: PlayerMachine, facts: Partial<PlayerMachine['facts']>): PlayerMachine => ({
  ...state,
  facts: { ...state.facts, ...facts },
});

const placeOf = (status: Status): Place => (status.is === 'paused' ? status.goesOnAt : status.at);
/** What has finished needs another wish before it plays again. */
function wants({ is }: Status): boolean {
  return is !== 'paused' && is !== 'finished' && is !== 'unsupported';
}
const become = (state: PlayerMachine, is: Exclude<Status['is'], 'paused'>): PlayerMachine => ({
  ...state,
  status: { is, at: placeOf(state.status) },
});
const halted = (state: PlayerMachine): PlayerMachine =>
  state.status.is === 'unsupported' ? state : { ...state, status: { is: 'paused', goesOnAt: 'own' } };
const movedTo = (state: PlayerMachine, at: Place): PlayerMachine => ({
  ...state,
  status: state.status.is === 'paused' ? { is: 'paused', goesOnAt: at } : { is: state.status.is, at },
});
const roused = (state: PlayerMachine): PlayerMachine => {
  if (state.status.is === 'paused') return become(state, 'starting');
  return state.status.is === 'finished' ? become(state, 'playing') : state;
};

/**
 * A pause that nobody here asked for (a headset's button, another app) is a pause all the same. A source being replaced
 * also "pauses", and so does a hidden tab: both go on by themselves.
 */
function pausedByElement(
  state: PlayerMachine,
  { visible, broken, seen }: PlayerEvent & { readonly type: 'paused' },
): PlayerMachine {
  if (seen.ended || !seen.hasMetadata) return state;
  if (wants(state.status)) return visible && !broken ? halted(state) : state;
  return state.status.is === 'paused' ? halted(state) : state;
}

function moves(state: PlayerMachine, seen: Seen): Step {
  const begun: PlayerMachine = { ...learnt(state, { firstFrame: true }), sourceIsNew: false };
  return {
    state: seen.paused ? begun : become(begun, 'playing'),
    effects: [
      { do: 'release' },
      { do: 'call-off-push' },
      ...(state.facts.firstFrame ? [] : [{ do: 'tell-first-frame' } as const]),
    ],
  };
}

function goLive(state: PlayerMachine, seen: Seen): Step {
  if (state.purpose.kind === 'recording') return still(state);
  const there = movedTo({ ...learnt(state, { behindS: 0 }), returns: null }, 'edge');
  const { state: next, effects } = playing(there.status.is === 'paused' ? roused(there) : there);
  const go: PlayerEffect = seen.endS === null ? { do: 'jump-to-edge' } : { do: 'seek', toS: seen.endS };
  return { state: next, effects: [{ do: 'forget-latency' }, go, ...effects] };
}

function goBack(state: PlayerMachine, wantedS: number, seen: Seen): Step {
  const toS = Math.max(wantedS, (seen.earliestS ?? 0) + MARGIN_S);
  return { state: movedTo(state, 'own'), effects: [{ do: 'seek', toS }, { do: 'look' }] };
}

/** A step past the edge returns there. */
function stepBy(state: PlayerMachine, seconds: number, seen: Seen): Step {
  const toS = seen.positionS + seconds;
  if (state.purpose.kind === 'recording') {
    const withinS = Math.min(Math.max(0, toS), seen.durationS || toS);
    return step(state, { type: 'seek-asked', positionS: withinS, seen });
  }
  if (seen.liveS !== null && toS > seen.liveS - 0.5) return goLive(state, seen);
  return seen.liveS !== null || seconds < 0 ? goBack(state, toS, seen) : still(state);
}

function remedied(state: PlayerMachine, remedy: Remedy, seen: Seen): Step {
  const atEdge = placeOf(state.status) === 'edge';
  if (remedy === 'jump') {
    const push: PlayerEffect = atEdge ? { do: 'jump-to-edge' } : { do: 'seek', toS: seen.positionS + 0.1 };
    return before(push, playing(state));
  }
  const held: readonly PlayerEffect[] = remedy === 'reload' ? [] : [{ do: 'hold' }];
  const { state: next, effects } = playing(remedy === 'rebuild' ? returning(state, seen) : state);
  return { state: next, effects: [...held, { do: 'remedy', remedy }, ...effects] };
}

/** Behind the edge, and in a recording, one goes on where one was. The first of several rebuilds knows where that is. */
function returning(state: PlayerMachine, seen: Seen): PlayerMachine {
  if (state.returns !== null) return state;
  if (state.purpose.kind === 'recording') {
    return { ...state, returns: { to: 'position', positionS: seen.positionS } };
  }
  if (placeOf(state.status) === 'edge' || seen.dateUnixMs === null) return state;
  return { ...state, returns: { to: 'date', unixMs: seen.dateUnixMs } };
}

function returned(state: PlayerMachine, seen: Seen): Step {
  if (state.returns?.to !== 'date' || !seen.hasMetadata) return still(state);
  if (seen.returnS === null && state.purpose.kind === 'live') return still(state);
  const there: PlayerMachine = { ...state, returns: null };
  // Nothing was recorded after it, and nothing before it is wanted.
  if (seen.returnS === null) return { state: become(there, 'finished'), effects: [{ do: 'pause' }] };
  return placeOf(state.status) === 'edge'
    ? still(there)
    : { state: there, effects: [{ do: 'seek', toS: seen.returnS }] };
}

function tick(before: PlayerMachine, seen: Seen, rate: number | null): Step {
  const live = before.purpose.kind === 'live';
  const slept = seen.nowMs - before.lastTickAtMs > SLEPT_MS;
  const ran: PlayerMachine = {
    ...(rate === null ? before : learnt(before, { rate })),
    lastTickAtMs: seen.nowMs,
  };
  const now = live && seen.finished && seen.ended ? become(ran, 'finished') : ran;
  const expected = wants(now.status) && seen.hasEngine && !seen.ended && now.facts.firstFrame;
  const { standing, stalled } = watchStall(
    slept ? null : now.standing,
    { nowMs: seen.nowMs, positionS: seen.positionS, expected },
    now.purpose.stallMs,
  );
  const detail = `at ${seen.positionS.toFixed(2)} s`;
  const watched = { ...now, standing };
  const troubled = stalled ? step(watched, { type: 'trouble', trouble: 'stall', detail }) : still(watched);
  const back = returned(troubled.state, seen);
  const placed = live ? located(learnt(back.state, { over: seen.finished }), seen) : back.state;
  const dated = live && seen.dateUnixMs !== null && placed.facts.firstFrame ? seen.dateUnixMs : null;
  return {
    state: learnt(placed, {
      positionS: seen.positionS,
      durationS: seen.durationS,
      latencyMs: dated === null ? null : Math.round(seen.serverUnixMs - dated),
    }),
    effects: [...troubled.effects, ...back.effects],
  };
}

function located(state: PlayerMachine, seen: Seen): PlayerMachine {
  const { liveS, earliestS, positionS } = seen;
  const dateUnixMs = seen.dateUnixMs === null ? null : Math.floor(seen.dateUnixMs / 1000) * 1000;
  if (liveS === null || earliestS === null) return learnt(state, { dateUnixMs });
  const { following } = shown(state);
  return learnt(state, {
    dateUnixMs,
    behindS: following ? 0 : Math.max(0, Math.round(liveS - positionS)),
    windowS: Math.max(0, Math.floor(liveS - earliestS - MARGIN_S)),
  });
}
