/** Which key frame stands for a moment: read from the recording's I-frame playlists (RFC 8216bis, 4.4.3.6). Pure. */

/** One key frame, the first picture of its segment. */
export interface KeyFrame {
  /** In what is played, seconds. */
  readonly startS: number;
  readonly url: string;
  /** Bytes of moof and picture, from the file's first. */
  readonly offset: number;
  readonly length: number;
  readonly initUrl: string;
}

const attribute = (line: string, name: string): string | null =>
  new RegExp(`[:,]${name}=(?:"([^"]*)"|([^,]*))`)
    .exec(line)
    ?.slice(1)
    .find((value) => value !== undefined) ?? null;
const linesOf = (text: string): readonly string[] => text.split('\n').map((line) => line.trim());

/** Where the smallest rendition's playlist of key frames is; null: the recording has none. @param url of the multivariant playlist */
export function smallestKeyFrames(multivariant: string, url: string): string | null {
  const found = linesOf(multivariant).flatMap((line) => {
    if (!line.startsWith('#EXT-X-I-FRAME-STREAM-INF:')) return [];
    const uri = attribute(line, 'URI');
    const height = Number(attribute(line, 'RESOLUTION')?.split('x')[1] ?? 0);
    return uri === null ? [] : [{ url: new URL(uri, url).href, height }];
  });
  return found.sort((a, b) => a.height - b.height)[0]?.url ?? null;
}

/** @param url of the playlist */
export function readKeyFrames(playlist: string, url: string): readonly KeyFrame[] {
  const frames: KeyFrame[] = [];
  let initUrl: string | null = null;
  let startS = 0;
  let durationS = 0;
  let range: { readonly offset: number; readonly length: number } | null = null;
  for (const line of linesOf(playlist)) {
    if (line.startsWith('#EXT-X-MAP:')) initUrl = new URL(attribute(line, 'URI') ?? '', url).href;
    else if (line.startsWith('#EXTINF:')) durationS = Number.parseFloat(line.slice('#EXTINF:'.length)) || 0;
    else if (line.startsWith('#EXT-X-BYTERANGE:')) {
      const [, length, offset] = /^#EXT-X-BYTERANGE:(\d+)(?:@(\d+))?$/.exec(line) ?? [];
      range = length === undefined ? null : { length: Number(length), offset: Number(offset ?? 0) };
    } else if (line !== '' && !line.startsWith('#')) {
      if (initUrl !== null && range !== null) {
        frames.push({ startS, url: new URL(line, url).href, ...range, initUrl });
      }
      startS += durationS;
      range = null;
    }
  }
  return frames;
}

/** The one at or before the moment; undefined without any. */
export function keyFrameAt(frames: readonly KeyFrame[], atS: number): KeyFrame | undefined {
  let [low, high] = [0, frames.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((frames[middle]?.startS ?? 0) <= atS + 0.001) low = middle + 1;
    else high = middle;
  }
  return frames[Math.max(0, low - 1)];
}
