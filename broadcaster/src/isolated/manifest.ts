/** What an editor needs to lay the tracks of a show over one another. Pure; documented in docs/tracks.md. */
import type { BroadcastSource } from '@rostrum/contracts/node-socket';
import type { ChunkEntry, TrackState } from './journal.ts';

export interface ManifestChunk {
  /** Relative to the manifest. */
  readonly file: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly size: { readonly width: number; readonly height: number } | null;
  readonly frames: number;
  readonly byteLength: number;
}

export interface ManifestTake {
  readonly take: number;
  readonly sourceId: string;
  readonly codec: BroadcastSource['codec'];
  readonly fromMs: number;
  readonly toMs: number;
  /** List for ffmpeg's `concat`, relative to the manifest. It begins at `fromMs`. */
  readonly list: string;
  readonly chunks: readonly ManifestChunk[];
}

export interface ManifestTrack {
  /** Also the name of its folder. */
  readonly id: string;
  readonly personId: string;
  readonly name: string | null;
  readonly source: BroadcastSource['source'];
  readonly takes: readonly ManifestTake[];
}

/** Times are milliseconds since `startUnixMs`, but where a name says otherwise. */
export interface Manifest {
  readonly version: 1;
  readonly channelId: string;
  /** By the programme's clock: subtract it from EXT-X-PROGRAM-DATE-TIME to find a place in the recording. */
  readonly startUnixMs: number;
  readonly tracks: readonly ManifestTrack[];
}

export const trackId = (personId: string, source: BroadcastSource['source']): string =>
  `${personId}-${source}`;
export const listName = (id: string, take: number): string => `${id}/take-${take}.ffconcat`;

const micro = (ms: number): number => Math.round(ms * 1000) / 1000;

export function manifestOf(channelId: string, state: TrackState): Manifest {
  const startUnixMs = Math.floor(
    // Of those that are erased too: times stay what they were for who cut by them.
    [...state.beganUnixMs.values()].reduce(
      (least, began) => Math.min(least, began),
      state.startedUnixMs ?? 0,
    ),
  );
  const chunksOf = Map.groupBy(state.chunks, ({ take }) => take);
  const tracks = new Map<string, ManifestTrack & { takes: ManifestTake[] }>();
  for (const take of [...state.takes.values()].sort((a, b) => a.take - b.take)) {
    const chunks = (chunksOf.get(take.take) ?? []).toSorted((a, b) => a.fromUnixMs - b.fromUnixMs);
    const [first, last] = [chunks[0], chunks.at(-1)];
    if (!first || !last) continue;
    const { personId, source } = take;
    const id = trackId(personId, source);
    const track = tracks.get(id) ?? { id, personId, name: null, source, takes: [] };
    track.takes.push({
      take: take.take,
      sourceId: take.sourceId,
      codec: take.codec,
      fromMs: micro(first.fromUnixMs - startUnixMs),
      toMs: micro(last.toUnixMs - startUnixMs),
      list: listName(id, take.take),
      chunks: chunks.map((chunk) => ({
        file: withoutFolder(chunk.file),
        fromMs: micro(chunk.fromUnixMs - startUnixMs),
        toMs: micro(chunk.toUnixMs - startUnixMs),
        size: chunk.size,
        frames: chunk.frames,
        byteLength: chunk.byteLength,
      })),
    });
    tracks.set(id, { ...track, name: take.name ?? track.name });
  }
  return { version: 1, channelId, startUnixMs, tracks: [...tracks.values()] };
}

/** Paths in it are relative to the manifest's folder. */
const withoutFolder = (file: ChunkEntry['file']): string => file.slice(file.indexOf('/') + 1);

/**
 * A take for `ffmpeg -f concat`. Each chunk lasts until the next one begins, so that gaps between them stay gaps. File names are
 * relative to the list, which lies beside its chunks.
 */
export function concatList(take: ManifestTake): string {
  const lines = take.chunks.map((chunk, i) => {
    const untilMs = take.chunks[i + 1]?.fromMs ?? chunk.toMs;
    return `file '${withoutFolder(chunk.file)}'\nduration ${((untilMs - chunk.fromMs) / 1000).toFixed(6)}\n`;
  });
  return `ffconcat version 1.0\n${lines.join('')}`;
}
