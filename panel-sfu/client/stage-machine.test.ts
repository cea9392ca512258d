import fc from 'fast-check';
import { REJOIN, statusOf, step } from './stage-machine.ts';
import { INITIAL, type StageEffect, type StageEvent, type StageMachine } from './stage-phase.ts';

/** A stay on the stage by its events alone. */
function stay() {
  let state: StageMachine = INITIAL;
  return {
    get status() {
      return statusOf(state);
    },
    /** Its effects, each in a word. */
    after(event: StageEvent): string[] {
      const stepped = step(state, event);
      state = stepped.state;
      return stepped.effects.map(inAWord);
    },
  };
}

function inAWord(effect: StageEffect): string {
  switch (effect.type) {
    case 'open':
    case 'adopt':
    case 'close':
    case 'askResume':
    case 'goOn':
      return `${effect.type} ${effect.turn}`;
    case 'scheduleRejoin':
      return `rejoin in ${effect.inMs}`;
    case 'answer':
      return `answer ${effect.ticket} ${effect.result.ok ? 'ok' : effect.result.error.code}`;
    default:
      return effect.type;
  }
}

const join = (ticket: number, unlessElsewhere = false): StageEvent => ({
  type: 'joinAsked',
  ticket,
  unlessElsewhere,
});
const leave: StageEvent = { type: 'leaveAsked' };
const synced: StageEvent = { type: 'synced' };
const opened = (turn: number, nowMs = 0): StageEvent => ({ type: 'opened', turn, nowMs });
const lost = (turn: number, nowMs = 0): StageEvent => ({ type: 'connectionLost', turn, nowMs, random: 1 });
const due = (connected = true): StageEvent => ({ type: 'rejoinDue', connected });
const cut = (turn: number, connected: boolean): StageEvent => ({
  type: 'commandFailed',
  turn,
  connected,
  nowMs: 0,
  random: 1,
});
const failed = (turn: number, code: 'unavailable' | 'forbidden' | 'conflict'): StageEvent => ({
  type: 'openFailed',
  turn,
  error: { code, message: '' },
  byBrowser: false,
  random: 1,
});
const unsupported = (turn: number): StageEvent => ({
  type: 'openFailed',
  turn,
  error: { code: 'media-unsupported', message: '' },
  byBrowser: true,
  random: 1,
});
const reset = (reason: 'node-lost' | 'replaced' | 'removed' | 'returned' | 'ended'): StageEvent => ({
  type: 'resetByServer',
  reason,
  random: 1,
});

/** Somebody who stands on the stage with session 1. */
function joined() {
  const it = stay();
  it.after(join(1));
  it.after(opened(1));
  return it;
}

