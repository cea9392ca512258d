import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ChannelArchive, openChannelArchive } from '@rostrum/broadcaster/archive';
import { archiveMetrics } from '@rostrum/broadcaster/archive-metrics';
import { LADDER, ZERO_UNIX_MS } from '@rostrum/broadcaster/testing/synthetic';
import { PROFILES } from '@rostrum/contracts/profile';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import type { Verdict } from './verdict.ts';

export const PROFILE = PROFILES.standard;

export const openArchive = (archiveDir: string): Promise<ChannelArchive> =>
  openChannelArchive({
    archiveDir,
    channelId: 'show',
    profile: PROFILE,
    ladder: LADDER,
    logger: pino({ level: 'silent' }),
    metrics: archiveMetrics(new Registry()),
    nowUnixMs: () => ZERO_UNIX_MS,
  });

/** Hashes of acknowledged segments by `RENDITION EPOCH MSN`, of what writers said. */
export function segmentsOf(lines: readonly string[]): Map<string, string> {
  const segments = new Map<string, string>();
  for (const line of lines) {
    const [, name, hash] = /^ack (\S+ \d+ \d+) ([0-9a-f]{64})$/.exec(line) ?? [];
    if (name !== undefined && hash !== undefined) segments.set(name, hash);
  }
  return segments;
}

/** Opens the folder as the broadcaster does after a crash, and counts what is not as it was acknowledged. */
export async function checkArchive(
  archiveDir: string,
  acknowledged: ReadonlyMap<string, string>,
): Promise<Verdict> {
  const archive = await openArchive(archiveDir);
  const verdict = { acknowledged: acknowledged.size, lost: 0, doubled: 0 };
  const found = new Map<string, number>();
  for (const [rendition, segments] of archive.recovered.segments) {
    for (const [at, { epoch, msn, parts }] of segments.entries()) {
      if (msn !== (segments[0]?.msn ?? 0) + at) verdict.doubled += 1;
      if (parts.some((part) => part.gap)) continue;
      const name = `${rendition} ${epoch} ${msn}`;
      found.set(name, (found.get(name) ?? 0) + 1);
    }
  }
  for (const [name, hash] of acknowledged) {
    const times = found.get(name) ?? 0;
    if (times > 1) verdict.doubled += 1;
    const [rendition, epoch, msn] = name.split(' ');
    const file = join(archive.folder, `${rendition}/e${epoch}/s${msn}.mp4`);
    const bytes = times === 0 ? null : await readFile(file).catch(() => null);
    if (!bytes || createHash('sha256').update(bytes).digest('hex') !== hash) verdict.lost += 1;
  }
  await archive.drained();
  return verdict;
}
