/**
 * All playlists of a channel, fetched every 100 ms from its first to its last moment, each parsed by hls-parser in strict
 * mode; and each part the moment it is listed, for mp4box.js later on.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { strictParse } from '@rostrum/broadcaster/testing/strict-parse';
import { parse, types } from 'hls-parser';

const SNAPSHOT_INTERVAL_MS = 100;

export interface LifeOfPlaylists {
  readonly snapshots: number;
  /** What hls-parser held to be wrong, with the playlist. */
  readonly refused: readonly string[];
  /** Bytes of every part by its address. */
  readonly parts: ReadonlyMap<string, Uint8Array>;
}

/**
 * `urls`: the multivariant playlist and the media playlists. Ends when each media playlist has its ENDLIST, or when
 * aborted. Playlists that are not there yet are asked for again.
 */
export async function followPlaylists(
  urls: readonly string[],
  signal: AbortSignal,
): Promise<LifeOfPlaylists> {
  const refused: string[] = [];
  const fetched = new Map<string, Promise<Uint8Array>>();
  let snapshots = 0;
  /** `look` says whether there is no more to come; what it throws is a playlist refused. */
  const follow = async (url: string, look: (text: string) => boolean): Promise<void> => {
    for (let ended = false; !ended; await sleep(SNAPSHOT_INTERVAL_MS, undefined, { signal })) {
      const answer = await fetch(url, { signal });
      const text = await answer.text();
      if (answer.status === 404 && snapshots === 0) continue;
      if (answer.status !== 200) throw new Error(`${answer.status} for ${url}`);
      snapshots += 1;
      try {
        ended = look(text);
      } catch (error) {
        refused.push(`${error}\n${text}`);
      }
    }
  };
  const followMedia = (url: string): Promise<void> =>
    follow(url, (text) => {
      const playlist = strictParse(text);
      for (const { uri, hint } of playlist.segments.flatMap((segment) => [...segment.parts])) {
        if (hint) continue;
        const part = new URL(uri, url).href;
        if (!fetched.has(part)) fetched.set(part, bytesOf(part));
      }
      return playlist.endlist;
    });
  const [multivariant, ...media] = urls;
  if (multivariant === undefined) throw new Error('no playlists to follow');
  let running = true;
  const followMultivariant = (): Promise<void> =>
    follow(multivariant, (text) => {
      if (!(parse(text) instanceof types.MasterPlaylist)) throw new Error('not a multivariant playlist');
      return !running;
    });
  const all = Promise.all(media.map(followMedia)).finally(() => {
    running = false;
  });
  await Promise.all([all, followMultivariant()]);
  const parts = new Map(
    await Promise.all([...fetched].map(async ([url, bytes]) => [url, await bytes] as const)),
  );
  return { snapshots, refused, parts };
}

/** A body over HTTP; rejects for any status but 200. */
export async function bytesOf(url: string): Promise<Uint8Array> {
  const answer = await fetch(url);
  if (answer.status !== 200) throw new Error(`${answer.status} for ${url}`);
  return new Uint8Array(await answer.arrayBuffer());
}
