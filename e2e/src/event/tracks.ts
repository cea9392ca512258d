/** Isolated tracks of a show, as docs/tracks.md says to read them. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { clocksIn, complaintsOf, copyTo, durationMsOf } from './decoded.ts';
import { drawnUnixMs, type Stretch } from './holes.ts';

const Manifest = z.object({
  startUnixMs: z.number(),
  tracks: z.array(
    z.object({
      id: z.string(),
      source: z.enum(['camera', 'mic', 'screen', 'screenAudio']),
      takes: z.array(z.object({ take: z.number(), fromMs: z.number(), toMs: z.number(), list: z.string() })),
    }),
  ),
});
export type Manifest = z.infer<typeof Manifest>;

/** What a camera of a live clock sends (`../panelist/live-clock.ts`): all of it is its clock's. */
const CAMERA = { x: 0, y: 0, width: 640, height: 360 };
const DURATION_MS = 100;

export interface ReadTrack {
  readonly id: string;
  readonly source: Manifest['tracks'][number]['source'];
  readonly takes: readonly Stretch[];
  /** In words. */
  readonly faults: readonly string[];
  /** Of a camera: where its pictures lie by the manifest, and when they were drawn. */
  readonly pictures: readonly { readonly atUnixMs: number; readonly drawnAtUnixMs: number }[];
}

/** null: the channel has not ended yet. */
export async function manifestIn(tracksFolder: string): Promise<Manifest | null> {
  const text = await readFile(join(tracksFolder, 'manifest.json'), 'utf8').catch(() => null);
  return text === null ? null : Manifest.parse(JSON.parse(text));
}

/** @param into where files may be written */
export async function readTracks(tracksFolder: string, into: string): Promise<ReadTrack[]> {
  const manifest = await manifestIn(tracksFolder);
  if (!manifest) throw new Error('there is no manifest');
  const read: ReadTrack[] = [];
  for (const { id, source, takes } of manifest.tracks) {
    const faults: string[] = [];
    const pictures: { atUnixMs: number; drawnAtUnixMs: number }[] = [];
    for (const { take, fromMs, toMs, list } of takes) {
      const file = join(into, `${source}-${take}.mkv`);
      faults.push(await copyTo(file, join(tracksFolder, list)), await complaintsOf(file));
      const lastsMs = await durationMsOf(file);
      if (Math.abs(lastsMs - (toMs - fromMs)) > DURATION_MS)
        faults.push(`take ${take} lasts ${lastsMs} ms of ${toMs - fromMs}`);
      if (source !== 'camera') continue;
      for (const { atMs, reading } of await clocksIn(file, CAMERA, CAMERA)) {
        const atUnixMs = manifest.startUnixMs + fromMs + atMs;
        if (reading !== null) pictures.push({ atUnixMs, drawnAtUnixMs: drawnUnixMs(reading, atUnixMs) });
      }
    }
    read.push({
      ...{ id, source, pictures, faults: faults.filter((fault) => fault !== '') },
      takes: takes.map(({ fromMs, toMs }) => ({
        fromUnixMs: manifest.startUnixMs + fromMs,
        toUnixMs: manifest.startUnixMs + toMs,
      })),
    });
  }
  return read;
}
