/** A recording against what viewers were given of it while it was live. */
import type { MediaPlaylist } from '@rostrum/conformance/media-playlist';
import { bytesOf, type SeenSegment } from './rendition-viewer.ts';

export interface Recorded {
  readonly name: string;
  /** Its VOD playlist. */
  readonly playlist: MediaPlaylist;
  /** null: it is not there. */
  file(uri: string): Promise<Uint8Array | null>;
}

export interface Comparison {
  /** Whole segments that viewers had and that are as they had them. */
  readonly same: number;
  /** Whole segments that are not, in words. */
  readonly wrong: readonly string[];
  /** Media sequence numbers of which parts that viewers had are missing at the end. */
  readonly cut: readonly number[];
}

/**
 * What was whole has to be there byte for byte, also where another rendition stands in for it in the playlist. Of what was open
 * when nobody went on with it, all that is there has to be what viewers had, part for part.
 */
export async function compare(seen: Iterable<SeenSegment>, recorded: Recorded): Promise<Comparison> {
  const listed = new Set(recorded.playlist.segments.map(({ uri }) => uri));
  const wrong: string[] = [];
  const cut: number[] = [];
  let same = 0;
  for (const { msn, parts, closed } of seen) {
    const hasGap = closed?.gap || parts.some((part) => part?.bytes === 'gap');
    const uri = closed?.uri ?? parts.find((part) => part)?.uri.replace(/\.p\d+\.mp4$/, '.mp4');
    if (uri === undefined || closed?.gap) continue;
    const file = await recorded.file(uri);
    const say = (what: string): void => void wrong.push(`${recorded.name} ${msn} (${uri}): ${what}`);
    if (closed && (!file || (!listed.has(uri) && !hasGap))) say(file ? 'not in the playlist' : 'not there');
    const data = file ?? new Uint8Array();
    let at = 0;
    let missing = false;
    for (const part of parts) {
      if (!part || part.bytes === 'unseen') break; // of which nobody knows where it ends
      if (part.bytes === 'gap') continue;
      const { hash, byteLength } = part.bytes;
      if (at >= data.byteLength) missing = true;
      else if (bytesOf(data.subarray(at, at + byteLength)).hash !== hash) say(`other bytes in ${part.uri}`);
      at += byteLength;
    }
    if (closed?.bytes && bytesOf(data).hash !== closed.bytes.hash) say('other bytes');
    else if (closed?.bytes) same += 1;
    if (missing && !closed) cut.push(msn);
  }
  return { same, wrong, cut };
}

/** Where the coded stream of a rendition does not simply go on, and where its playlist says so. In words, what does not agree. */
export function discontinuityFaults(recordings: readonly Recorded[]): string[] {
  const faults: string[] = [];
  const said = recordings.map(({ name, playlist }) => {
    let count = 0;
    let before: { source: string; epoch: string; msn: number } | undefined;
    const counts = new Map<number, number>();
    for (const { uri, tags, programDateTimeMs } of playlist.segments) {
      const [, source = '', epoch = '', msn = ''] = /([^/]+)\/e(\d+)\/s(\d+)\.mp4$/.exec(uri ?? '') ?? [];
      const here = tags.filter((tag) => tag === 'EXT-X-DISCONTINUITY').length;
      const goesOn = before?.source === source && before.epoch === epoch && before.msn + 1 === Number(msn);
      if (before && !goesOn && here === 0) faults.push(`${name}: none before ${uri}`);
      before = { source, epoch, msn: Number(msn) };
      count += here;
      if (programDateTimeMs !== null) counts.set(programDateTimeMs, count);
    }
    return counts;
  });
  const [first = new Map<number, number>(), ...others] = said;
  for (const [i, counts] of others.entries()) {
    for (const [ms, count] of counts) {
      const its = first.get(ms);
      if (its !== undefined && its !== count)
        faults.push(
          `${recordings[i + 1]?.name}: ${count} before ${new Date(ms).toISOString()}, elsewhere ${its}`,
        );
    }
  }
  return faults;
}
