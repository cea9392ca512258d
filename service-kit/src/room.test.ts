import { cpuGroupFolders, createRoomMeter, heldUpMsOf } from './room.ts';

test('there is room when cores were idle and no limit was hit since the last look', () => {
  const at = { ms: 0, idle: 0, heldUp: 5 };
  const hasRoom = createRoomMeter({
    nowMs: () => at.ms,
    idleSeconds: () => at.idle,
    heldUpMs: () => at.heldUp,
  });
  const after = (ms: number, idle: number, heldUp: number): boolean => {
    at.ms += ms;
    at.idle += idle;
    at.heldUp += heldUp;
    return hasRoom();
  };
  expect(after(1000, 1.2, 0)).toBe(true);
  expect(after(1000, 0.1, 0)).toBe(false);
  expect(after(1000, 1.9, 300)).toBe(false);
  expect(after(1000, 1.9, 10)).toBe(true);
  expect(after(1000, 1.9, 0)).toBe(true);
});

test('the groups of a process are found in both versions of the hierarchy', () => {
  expect(cpuGroupFolders('9:name=systemd:/\n1:cpu:/rostrum/show\n0::/\n')).toEqual([
    '/sys/fs/cgroup/cpu/rostrum/show',
    '/sys/fs/cgroup/cpu/rostrum',
  ]);
  expect(cpuGroupFolders('0::/system.slice/rostrum.service\n')).toEqual([
    '/sys/fs/cgroup/system.slice/rostrum.service',
    '/sys/fs/cgroup/system.slice',
  ]);
  expect(cpuGroupFolders('')).toEqual([]);
});

test('the time that a limit held a group up is read in both versions', () => {
  expect(heldUpMsOf('nr_periods 4\nnr_throttled 2\nthrottled_time 1500000\n')).toBe(1.5);
  expect(heldUpMsOf('usage_usec 9\nnr_throttled 2\nthrottled_usec 1500\n')).toBe(1.5);
  expect(heldUpMsOf('')).toBe(0);
});

test('it can be asked on this machine', () => {
  expect(typeof createRoomMeter()()).toBe('boolean');
});
