import type { ArchiveHealth } from '@rostrum/contracts';
import { recordingTrouble } from './recording-trouble.ts';

const well: ArchiveHealth = { disk: 'ample', usedShare: 0.5, failingSinceUnixMs: null };
const low: ArchiveHealth = { disk: 'low', usedShare: 0.917, failingSinceUnixMs: null };
const full: ArchiveHealth = { disk: 'full', usedShare: 0.999, failingSinceUnixMs: 1000 };
const failing: ArchiveHealth = { ...well, failingSinceUnixMs: 2000 };

test('of what stands in the way of recording the worst is told, of all nodes that could record', () => {
  expect(recordingTrouble([])).toBeNull();
  expect(recordingTrouble([null, well])).toBeNull();
  expect(recordingTrouble([well, low])).toEqual({ is: 'low', usedPercent: 91 });
  expect(recordingTrouble([low, failing])).toEqual({ is: 'failing', sinceUnixMs: 2000 });
  expect(recordingTrouble([low, failing, full])).toEqual({ is: 'full', usedPercent: 99 });
});

test('a copy in the bucket that is behind is told by whole minutes, a reason for it at once; what stops the recording itself is worse', () => {
  const behind = (behindS: number, problem: 'credentials' | null = null): ArchiveHealth => ({
    ...well,
    publishing: { segments: 1, bytes: 1, behindS, problem },
  });
  expect(recordingTrouble([behind(59)])).toBeNull();
  expect(recordingTrouble([behind(150)])).toEqual({ is: 'unpublished', problem: null, behindMinutes: 2 });
  expect(recordingTrouble([behind(0, 'credentials'), well])).toEqual({
    is: 'unpublished',
    problem: 'credentials',
    behindMinutes: 0,
  });
  expect(recordingTrouble([behind(600, 'credentials'), low])).toMatchObject({ is: 'low' });
});
