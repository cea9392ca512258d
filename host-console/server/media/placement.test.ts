import type { MediaNode } from './node-registry.ts';
import { placeChannel } from './placement.ts';

const caster = (
  nodeId: string,
  { loads = 0, room = 5, late = false, runs = [] as string[], told = [] as string[] } = {},
): MediaNode => ({
  nodeId,
  bootId: 'boot1',
  description: { kind: 'broadcaster', originUrl: `http://${nodeId}.test`, channelIds: told },
  address: '127.0.0.1',
  load: {
    cpuCores: 0,
    loads,
    pressure: { idleCores: 1, loopDelayMs: 0 },
    rooms: [],
    channels: runs.map((channelId) => ({ channelId, state: { lateMs: 0, step: 0, shed: [] }, withheld: [] })),
    roomForChannels: room,
    archive: null,
  },
  state: late ? { is: 'late', why: 'silent' } : { is: 'here' },
  silentMs: 0,
});
const placed = (...nodes: MediaNode[]): string | undefined => placeChannel(nodes, 'channel1')?.nodeId;

describe('a channel is placed', () => {
  test('nowhere when there is no broadcaster', () => {
    expect(placed()).toBeUndefined();
  });
  test('where there is least to do', () => {
    expect(placed(caster('busy', { loads: 2 }), caster('free', { loads: 1 }))).toBe('free');
  });
  test('where there is room, though there is more to do', () => {
    expect(placed(caster('full', { loads: 1, room: 0 }), caster('wide', { loads: 4, room: 9 }))).toBe('wide');
  });
  test('on one that is here rather than on one that is late', () => {
    expect(placed(caster('late', { late: true }), caster('here', { loads: 9 }))).toBe('here');
  });
  test('on one that is late or full when there is no other', () => {
    expect(placed(caster('late', { late: true, room: 0 }))).toBe('late');
  });
  test('where it runs already, full and late as that may be', () => {
    const free = caster('free');
    expect(placed(free, caster('mine', { runs: ['channel1'], room: 0, late: true }))).toBe('mine');
    expect(placed(free, caster('mine', { told: ['channel1'], loads: 3 }))).toBe('mine');
  });
  test('not where it was refused', () => {
    const full = caster('full');
    expect(placeChannel([full, caster('other', { loads: 3 })], 'channel1', new Set([full]))?.nodeId).toBe(
      'other',
    );
  });
});
