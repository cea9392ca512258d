/** An ended channel on disk, really encoded, with all that makes a recording uneven; and what ffprobe reads of files. */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PROFILES } from '@rostrum/contracts/profile';
import { Registry } from 'prom-client';
import { silentLogger } from '../../../origin/testing/house.ts';
import { createChannelOutput } from '../../../output/channel-output.ts';
import { asEvents, encodeRealStream, SMALL_LADDER } from '../../../packager/testing/real-samples.ts';
import { ZERO_UNIX_MS } from '../../../packager/testing/synthetic.ts';
import { JOURNAL_NAME, readJournal } from '../../journal.ts';
import { type PlannedSegment, planOf } from '../plan.ts';

const run = promisify(execFile);
export const profile = PROFILES.standard;

/**
 * Two lives of a compositor, of five segments and of a little over three. In the first the large pictures stay away for one segment; in the
 * second half a second of sound does, and the sound began before the pictures.
 */
export async function writeShow(archiveDir: string, channelId = 'show'): Promise<void> {
  const stream = await encodeRealStream(profile, 9.6);
  const first = stream.samples.filter(
    ({ track, dtsNs }) => track !== 'large' || dtsNs < 3.84e9 - 1 || dtsNs > 5.76e9 - 1,
  );
  const second = stream.samples.filter(
    ({ track, dtsNs }) => dtsNs < 6.2e9 && (track !== 'audio' || dtsNs < 2.5e9 || dtsNs > 3e9),
  );
  const output = await createChannelOutput({
    ...{ archiveDir, channelId, profile, ladder: SMALL_LADDER, logger: silentLogger },
    clock: { nowUnixMs: () => ZERO_UNIX_MS, monotonicMs: () => 0 },
    metrics: new Registry(),
  });
  const lives = [
    asEvents({ ...stream, samples: first }, { number: 1, timelineZeroUnixMs: ZERO_UNIX_MS }),
    asEvents({ ...stream, samples: second }, { number: 2, timelineZeroUnixMs: ZERO_UNIX_MS + 30_000 }),
  ];
  for (const events of lives) for (const event of events) output.push(event);
  await output.end();
}

export interface Packet {
  readonly kind: 'video' | 'audio';
  readonly ptsS: number;
  readonly hash: string;
  readonly key: boolean;
}

/** What ffprobe reads of a file, in its order. It must not complain. */
export async function packetsOf(path: string): Promise<Packet[]> {
  const { stdout, stderr } = await run(
    'ffprobe',
    [
      ...['-v', 'error', '-of', 'json', '-show_data_hash', 'md5'],
      ...['-show_entries', 'packet=codec_type,pts_time,data_hash,flags', path],
    ],
    { maxBuffer: 2 ** 28 },
  );
  if (stderr !== '') throw new Error(stderr);
  const { packets } = JSON.parse(stdout) as { packets: Record<string, string>[] };
  return packets.map((packet) => ({
    kind: packet.codec_type === 'video' ? 'video' : 'audio',
    ptsS: Number(packet.pts_time),
    hash: packet.data_hash ?? '',
    key: packet.flags?.startsWith('K') ?? false,
  }));
}

export async function planFor(folder: string, rendition: string, cuts = []): Promise<PlannedSegment[]> {
  const { entries } = await readJournal(join(folder, JOURNAL_NAME));
  return planOf(entries, SMALL_LADDER, rendition, cuts);
}

/** What goes on as one coded stream, as a file each that ffprobe reads: init and segments; and when it begins by the playlist. */
export async function stretchesOf(
  folder: string,
  plan: readonly PlannedSegment[],
  scratch: string,
): Promise<{ readonly path: string; readonly startMs: number }[]> {
  const stretches: { path: string; startMs: number }[] = [];
  let startMs = 0;
  for (let i = 0; i < plan.length; ) {
    const stretch = { path: join(scratch, `stretch-${i}.mp4`), startMs };
    const files = [plan[i]?.init ?? ''];
    do {
      files.push(plan[i]?.file ?? '');
      startMs += plan[i]?.durationMs ?? 0;
      i += 1;
    } while (plan[i]?.goesOn);
    const bytes = await Promise.all(files.map((file) => readFile(join(folder, file))));
    await writeFile(stretch.path, Buffer.concat(bytes));
    stretches.push(stretch);
  }
  return stretches;
}

/** The packets of segments as ffprobe reads them, at the times that the playlist gives them. */
export async function packetsOfSegments(
  folder: string,
  plan: readonly PlannedSegment[],
  scratch: string,
): Promise<Packet[]> {
  const packets: Packet[] = [];
  for (const { path, startMs } of await stretchesOf(folder, plan, scratch)) {
    const read = await packetsOf(path);
    const zeroS = (read.find(({ kind }) => kind === 'video') ?? read[0])?.ptsS ?? 0;
    packets.push(...read.map((packet) => ({ ...packet, ptsS: packet.ptsS - zeroS + startMs / 1000 })));
  }
  return packets;
}
