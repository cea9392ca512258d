import type { ArchiveHealth, RecordingTrouble } from '@rostrum/contracts';

/** Full is worse than failing: it is why, and who makes room mends both. */
const RANK: Readonly<Record<RecordingTrouble['is'], number>> = {
  full: 0,
  failing: 1,
  low: 2,
  unpublished: 3,
};

/** The worst that stands in the way of recording, of these archives; null: nothing. */
export function recordingTrouble(archives: readonly (ArchiveHealth | null)[]): RecordingTrouble | null {
  const [worst] = archives
    .flatMap((archive) => troubles(archive))
    .toSorted((a, b) => RANK[a.is] - RANK[b.is]);
  return worst ?? null;
}

function troubles(archive: ArchiveHealth | null): RecordingTrouble[] {
  if (!archive) return [];
  const { disk, usedShare, failingSinceUnixMs, publishing } = archive;
  const found: RecordingTrouble[] = [];
  if (failingSinceUnixMs !== null) found.push({ is: 'failing', sinceUnixMs: failingSinceUnixMs });
  // Rounded down: nobody is told of 100 % while there is room.
  if (disk !== 'ample') found.push({ is: disk, usedPercent: Math.floor(usedShare * 100) });
  if (publishing) {
    const { problem, behindS } = publishing;
    const behindMinutes = Math.floor(behindS / 60);
    if (problem !== null || behindMinutes > 0) found.push({ is: 'unpublished', problem, behindMinutes });
  }
  return found;
}
