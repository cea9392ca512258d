/** What isolated tracks there are of a channel: one JSON line each, only ever appended to. */
import { Id, MediaSource } from '@rostrum/contracts';
import { z } from 'zod';
import { readJsonLines } from '../archive/json-lines.ts';

/** In the channel's folder. */
export const TRACKS_FOLDER = 'tracks';
export const TRACKS_JOURNAL = 'tracks/journal.jsonl';
export const TRACKS_MANIFEST = 'tracks/manifest.json';

/** Unix ms by the programme's clock (EXT-X-PROGRAM-DATE-TIME), with fractions. */
const moment = z.number().nonnegative();
const count = z.int().nonnegative();
const size = z.object({ width: count, height: count });
const Codec = z.enum(['VP8', 'VP9', 'H264', 'OPUS']);
/** Of a chunk; relative to the channel's folder. */
const file = z.string().regex(/^tracks\/[A-Za-z0-9_-]{1,80}\/[1-9][0-9]{0,8}\.(?:webm|mkv)$/);
/** Of a chunk, or of a take's list. */
const anyFile = z.union([file, z.string().regex(/^tracks\/[A-Za-z0-9_-]{1,80}\/take-[0-9]{1,9}\.ffconcat$/)]);

const entry = z.discriminatedUnion('type', [
  /** A process began to record. */
  z.object({ type: z.literal('run'), version: z.literal(1), channelId: z.string(), startedUnixMs: moment }),
  /** Somebody's camera, microphone or screen began, or began anew: it has a clock of its own. Numbered over the channel. */
  z.object({
    type: z.literal('take'),
    take: count,
    personId: Id,
    /** As the person was called then; null: it was not told. */
    name: z.string().nullable(),
    source: MediaSource,
    sourceId: Id,
    codec: Codec,
  }),
  /** A chunk's file is begun. */
  z.object({ type: z.literal('open'), take: count, file, fromUnixMs: moment, size: size.nullable() }),
  /** It is on disk. */
  z.object({
    type: z.literal('chunk'),
    take: count,
    file,
    fromUnixMs: moment,
    toUnixMs: moment,
    size: size.nullable(),
    frames: count,
    byteLength: count,
  }),
  /** Who is in it wants it deleted: it is nobody's from here on, and its file gone, or going. */
  z.object({ type: z.literal('erased'), file: anyFile }),
  /** Of the files that are erased so many, from the first on, are gone from the bucket too. */
  z.object({ type: z.literal('copiesErased'), files: count }),
]);
export type TrackEntry = z.infer<typeof entry>;
export type TakeEntry = Extract<TrackEntry, { type: 'take' }>;
export type OpenEntry = Extract<TrackEntry, { type: 'open' }>;
export type ChunkEntry = Extract<TrackEntry, { type: 'chunk' }>;

/** A line. It begins with an end of line as well: the one before it may be torn. */
export const trackLine = (value: TrackEntry): string => `\n${JSON.stringify(value)}\n`;

/** Of a file that is not there: nothing. Rejects with the file system's error. */
export const readTracks = (path: string): Promise<TrackEntry[]> => readJsonLines(entry, path);

export interface TrackState {
  readonly takes: ReadonlyMap<number, TakeEntry>;
  readonly chunks: readonly ChunkEntry[];
  /** Begun, and not told to be on disk. */
  readonly open: readonly OpenEntry[];
  /** Deleted, since who is in them wants it: in no list above. In their order. */
  readonly erased: ReadonlySet<string>;
  /** Of these so many, from the first on, are known to be gone from the bucket. */
  readonly copiesErased: number;
  /** By take: when its first chunk began, erased or not. */
  readonly beganUnixMs: ReadonlyMap<number, number>;
  /** Of the first run; null: there was none. */
  readonly startedUnixMs: number | null;
}

export function stateOf(entries: readonly TrackEntry[]): TrackState {
  const takes = new Map<number, TakeEntry>();
  const chunks = new Map<string, ChunkEntry>();
  const open = new Map<string, OpenEntry>();
  const erased = new Set<string>();
  const beganUnixMs = new Map<number, number>();
  let copiesErased = 0;
  let startedUnixMs: number | null = null;
  for (const one of entries) {
    switch (one.type) {
      case 'run':
        startedUnixMs ??= one.startedUnixMs;
        break;
      case 'take':
        takes.set(one.take, one);
        break;
      case 'open':
        open.set(one.file, one);
        beganUnixMs.set(one.take, Math.min(beganUnixMs.get(one.take) ?? one.fromUnixMs, one.fromUnixMs));
        break;
      case 'chunk':
        open.delete(one.file);
        chunks.set(one.file, one);
        beganUnixMs.set(one.take, Math.min(beganUnixMs.get(one.take) ?? one.fromUnixMs, one.fromUnixMs));
        break;
      case 'erased':
        erased.add(one.file);
        break;
      case 'copiesErased':
        copiesErased = one.files;
        break;
    }
  }
  // Whatever else is told of them, before or later.
  const kept = ({ file }: { readonly file: string }): boolean => !erased.has(file);
  return {
    takes,
    chunks: [...chunks.values()].filter(kept),
    open: [...open.values()].filter(kept),
    erased,
    copiesErased,
    beganUnixMs,
    startedUnixMs,
  };
}
