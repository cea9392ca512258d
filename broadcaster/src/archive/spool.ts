/**
 * Parts of a segment that is not closed yet, as they are published: `<segment>.open`, one framed record a part. Not
 * fsynced: it outlives the process, not the machine. Once the segment itself is durable it goes.
 *
 * The first part of a segment is written before anybody can see it (into the page cache: a tenth of a millisecond every few
 * seconds), so that after `kill -9` its MSN is known to be used; unless the disk hangs (`spool-beginnings.ts`). The others
 * follow by themselves.
 */
import { constants } from 'node:fs';
import { open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { parseMediaName, partName, segmentName } from '../packager/names.ts';
import type { Part, Segment } from '../packager/window.ts';
import { writeWhole } from './disk.ts';
import { beginnings } from './spool-beginnings.ts';

const record = z.object({
  durationMs: z.number().positive(),
  byteLength: z.number().int().nonnegative(),
  independent: z.boolean(),
  gap: z.boolean(),
  keyFrameLength: z.number().int().positive().exactOptional(),
  discontinuity: z.boolean(),
  programDateTimeMs: z.number(),
});

const HEAD_LENGTH = 4;
const SUFFIX = '.open';

const spoolName = (rendition: string, epoch: number, msn: number): string =>
  `${segmentName(rendition, epoch, msn)}${SUFFIX}`;

/** A part's record: length of its JSON (32 bits, big endian), the JSON, the bytes. */
function encode(part: Part, segment: Segment): Uint8Array[] {
  const { durationMs, byteLength, independent, gap, keyFrameLength, data } = part;
  const { discontinuity, programDateTimeMs } = segment;
  const fields: z.infer<typeof record> = {
    durationMs,
    byteLength,
    independent,
    gap,
    ...(keyFrameLength === undefined ? {} : { keyFrameLength }),
    discontinuity,
    programDateTimeMs,
  };
  const json = new TextEncoder().encode(JSON.stringify(fields));
  const head = new Uint8Array(HEAD_LENGTH);
  new DataView(head.buffer).setUint32(0, json.byteLength);
  return data ? [head, json, data] : [head, json];
}

/** A segment that is being spooled. */
interface OpenSpool {
  readonly path: string;
  /** Bytes of whole records in the file. */
  length: number;
  /** Records that are not in it, in order: what could not be written is tried again with the next part. */
  unwritten: Uint8Array[];
}

/** Writes the spools of a channel. */
export class Spool {
  readonly #folder: string;
  readonly #onError: (error: unknown) => void;
  /** Of each rendition the segment that is open. */
  readonly #open = new Map<string, OpenSpool>();
  #writing: Promise<void> = Promise.resolve();

  /** `onError` hears of what could not be spooled; the show goes on without. */
  constructor(folder: string, onError: (error: unknown) => void) {
    this.#folder = folder;
    this.#onError = onError;
    beginnings.start();
  }

  add(rendition: string, segment: Segment, part: Part): void {
    const pieces = encode(part, segment);
    const known = this.#open.get(rendition);
    if (part.index === 0 || !known) {
      const path = join(this.#folder, spoolName(rendition, segment.epoch, segment.msn));
      const spool: OpenSpool = { path, length: 0, unwritten: pieces };
      this.#open.set(rendition, spool);
      this.#begin(spool);
      return;
    }
    known.unwritten.push(...pieces);
    this.#later(() => append(known));
  }

  /** The segment is durable elsewhere. */
  remove(rendition: string, { epoch, msn }: Pick<Segment, 'epoch' | 'msn'>): void {
    this.#later(() => rm(join(this.#folder, spoolName(rendition, epoch, msn)), { force: true }));
  }

  drained(): Promise<void> {
    return this.#writing;
  }

  #begin(spool: OpenSpool): void {
    const pieces = spool.unwritten.length;
    const begun = beginnings.begin(spool.path, spool.unwritten);
    if (begun.written) written(spool, pieces);
    this.#later(async () => {
      await begun.done;
      if (!begun.written) written(spool, pieces);
    });
  }

  #later(work: () => Promise<void>): void {
    this.#writing = this.#writing.then(work).catch(this.#onError);
  }
}

async function append(spool: OpenSpool): Promise<void> {
  const pieces = [...spool.unwritten];
  const file = await open(spool.path, constants.O_WRONLY); // not made anew: it may have been removed already
  try {
    await writeWhole(file, pieces, spool.length);
  } finally {
    await file.close();
  }
  written(spool, pieces.length);
}

function written(spool: OpenSpool, pieces: number): void {
  for (const piece of spool.unwritten.splice(0, pieces)) spool.length += piece.byteLength;
}

/** What a killed process left of one segment. */
export interface SpooledSegment extends Omit<Segment, 'closed'> {
  readonly rendition: string;
}

/** All that was spooled in a channel's folder. A torn last part is left out. */
export async function readSpools(folder: string, renditions: readonly string[]): Promise<SpooledSegment[]> {
  const found: SpooledSegment[] = [];
  for (const rendition of renditions) {
    const names = await readdir(join(folder, rendition), { recursive: true }).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return [];
        throw error;
      },
    );
    for (const name of names) {
      if (!name.endsWith(SUFFIX)) continue;
      const media = parseMediaName(`${rendition}/${name.slice(0, -SUFFIX.length)}`);
      if (media?.kind !== 'segment') continue;
      const spooled = decode(
        await readFile(join(folder, rendition, name)),
        rendition,
        media.epoch,
        media.msn,
      );
      if (spooled) found.push(spooled);
    }
  }
  return found;
}

function decode(
  bytes: Uint8Array,
  rendition: string,
  epoch: number,
  msn: number,
): SpooledSegment | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: Part[] = [];
  let start = { discontinuity: false, programDateTimeMs: 0 };
  for (let at = 0; at + HEAD_LENGTH <= bytes.byteLength; ) {
    const jsonEnd = at + HEAD_LENGTH + view.getUint32(at);
    if (jsonEnd > bytes.byteLength) break;
    const fields = parseRecord(bytes.subarray(at + HEAD_LENGTH, jsonEnd));
    if (!fields || jsonEnd + fields.byteLength > bytes.byteLength) break;
    const { discontinuity, programDateTimeMs, ...part } = fields;
    start = { discontinuity, programDateTimeMs };
    const index = parts.length;
    const data = part.gap ? undefined : bytes.slice(jsonEnd, jsonEnd + part.byteLength);
    parts.push({ ...part, index, name: partName(rendition, epoch, msn, index), data });
    at = jsonEnd + part.byteLength;
  }
  return parts.length === 0 ? undefined : { rendition, msn, epoch, ...start, parts };
}

function parseRecord(json: Uint8Array): z.infer<typeof record> | undefined {
  try {
    const parsed = record.safeParse(JSON.parse(new TextDecoder().decode(json)));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined; // torn: what came before counts
  }
}
