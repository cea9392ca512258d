import fc from 'fast-check';
import { ADAPT, type Adaptation, adapt, type NetworkSample, networkOf, unseen, WHOLE } from './adapt.ts';

type Conditions = Partial<Pick<NetworkSample, 'availableSendBitrate' | 'shortOfBandwidth'>> & {
  readonly up?: number;
  readonly down?: number;
  /** Packets a second of each way. */
  readonly rate?: number;
};

/** A session second by second. */
function session() {
  let state: Adaptation = WHOLE;
  let nowMs = 0;
  const now = () => {
    const { send, receive } = networkOf(state);
    return [send.layers, send.why, receive.layers, receive.why];
  };
  return {
    now,
    /** Goes on for so long, and says what is done then. */
    after(seconds: number, { up = 0, down = 0, rate = 100, ...rest }: Conditions = {}) {
      for (let i = 0; i < seconds; i += 1) {
        nowMs += 1000;
        state = adapt(state, {
          nowMs,
          sent: { lost: up * rate, of: rate },
          received: new Map([['somebody', { lost: down * rate, of: rate }]]),
          availableSendBitrate: 5_000_000,
          shortOfBandwidth: false,
          ...rest,
        });
      }
      return now();
    },
    /** Seconds until the layers sent are so many. */
    until(layers: number, conditions: Conditions = {}): number {
      for (let seconds = 0; ; seconds += 1) {
        if (networkOf(state).send.layers === layers) return seconds;
        if (seconds > 300) throw new Error(`never ${layers}`);
        this.after(1, conditions);
      }
    },
  };
}

