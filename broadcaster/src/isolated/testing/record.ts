/** A track recorded from packets in their own time, and what ffmpeg's tools make of it. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BroadcastSource } from '@rostrum/contracts/node-socket';
import { feedbackKinds } from '../../compositor/testing/rtp-sender.ts';
import { ChunkFiles } from '../chunk-files.ts';
import type { ChunkEntry } from '../journal.ts';
import { type Manifest, type ManifestTake, trackId } from '../manifest.ts';
import { finishTracks } from '../recovery.ts';
import { Track } from '../track.ts';
import { TrackJournal } from '../track-journal.ts';
import type { Sent } from './packets.ts';

const run = promisify(execFile);
export const BEGAN_UNIX_MS = 1_700_000_000_000;

const folders: string[] = [];
export async function channelFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rostrum-tracks-'));
  folders.push(folder);
  return folder;
}
export async function removeFolders(): Promise<void> {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })));
}

export interface Recording {
  readonly folder: string;
  readonly chunks: readonly ChunkEntry[];
  readonly manifest: Manifest;
  readonly counts: Track['counts'];
  /** Requests for key frames and for packets, with their times. */
  readonly asked: readonly { readonly kind: 'nack' | 'pli'; readonly atMs: number }[];
}

/** What comes, at its time: packets of RTP, and reports. */
export type Coming = Sent & { readonly isReport?: boolean };

/**
 * Records what comes as if its times were the clock's.
 * @param folder to go on in
 * @param lastMs when the source is taken away, if later than the last packet
 */
export async function record(
  source: BroadcastSource,
  coming: Iterable<Coming>,
  options: { readonly folder?: string; readonly beganUnixMs?: number; readonly lastMs?: number } = {},
): Promise<Recording> {
  const folder = options.folder ?? (await channelFolder());
  const beganMs = options.beganUnixMs ?? BEGAN_UNIX_MS;
  const journal = await TrackJournal.open(folder);
  await journal.add({ type: 'run', version: 1, channelId: 'show-1', startedUnixMs: BEGAN_UNIX_MS });
  const chunks: ChunkEntry[] = [];
  const asked: { kind: 'nack' | 'pli'; atMs: number }[] = [];
  const { personId, sourceId, codec } = source;
  let nowMs = 0;
  const files = new ChunkFiles({
    journal,
    title: 'Ada',
    nextName: () => journal.nextName(trackId(personId, source.source)),
    async beginTake() {
      const take = journal.newTake();
      await journal.add({
        type: 'take',
        take,
        personId,
        name: 'Ada',
        source: source.source,
        sourceId,
        codec,
      });
      return take;
    },
    onChunk: (chunk) => chunks.push(chunk),
    onBroken: (error) => {
      throw error;
    },
  });
  const track = new Track({
    source,
    protection: { openRtp: (p) => p, openRtcp: (p) => p, sealRtcp: (p) => p },
    sendRtcp: (packet) => asked.push(...feedbackKinds(packet).map((kind) => ({ kind, atMs: nowMs }))),
    onSteps: (steps) => files.push(steps),
  });
  const until = (ms: number): void => {
    for (; nowMs + 100 <= ms; ) {
      nowMs += 100;
      track.tick(beganMs + nowMs);
    }
    nowMs = Math.max(nowMs, ms);
  };
  for (const one of coming) {
    until(one.atMs);
    if (one.isReport) track.rtcp(one.packet, beganMs + one.atMs);
    else track.rtp(one.packet, beganMs + one.atMs);
    // Else a show of minutes is in memory at once.
    if (track.counts.packets % 500 === 0) await files.drained();
  }
  until(options.lastMs ?? 0);
  track.finish(beganMs + nowMs);
  await files.drained();
  await journal.close();
  await finishTracks(folder, 'show-1');
  const manifest = JSON.parse(await readFile(join(folder, 'tracks/manifest.json'), 'utf8')) as Manifest;
  return { folder, chunks, manifest, counts: track.counts, asked };
}

export interface Probed {
  readonly durationS: number;
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  /** Of each packet, seconds. */
  readonly times: readonly number[];
  readonly keys: readonly boolean[];
}

export async function probe(file: string): Promise<Probed> {
  const { stdout } = await run(
    'ffprobe',
    [
      '-v',
      'error',
      '-of',
      'json',
      '-show_entries',
      'format=duration:stream=codec_name,width,height:packet=pts_time,flags',
      file,
    ],
    { maxBuffer: 1 << 26 },
  );
  const said = JSON.parse(stdout) as {
    format: { duration?: string };
    streams: { codec_name: string; width?: number; height?: number }[];
    packets: { pts_time: string; flags: string }[];
  };
  const [stream] = said.streams;
  return {
    durationS: Number(said.format.duration),
    codec: stream?.codec_name ?? '',
    width: stream?.width ?? 0,
    height: stream?.height ?? 0,
    times: said.packets.map(({ pts_time }) => Number(pts_time)),
    keys: said.packets.map(({ flags }) => flags.startsWith('K')),
  };
}

/** Decodes all of it. @returns frames (of sound: sample frames); rejects when ffmpeg finds anything wrong */
export async function decode(
  file: string,
): Promise<{ readonly frames: number; readonly complaints: string }> {
  const { stdout, stderr } = await run(
    'ffmpeg',
    [
      '-v',
      'warning',
      '-xerror',
      '-i',
      file,
      '-f',
      'framehash',
      '-hash',
      'adler32',
      '-fps_mode',
      'passthrough',
      '-',
    ],
    { maxBuffer: 1 << 27 },
  );
  return { frames: stdout.split('\n').filter((line) => /^\d/.test(line)).length, complaints: stderr };
}

/** One file of a take, as docs/tracks.md says to make it. */
export async function joined({ folder }: Pick<Recording, 'folder'>, take: ManifestTake): Promise<string> {
  const out = join(folder, `take-${take.take}.mkv`);
  const list = join(folder, 'tracks', take.list);
  await run('ffmpeg', ['-v', 'error', '-y', '-i', list, '-c', 'copy', out]);
  return out;
}
