/**
 * Parts of a segment that is not closed yet, as they were published: `<segment>.open`, one framed record a part. It is not
 * fsynced: it outlives the process, not the machine. Once the segment itself is durable it goes.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { partName, segmentName } from '../packager/names.ts';
import type { Part } from '../packager/window.ts';

const record = z.object({
  durationMs: z.number().positive(),
  byteLength: z.number().int().nonnegative(),
  independent: z.boolean(),
  gap: z.boolean(),
});

const HEAD_LENGTH = 4;

export const spoolName = (rendition: string, epoch: number, msn: number): string =>
  `${segmentName(rendition, epoch, msn)}.open`;

/** A part's record: length of its JSON (32 bits, big endian), the JSON, the bytes. */
export function spoolRecord({ durationMs, byteLength, independent, gap, data }: Part): Uint8Array[] {
  const json = new TextEncoder().encode(JSON.stringify({ durationMs, byteLength, independent, gap }));
  const head = new Uint8Array(HEAD_LENGTH);
  new DataView(head.buffer).setUint32(0, json.byteLength);
  return data ? [head, json, data] : [head, json];
}

/** The whole parts of a spool; a torn last one is left out. None when there is no spool. */
export async function readSpool(
  folder: string,
  rendition: string,
  epoch: number,
  msn: number,
): Promise<Part[]> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(join(folder, spoolName(rendition, epoch, msn)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: Part[] = [];
  for (let at = 0; at + HEAD_LENGTH <= bytes.byteLength; ) {
    const jsonEnd = at + HEAD_LENGTH + view.getUint32(at);
    if (jsonEnd > bytes.byteLength) break;
    const found = parseRecord(bytes.subarray(at + HEAD_LENGTH, jsonEnd));
    if (!found || jsonEnd + found.byteLength > bytes.byteLength) break;
    const index = parts.length;
    const data = found.gap ? undefined : bytes.slice(jsonEnd, jsonEnd + found.byteLength);
    parts.push({ ...found, index, name: partName(rendition, epoch, msn, index), data });
    at = jsonEnd + found.byteLength;
  }
  return parts;
}

function parseRecord(json: Uint8Array): z.infer<typeof record> | undefined {
  try {
    const parsed = record.safeParse(JSON.parse(new TextDecoder().decode(json)));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined; // torn: what came before counts
  }
}
