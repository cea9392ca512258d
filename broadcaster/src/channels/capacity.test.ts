import { Capacity, type Carrying, roomFor } from './capacity.ts';

const carrying: Carrying = { channels: 1, young: 0, idleCores: 2, coresPerChannel: 0.5, shedding: false };

test.each<[string, Partial<Carrying>, number]>([
  ['two idle cores and half a core a channel: three more', {}, 3],
  ['nothing idle: none', { idleCores: 0.1 }, 0],
  ['nothing idle and no channel: the first is always carried', { channels: 0, idleCores: 0 }, 1],
  ['no channel on an idle machine: as many as fit', { channels: 0, idleCores: 4 }, 7],
  ['one that leaves something out: none, whatever is idle', { shedding: true }, 0],
  ['two that have only begun: what they will take is counted', { channels: 3, young: 2 }, 1],
  ['channels that show a slide: counted as what they become', { coresPerChannel: 0.05, idleCores: 1.1 }, 3],
])('%s', (_what, change, room) => {
  expect(roomFor({ ...carrying, ...change })).toBe(room);
});

describe('measured over time', () => {
  let nowMs = 0;
  const minutes = (
    capacity: Capacity,
    n: number,
    idleCores: number,
    usedCores: number,
    startedMs: number[],
  ) => {
    for (let i = 0; i < n * 120; i += 1) {
      nowMs += 500;
      capacity.measure({ idleCores, usedCores, startedMs, shedding: false });
    }
    return capacity.room(startedMs);
  };
  beforeEach(() => {
    nowMs = 0;
  });

  test('one idle second does not make room, and one busy second takes none', () => {
    const capacity = new Capacity(null, () => nowMs);
    expect(minutes(capacity, 5, 0.05, 1.9, [0, 0])).toBe(0);
    capacity.measure({ idleCores: 2, usedCores: 0, startedMs: [0, 0], shedding: false });
    expect(capacity.room([0, 0])).toBe(0);
    expect(minutes(capacity, 5, 2, 0.8, [0, 0])).toBeGreaterThan(2);
    capacity.measure({ idleCores: 0, usedCores: 2, startedMs: [0, 0], shedding: false });
    expect(capacity.room([0, 0])).toBeGreaterThan(2);
  });

  test('a channel just started takes its room at once', () => {
    const capacity = new Capacity(null, () => nowMs);
    const before = minutes(capacity, 5, 2.2, 1, [0, 0]);
    expect(capacity.room([0, 0, nowMs])).toBe(before - 1);
  });

  test('an operator who says how many is taken at their word', () => {
    const capacity = new Capacity(3, () => nowMs);
    expect(minutes(capacity, 1, 0, 2, [0, 0])).toBe(1);
    expect(capacity.room([0, 0, 0, 0])).toBe(0);
  });
});