describe('a stay on the stage', () => {
  test('is asked for, opened and answered; asking again changes nothing', () => {
    const it = stay();
    expect([it.after(join(1)), it.status]).toEqual([['open 1'], 'joining']);
    expect(it.after(join(2))).toEqual(['answer 2 ok']);
    expect([it.after(opened(1)), it.status]).toEqual([['adopt 1', 'answer 1 ok'], 'joined']);
    expect(it.after(join(3))).toEqual(['answer 3 ok']);
    expect([it.after(leave), it.status]).toEqual([['close 1', 'tellLeave'], 'idle']);
    expect(it.after(leave)).toEqual([]);
  });

  test('that is left while it opens is answered at once, and closed when it is there', () => {
    const it = stay();
    it.after(join(1));
    expect([it.after(leave), it.status]).toEqual([['answer 1 conflict', 'tellLeave'], 'idle']);
    expect([it.after(opened(1)), it.status]).toEqual([['close 1'], 'idle']);
  });

  test('that is asked for again waits for the opening before it to end, well or not', () => {
    for (const ending of [opened(1), failed(1, 'forbidden')]) {
      const it = stay();
      it.after(join(1));
      it.after(leave);
      expect([it.after(join(2)), it.status]).toEqual([[], 'joining']);
      expect(it.after(ending).filter((effect) => effect !== 'close 1')).toEqual(['open 2']);
      expect(it.after(opened(2))).toEqual(['adopt 2', 'answer 2 ok']);
    }
  });

  test('ends with the refusal that stays, and is tried again, later each time, after one that passes', () => {
    const refused = stay();
    refused.after(join(1));
    expect(refused.after(failed(1, 'forbidden'))).toEqual(['answer 1 forbidden']);
    expect(refused.status).toEqual({ failed: 'forbidden' });
    const it = stay();
    it.after(join(1));
    expect(it.after(failed(1, 'unavailable'))).toEqual(['rejoin in 150', 'answer 1 unavailable']);
    expect(it.status).toBe('rejoining');
    const delays = Array.from({ length: 7 }, (_, i) => {
      it.after(due());
      return it.after(failed(i + 2, 'unavailable'));
    });
    expect(delays.flat()).toEqual([300, 600, 1200, 2400, 4800, 5000, 5000].map((ms) => `rejoin in ${ms}`));
  });

  test('is given up when the browser has failed three times in a row', () => {
    const it = stay();
    it.after(join(1));
    it.after(unsupported(1));
    it.after(due());
    it.after(unsupported(2));
    it.after(due());
    it.after(opened(3));
    it.after(lost(3));
    for (const turn of [4, 5]) {
      it.after(due());
      it.after(unsupported(turn));
      expect(it.status).toBe('rejoining');
    }
    it.after(due());
    expect([it.after(unsupported(6)), it.status]).toEqual([[], { failed: 'media-unsupported' }]);
  });

  test('comes back after a loss, soon if it had stood for long; without a connection with the next sync', () => {
    const it = joined();
    expect([it.after(lost(1)), it.status]).toEqual([['close 1', 'rejoin in 150'], 'rejoining']);
    it.after(due());
    it.after(opened(2, 1000));
    expect(it.after(lost(2, 2000))).toEqual(['close 2', 'rejoin in 300']);
    it.after(due());
    it.after(opened(3, 3000));
    expect(it.after(lost(3, 3001 + REJOIN.steadyAfterMs))).toEqual(['close 3', 'rejoin in 150']);
    expect(it.after(due(false))).toEqual([]);
    expect(it.after(due(true))).toEqual([]);
    expect([it.after(synced), it.status]).toEqual([['open 4'], 'rejoining']);
  });

  test('does not follow what an earlier session has to say', () => {
    const it = joined();
    it.after(lost(1));
    it.after(due());
    it.after(opened(2));
    for (const event of [lost(1), cut(1, true), cut(1, false), opened(1)]) {
      expect(it.after(event).filter((effect) => effect !== 'close 1')).toEqual([]);
    }
    expect(it.after({ type: 'resumed', turn: 1, producers: [] })).toEqual([]);
    expect(it.after({ type: 'resumeRefused', turn: 1, connected: true })).toEqual([]);
    expect(it.after(synced)).toEqual(['askResume 2']);
  });

  test('goes on after a new connection with what stands, or anew where the server has it no more', () => {
    const it = joined();
    expect(it.after(synced)).toEqual(['askResume 1']);
    expect(it.after({ type: 'resumeRefused', turn: 1, connected: false })).toEqual([]);
    expect(it.after(synced)).toEqual(['askResume 1']);
    expect(it.after({ type: 'resumed', turn: 1, producers: [] })).toEqual(['goOn 1']);
    expect(it.status).toBe('joined');
    expect(it.after({ type: 'resumeRefused', turn: 1, connected: true })).toEqual(['close 1', 'open 2']);
    expect(it.status).toBe('rejoining');
  });

  test('with a command cut off does not resume: what the server made of it is unknown', () => {
    const it = joined();
    expect([it.after(cut(1, false)), it.status]).toEqual([[], 'joined']);
    expect([it.after(synced), it.status]).toEqual([['close 1', 'open 2'], 'rejoining']);
    const connected = joined();
    expect(connected.after(cut(1, true))).toEqual(['close 1', 'rejoin in 150']);
  });

  test('starts over with each sync while it rejoins, but not while it joins', () => {
    const it = stay();
    it.after(join(1));
    expect(it.after(synced)).toEqual([]);
    it.after(opened(1));
    it.after(lost(1));
    expect(it.after(synced)).toEqual(['cancelRejoin', 'open 2']);
    expect(it.after(synced)).toEqual([]);
    expect(it.after(opened(2))).toEqual(['close 2', 'open 3']);
    expect(it.after(opened(3))).toEqual(['adopt 3']);
  });

  test('whose node is lost waits no longer than at first', () => {
    const it = joined();
    it.after(lost(1));
    it.after(due());
    it.after(failed(2, 'unavailable'));
    it.after(due());
    expect(it.after(reset('node-lost'))).toEqual(['rejoin in 150']);
    expect(it.after(reset('node-lost'))).toEqual(['cancelRejoin', 'rejoin in 150']);
    const asking = stay();
    asking.after(join(1));
    expect(asking.after(reset('node-lost'))).toEqual(['answer 1 conflict', 'rejoin in 150']);
  });

  test('is ended by another tab where it stands, and not by its own newer connection', () => {
    const it = joined();
    expect(it.after(reset('replaced'))).toEqual(['close 1']);
    expect(it.status).toEqual({ failed: 'conflict' });
    expect(it.after(synced)).toEqual([]);
    const rejoining = joined();
    rejoining.after(lost(1));
    expect([rejoining.after(reset('replaced')), rejoining.status]).toEqual([[], 'rejoining']);
  });

  test('that asks first is refused where the person stands already, and takes their place when asked again', () => {
    const it = stay();
    const [opening] = step(INITIAL, join(1, true)).effects;
    expect(opening).toEqual({ type: 'open', turn: 1, unlessElsewhere: true });
    it.after(join(1, true));
    expect(it.after(failed(1, 'conflict'))).toEqual(['answer 1 conflict']);
    expect(it.status).toEqual({ failed: 'conflict' });
    expect(it.after(join(2))).toEqual(['open 2']);
    expect(it.after(failed(2, 'conflict'))).toEqual(['rejoin in 150', 'answer 2 conflict']);
  });

  test('is ended by the crew, and means nothing to who is not there', () => {
    for (const [reason, status] of [
      ['removed', { failed: 'forbidden' }],
      ['returned', 'idle'],
      ['ended', 'idle'],
    ] as const) {
      const it = joined();
      expect(it.after(reset(reason))).toEqual(['close 1']);
      expect(it.status).toEqual(status);
      expect(it.after(reset('node-lost'))).toEqual([]);
    }
  });
});

