/** Reads the headers of a segment's file, and passes over its media data. */
import { readSync } from 'node:fs';
import { DamagedError } from './damaged.ts';
import { type Run, readMoof } from './fragments.ts';
import { boxAt, viewOf } from './read-boxes.ts';

/** A moof of a part has less than half of it. */
const AHEAD_BYTES = 4096;

/** All samples of a segment, in the order of its file. Throws a `DamagedError`, or the file system's error. */
export function scanSegment(fd: number, byteLength: number): Run[] {
  const runs: Run[] = [];
  for (let at = 0; at < byteLength; ) {
    const ahead = readAt(fd, at, Math.min(AHEAD_BYTES, byteLength - at));
    const box = boxAt(viewOf(ahead), 0);
    if (at + box.end > byteLength) throw new DamagedError(`${box.type} reaches beyond the end of its file`);
    if (box.type === 'moof') {
      const moof = box.end <= ahead.byteLength ? ahead.subarray(0, box.end) : readAt(fd, at, box.end);
      runs.push(...readMoof(moof, at));
    } else if (box.type !== 'mdat') throw new DamagedError(`${box.type} among fragments`);
    at += box.end;
  }
  return runs;
}

function readAt(fd: number, position: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  for (let done = 0; done < length; ) {
    const read = readSync(fd, bytes, done, length - done, position + done);
    if (read === 0) throw new DamagedError('a file that is shorter than its journal says');
    done += read;
  }
  return bytes;
}
