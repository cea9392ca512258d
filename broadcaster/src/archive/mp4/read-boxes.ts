/** A reader of the boxes that our packager writes, over bytes that may end early. Pure. */
import { DamagedError } from './damaged.ts';

export interface ReadBox {
  readonly type: string;
  /** Of its header, and of what is in it. */
  readonly start: number;
  readonly body: number;
  readonly end: number;
}

export const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** What a box says of itself. Throws a `DamagedError` when that cannot be. */
export function boxAt(view: DataView, start: number): ReadBox {
  if (start + 8 > view.byteLength) throw new DamagedError(`a box ends within its header at ${start}`);
  const size = view.getUint32(start);
  if (size < 8) throw new DamagedError(`a box of ${size} bytes at ${start}`);
  const type = String.fromCharCode(...[4, 5, 6, 7].map((i) => view.getUint8(start + i)));
  return { type, start, body: start + 8, end: start + size };
}

/** Boxes side by side that fill `from` to `to`. */
export function boxesIn(view: DataView, from: number, to: number): ReadBox[] {
  const found: ReadBox[] = [];
  for (let at = from; at < to; ) {
    const box = boxAt(view, at);
    if (box.end > to) throw new DamagedError(`${box.type} ends at ${box.end}, behind ${to}`);
    found.push(box);
    at = box.end;
  }
  return found;
}

/** The first of a type in it, which has to be there. */
export function childOf(view: DataView, parent: ReadBox, type: string): ReadBox {
  const child = boxesIn(view, parent.body, parent.end).find((box) => box.type === type);
  if (!child) throw new DamagedError(`${parent.type} has no ${type}`);
  return child;
}
