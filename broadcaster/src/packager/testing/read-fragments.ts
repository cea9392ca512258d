/** A reader of moof/mdat for tests, written apart from the writer: what samples does a part hold, when? */

export interface ReadSample {
  readonly trackId: number;
  readonly decodeTicks: number;
  readonly durationTicks: number;
  readonly compositionOffsetTicks: number;
  readonly keyframe: boolean;
  readonly data: Uint8Array;
}

interface Box {
  readonly type: string;
  readonly start: number;
  readonly bodyStart: number;
  readonly end: number;
}

function boxes(view: DataView, from: number, to: number): Box[] {
  const found: Box[] = [];
  for (let at = from; at < to; ) {
    const size = view.getUint32(at);
    if (size < 8 || at + size > to) throw new Error(`box of ${size} bytes at ${at}`);
    const type = String.fromCharCode(...[4, 5, 6, 7].map((i) => view.getUint8(at + i)));
    found.push({ type, start: at, bodyStart: at + 8, end: at + size });
    at += size;
  }
  return found;
}

/** A video sample without the parameter sets that the packager puts in front of key frames (NAL units of types 7 and 8). */
export function withoutParameterSets(data: Uint8Array): Uint8Array {
  let at = 0;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  while (at + 5 <= data.byteLength && [7, 8].includes(view.getUint8(at + 4) & 0x1f)) {
    const end = at + 4 + view.getUint32(at);
    if (end > data.byteLength) break;
    at = end;
  }
  return data.subarray(at);
}

/** All samples of a chunk sequence, parameter sets taken off, chunk by chunk and track by track. Throws when anything does not add up. */
export function readFragments(bytes: Uint8Array): ReadSample[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const samples: ReadSample[] = [];
  let moof: Box | undefined;
  for (const top of boxes(view, 0, bytes.byteLength)) {
    if (top.type === 'moof') moof = top;
    else if (top.type === 'mdat' && moof) {
      const before = samples.length;
      const end = readMoof(view, bytes, moof, samples, top);
      if (end !== top.end) throw new Error(`mdat ends at ${top.end}, its samples at ${end}`);
      if (samples.length === before) throw new Error('a chunk without samples');
      moof = undefined;
    } else throw new Error(`unexpected ${top.type}`);
  }
  return samples;
}

function readMoof(view: DataView, bytes: Uint8Array, moof: Box, out: ReadSample[], mdat: Box): number {
  let dataEnd = mdat.bodyStart;
  for (const traf of boxes(view, moof.bodyStart, moof.end)) {
    if (traf.type !== 'traf') continue;
    const children = new Map(boxes(view, traf.bodyStart, traf.end).map((child) => [child.type, child]));
    const [tfhd, tfdt, trun] = ['tfhd', 'tfdt', 'trun'].map((type) => children.get(type));
    if (!tfhd || !tfdt || !trun) throw new Error('traf lacks a box');
    const trackId = view.getUint32(tfhd.bodyStart + 4);
    if (view.getUint8(tfdt.bodyStart) !== 1) throw new Error('tfdt is not version 1');
    let decodeTicks = Number(view.getBigUint64(tfdt.bodyStart + 4));
    const flags = view.getUint32(trun.bodyStart) & 0xffffff;
    const sampleCount = view.getUint32(trun.bodyStart + 4);
    let dataAt = moof.start + view.getInt32(trun.bodyStart + 8);
    if (dataAt !== dataEnd) throw new Error(`data offset ${dataAt}, expected ${dataEnd}`);
    let at = trun.bodyStart + 12;
    for (let i = 0; i < sampleCount; i += 1) {
      const durationTicks = view.getUint32(at);
      const size = view.getUint32(at + 4);
      const keyframe = (view.getUint32(at + 8) & 0x10000) === 0;
      const compositionOffsetTicks = (flags & 0x800) === 0 ? 0 : view.getInt32(at + 12);
      at += (flags & 0x800) === 0 ? 12 : 16;
      const data = withoutParameterSets(bytes.subarray(dataAt, dataAt + size));
      out.push({ trackId, decodeTicks, durationTicks, compositionOffsetTicks, keyframe, data });
      dataAt += size;
      decodeTicks += durationTicks;
    }
    if (at !== trun.end) throw new Error('trun has another length than its samples');
    dataEnd = dataAt;
  }
  return dataEnd;
}
