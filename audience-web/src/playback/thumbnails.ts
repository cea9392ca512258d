import { firstSampleOf, type PictureTrack, pictureTrackOf } from './key-frame-bytes.ts';
import { type KeyFrame, keyFrameAt, readKeyFrames, smallestKeyFrames } from './key-frames.ts';

export interface Thumbnails {
  /**
   * The picture at a moment, once it is there; null where there is none. A question takes the place of one that is still under way,
   * which then rejects.
   */
  at(seconds: number): Promise<ImageBitmap | null>;
  close(): void;
}

const WIDTH = 192;
/** 80 kB each. */
const MAX_KEPT = 120;
/** A pointer that moves on asks for nothing. */
const REST_MS = 60;
const GROWN_AFTER_MS = 5000;

/** Little pictures of a recording, from the key frames of its smallest rendition. null: this browser cannot draw them. */
export function createThumbnails(multivariantUrl: string): Thumbnails | null {
  if (!('VideoDecoder' in window)) return null;
  const closed = new AbortController();
  const kept = new Map<string, ImageBitmap>();
  const tracks = new Map<string, Promise<PictureTrack | null>>();
  let playlist: Promise<string | null> | null = null;
  let listed: { readonly frames: readonly KeyFrame[]; readonly over: boolean; readonly atMs: number } | null =
    null;
  let asked = new AbortController();

  const text = async (url: string): Promise<string> => {
    const response = await fetch(url, { signal: closed.signal });
    return response.ok ? response.text() : '';
  };
  const bytes = async (url: string, signal: AbortSignal, range?: string): Promise<Uint8Array | null> => {
    const response = await fetch(url, { signal, ...(range ? { headers: { range } } : {}) });
    return response.ok ? new Uint8Array(await response.arrayBuffer()) : null;
  };

  async function framesFor(seconds: number): Promise<readonly KeyFrame[]> {
    playlist ??= text(multivariantUrl).then((all) => smallestKeyFrames(all, multivariantUrl));
    const url = await playlist;
    if (url === null) return [];
    const last = listed?.frames.at(-1)?.startS ?? 0;
    const grown = listed !== null && !listed.over && performance.now() - listed.atMs > GROWN_AFTER_MS;
    if (listed === null || (grown && seconds > last)) {
      const all = await text(url);
      listed = {
        frames: readKeyFrames(all, url),
        over: all.includes('#EXT-X-ENDLIST'),
        atMs: performance.now(),
      };
    }
    return listed.frames;
  }

  function trackOf(initUrl: string): Promise<PictureTrack | null> {
    const known = tracks.get(initUrl);
    if (known) return known;
    const track = bytes(initUrl, closed.signal).then((init) => (init ? pictureTrackOf(init) : null));
    tracks.set(initUrl, track);
    // What could not be had is asked for again.
    track.catch(() => tracks.delete(initUrl));
    return track;
  }

  async function pictureOf(frame: KeyFrame, signal: AbortSignal): Promise<ImageBitmap | null> {
    const range = `bytes=${frame.offset}-${frame.offset + frame.length - 1}`;
    const [track, fragment] = await Promise.all([trackOf(frame.initUrl), bytes(frame.url, signal, range)]);
    const sample = track && fragment && firstSampleOf(fragment, track.trackId);
    return sample ? decode(track.description, sample) : null;
  }

  return {
    async at(seconds) {
      asked.abort();
      asked = new AbortController();
      const { signal } = asked;
      const frame = keyFrameAt(await framesFor(seconds), seconds);
      if (frame === undefined) return null;
      const known = kept.get(frame.url);
      if (known) return known;
      await new Promise((resolve) => setTimeout(resolve, REST_MS));
      signal.throwIfAborted();
      closed.signal.throwIfAborted();
      const picture = await pictureOf(frame, signal);
      if (picture === null) return null;
      kept.set(frame.url, picture);
      const oldest = kept.keys().next().value;
      if (kept.size > MAX_KEPT && oldest !== undefined) kept.delete(oldest);
      return picture;
    },
    close() {
      closed.abort();
      asked.abort();
      for (const picture of kept.values()) picture.close();
      kept.clear();
    },
  };
}

/** A key frame needs nothing but itself. Rejects when it cannot be decoded. */
function decode(description: Uint8Array, sample: Uint8Array): Promise<ImageBitmap> {
  return new Promise((resolve, reject) => {
    const decoder = new VideoDecoder({
      output(frame) {
        createImageBitmap(frame, { resizeWidth: WIDTH, resizeQuality: 'medium' })
          .then(resolve, reject)
          .finally(() => frame.close());
      },
      error: reject,
    });
    const profile = [...description.subarray(1, 4)]
      .map((byte) => byte.toString(16).padStart(2, '0'))
      .join('');
    decoder.configure({ codec: `avc1.${profile}`, description, optimizeForLatency: true });
    decoder.decode(new EncodedVideoChunk({ type: 'key', timestamp: 0, data: sample }));
    decoder.flush().then(
      () => decoder.close(),
      // Its error has been told.
      () => undefined,
    );
  });
}
