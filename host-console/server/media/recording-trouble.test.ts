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