/** The world beside the machine: what was opened, what is under way, as the effects say. */
function worldOf(choices: readonly { event: StageEvent['type']; pick: number; flag: boolean }[]): void {
  let state = INITIAL;
  let tickets = 0;
  const unanswered = new Set<number>();
  const opening = new Set<number>();
  const open = new Set<number>();
  let used: number | null = null;
  let timers = 0;
  for (const { event: type, pick, flag } of choices) {
    const turn = pick % (state.lastTurn + 2);
    const random = (pick % 10) / 10;
    const event = ((): StageEvent | null => {
      switch (type) {
        case 'joinAsked':
          tickets += 1;
          unanswered.add(tickets);
          return { type, ticket: tickets, unlessElsewhere: flag };
        case 'leaveAsked':
        case 'synced':
          return { type };
        case 'opened':
        case 'openFailed': {
          // Only what was asked for is answered.
          const [asked] = opening;
          if (asked === undefined) return null;
          opening.delete(asked);
          if (type === 'opened') {
            open.add(asked);
            return { type, turn: asked, nowMs: pick };
          }
          const error = { code: flag ? 'unavailable' : 'forbidden', message: '' } as const;
          return { type, turn: asked, error, byBrowser: pick % 2 === 0, random };
        }
        case 'connectionLost':
          return { type, turn, nowMs: pick, random };
        case 'commandFailed':
          return { type, turn, connected: flag, nowMs: pick, random };
        case 'rejoinDue':
          timers = 0;
          return { type, connected: flag };
        case 'resumed':
          return { type, turn, producers: [] };
        case 'resumeRefused':
          return { type, turn, connected: flag };
        case 'resetByServer': {
          const reasons = ['node-lost', 'removed', 'returned', 'ended', 'replaced'] as const;
          return { type, reason: reasons[pick % reasons.length] ?? 'ended', random };
        }
      }
    })();
    if (event === null) continue;
    const stepped = step(state, event);
    state = stepped.state;
    for (const effect of stepped.effects) {
      switch (effect.type) {
        case 'open':
          expect([...opening]).toEqual([]);
          opening.add(effect.turn);
          break;
        case 'adopt':
          expect([used, open.has(effect.turn)]).toEqual([null, true]);
          used = effect.turn;
          break;
        case 'close':
          expect(open.delete(effect.turn)).toBe(true);
          if (used === effect.turn) used = null;
          break;
        case 'scheduleRejoin':
          timers = 1;
          break;
        case 'cancelRejoin':
          timers = 0;
          break;
        case 'answer':
          expect(unanswered.delete(effect.ticket)).toBe(true);
          break;
        default:
      }
    }
    const status = statusOf(state);
    // What is open is in use: one session when joined, and otherwise none.
    expect([...open]).toEqual(used === null ? [] : [used]);
    expect(used !== null).toBe(status === 'joined');
    expect(unanswered.size).toBe(status === 'joining' ? 1 : 0);
    expect(timers === 0 || status === 'rejoining').toBe(true);
    // Something is always under way to bring back who wants to be there, or a sync is waited for.
    if (status === 'joining') expect(opening.size).toBe(1);
    if (event.type === 'leaveAsked') expect([open.size, timers, status]).toEqual([0, 0, 'idle']);
  }
}

test('from any history there is one session at most, none after leaving, and every join is answered once', () => {
  const types = [
    'joinAsked',
    'leaveAsked',
    'opened',
    'openFailed',
    'connectionLost',
    'commandFailed',
    'rejoinDue',
    'synced',
    'resumed',
    'resumeRefused',
    'resetByServer',
  ] as const;
  const choice = fc.record({
    event: fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom('joinAsked', 'opened', 'rejoinDue') },
      { weight: 4, arbitrary: fc.constantFrom(...types) },
    ),
    pick: fc.nat(100_000),
    flag: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(choice, { maxLength: 60 }), (choices) => worldOf(choices)),
    { numRuns: 2000 },
  );
});