describe('what goes over a network', () => {
  test.each([
    ['nothing lost', {}, [3, null, 3, null]],
    ['1 % lost', { up: 0.01, down: 0.01 }, [3, null, 3, null]],
    ['4 % lost', { up: 0.04, down: 0.04 }, [3, null, 3, null]],
    ['5 % lost on the way up', { up: 0.05 }, [2, 'loss', 3, null]],
    ['10 % lost on the way down', { down: 0.1 }, [3, null, 2, 'loss']],
    ['15 % lost on the way up', { up: 0.15 }, [1, 'loss', 3, null]],
    ['25 % lost both ways', { up: 0.25, down: 0.25 }, [1, 'loss', 1, 'loss']],
    ['next to no packets, half of them lost', { up: 0.5, down: 0.5, rate: 4 }, [3, null, 3, null]],
  ] as const)('with %s is, after three seconds', (_name, conditions, expected) => {
    expect(session().after(3, conditions)).toEqual(expected);
    expect(session().after(2, conditions)).toEqual([3, null, 3, null]);
  });

  test('is the smallest layer first where much is lost, and sound alone if that loses as much', () => {
    const it = session();
    expect(it.after(3, { up: 0.25, down: 0.25 })).toEqual([1, 'loss', 1, 'loss']);
    expect(it.after(4, { up: 0.1, down: 0.25 })).toEqual([1, 'loss', 0, 'loss']);
    expect(it.after(3, { up: 0.25, down: 0.25 })).toEqual([0, 'loss', 0, 'loss']);
  });

  test('is the smallest layer at once after one bad second, as a limit makes it, and all of them in a quarter of a minute', () => {
    const it = session();
    it.after(5);
    expect(it.after(1, { up: 0.6 })).toEqual([1, 'loss', 3, null]);
    expect(it.until(3)).toBeLessThanOrEqual(14);
  });

  test('is sound alone also where reports tell of more losses than was sent since', () => {
    expect(session().after(8, { up: 1.4 })).toEqual([0, 'loss', 3, null]);
  });

  test('is not sound alone for losses that have passed: reports speak of what was before a change', () => {
    const it = session();
    it.after(5);
    it.after(1, { up: 0.6 });
    // On a way down that is jammed too, the reports of seconds come at once.
    it.after(3, { rate: 0 });
    it.after(1, { up: 0.4, rate: 230 });
    it.after(1, { up: 0.4, rate: 20 });
    // Nor does a sample without a report say that they go on.
    for (const rate of [6, 0, 30]) expect(it.after(1, { rate })).toEqual([1, 'loss', 3, null]);
    expect(it.until(3)).toBeLessThanOrEqual(12);
  });

  test('falls a layer at a time, and never to sound alone for 5 %', () => {
    const it = session();
    expect(it.after(7, { up: 0.08 })).toEqual([1, 'loss', 3, null]);
    expect(it.after(60, { up: 0.08 })).toEqual([1, 'loss', 3, null]);
    expect(it.after(3, { up: 0.2 })).toEqual([0, 'loss', 3, null]);
  });

  test('at 10 % loss stays the smallest layer, however unevenly its few packets get lost', () => {
    let seed = 1;
    const isLost = (): boolean => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return seed / 2 ** 31 < 0.1;
    };
    const it = session();
    it.until(1, { up: 0.1 });
    for (let seconds = 0; seconds < 3600; seconds += 1) {
      const lost = Array.from({ length: 30 }, isLost).filter(Boolean).length;
      const [layers] = it.after(1, { up: lost / 30, rate: 30 });
      expect(layers).toBeGreaterThanOrEqual(1);
    }
  });

  test('stays as it is between what is too much and what is well', () => {
    const it = session();
    it.after(3, { up: 0.06 });
    expect(it.after(120, { up: 0.03 })).toEqual([2, 'loss', 3, null]);
  });

  test('rises when it has been well for a while, then a layer with each window that goes well, and says nothing more', () => {
    const it = session();
    it.after(7, { up: 0.2, down: 0.2 });
    expect(it.now()).toEqual([0, 'loss', 0, 'loss']);
    expect([it.until(1), it.until(2), it.until(3)]).toEqual([9, 3, 3]);
    expect(it.now()).toEqual([3, null, 3, null]);
  });

  test('waits anew before the next layer where the last one did not go well', () => {
    const it = session();
    it.after(7, { up: 0.2 });
    it.until(1);
    expect(it.after(3, { up: 0.03 })).toEqual([1, 'loss', 3, null]);
    // What was lost has to leave the window first.
    expect(it.until(2)).toBeGreaterThanOrEqual(5);
  });

  test('waits longer each time it fell again, up to a minute, until it was well for a minute', () => {
    const it = session();
    const waits = Array.from({ length: 6 }, () => {
      it.until(2, { up: 0.06 });
      return it.until(3);
    });
    // Four more each: one that still tells of what was before the change, and three of what came after.
    expect(waits).toEqual([9, 14, 24, 44, 64, 64]);
    it.after(65);
    it.until(2, { up: 0.06 });
    expect(it.until(3)).toBeLessThanOrEqual(9);
  });

  test('with an upload too thin is what fits, and says so; what is tried again, less and less often', () => {
    const thin = { shortOfBandwidth: true, availableSendBitrate: 700_000 };
    const it = session();
    expect(it.after(9, thin)).toEqual([3, null, 3, null]);
    expect(it.after(1, thin)).toEqual([2, 'bandwidth', 3, null]);
    // What is sent fits now, so the browser is short of nothing.
    const fits = { availableSendBitrate: 700_000 };
    it.until(3, fits);
    expect(it.until(2, thin)).toBe(10);
    expect(it.now()).toEqual([2, 'bandwidth', 3, null]);
    expect(it.until(3, fits)).toBeGreaterThanOrEqual(10);
  });

  test('with next to no upload is the smallest layer, and then sound alone', () => {
    const it = session();
    const next = { shortOfBandwidth: true, availableSendBitrate: 40_000 };
    expect(it.after(10, next)).toEqual([1, 'bandwidth', 3, null]);
    expect(it.after(10, next)).toEqual([0, 'bandwidth', 3, null]);
  });

  test('falls to what fits by the latest estimate, not a layer at a time', () => {
    const it = session();
    it.after(5, { shortOfBandwidth: true, availableSendBitrate: 700_000 });
    expect(it.after(5, { shortOfBandwidth: true, availableSendBitrate: 250_000 })).toEqual([
      1,
      'bandwidth',
      3,
      null,
    ]);
  });

  test('a limit that holds for ten minutes costs few tries, and no picture of all', () => {
    const it = session();
    let changes = 0;
    it.after(5);
    it.after(1, { up: 0.6 });
    for (let seconds = 0; seconds < 600; seconds += 1) {
      const [before] = it.now();
      // The browser sends what fits; with more layers than that it says that it is short.
      const [after] = it.after(1, { availableSendBitrate: 250_000, shortOfBandwidth: before !== 1 });
      if (after !== before) changes += 1;
      expect(after).toBeGreaterThanOrEqual(1);
    }
    expect(changes).toBeLessThanOrEqual(24);
    expect(it.until(3)).toBeLessThanOrEqual(ADAPT.longestWaitMs / 1000 + 10);
  });

  test('is not taken from a browser whose estimate still rises', () => {
    const it = session();
    for (let bitrate = 300_000; bitrate < 1_200_000; bitrate *= 1.08) {
      it.after(1, { shortOfBandwidth: true, availableSendBitrate: bitrate });
    }
    expect(it.now()).toEqual([3, null, 3, null]);
  });

  test('comes whole from the others when it is one of them who loses it on the way up', () => {
    const streams = (...losses: number[]) =>
      new Map(losses.map((loss, i) => [`stream${i}`, { lost: loss * 50, of: 50 }]));
    const after = (received: NetworkSample['received']): number => {
      let state = WHOLE;
      for (let i = 1; i <= 3; i += 1) {
        const sent = { lost: 0, of: 0 };
        const now = { nowMs: i * 1000, sent, received, availableSendBitrate: null, shortOfBandwidth: false };
        state = adapt(state, now);
      }
      return networkOf(state).receive.layers;
    };
    expect(after(streams(0.3, 0.3, 0, 0.01))).toBe(3);
    expect(after(streams(0.1, 0.08, 0.12, 0.09))).toBe(2);
    expect(after(streams(0.2, 0.25, 0.18, 0.4))).toBe(1);
  });

  test('does not follow a shortage that is not of the network, or that the browser has no figure for', () => {
    expect(session().after(30, { shortOfBandwidth: true, availableSendBitrate: 3_000_000 })).toEqual([
      3,
      null,
      3,
      null,
    ]);
    expect(session().after(30, { shortOfBandwidth: true, availableSendBitrate: null })).toEqual([
      3,
      null,
      3,
      null,
    ]);
  });

  test('is judged anew after a network was away: what was lost with it says nothing of the next', () => {
    const lossy = {
      nowMs: 0,
      sent: { lost: 80, of: 100 },
      received: new Map([['a', { lost: 80, of: 100 }]]),
      availableSendBitrate: null,
      shortOfBandwidth: false,
    };
    const twice = adapt(adapt(WHOLE, lossy), lossy);
    expect(networkOf(adapt(unseen(twice), lossy))).toEqual(networkOf(WHOLE));
    expect(networkOf(adapt(twice, lossy)).send).toEqual({ layers: 1, why: 'loss' });
  });

  test('is tried again where sound alone tells nothing of loss', () => {
    const it = session();
    it.after(7, { up: 0.3 });
    expect(it.now()).toEqual([0, 'loss', 3, null]);
    expect(it.until(1, { up: 0.3, rate: 0 })).toBeLessThanOrEqual(8);
    expect(it.after(3, { up: 0.3 })).toEqual([0, 'loss', 3, null]);
    expect(it.until(1, { up: 0.3, rate: 0 })).toBeGreaterThanOrEqual(10);
  });

  test('moves by one layer up, to sound alone from the smallest only, and names a reason for what is missing', () => {
    const second = fc.record({
      up: fc.double({ min: 0, max: 1, noNaN: true }),
      down: fc.double({ min: 0, max: 1, noNaN: true }),
      availableSendBitrate: fc.option(fc.nat(3_000_000)),
      shortOfBandwidth: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(second, { maxLength: 80 }), (seconds) => {
        const it = session();
        let before = it.now();
        for (const conditions of seconds) {
          const after = it.after(1, conditions);
          for (const at of [0, 2]) {
            const layers = after[at] as number;
            expect(layers - (before[at] as number)).toBeLessThanOrEqual(1);
            if (layers === 0) expect(before[at]).toBeLessThanOrEqual(1);
            expect(layers >= 0 && layers <= 3).toBe(true);
            expect(after[at + 1] === null).toBe(layers === 3);
          }
          before = after;
        }
        const calm = it.after(250);
        expect(calm).toEqual([3, null, 3, null]);
      }),
      { numRuns: 200 },
    );
  });
});
