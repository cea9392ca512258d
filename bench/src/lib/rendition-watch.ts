/** Follows every rendition of a live channel as it is listed, and keeps what each part held. */
import { setTimeout } from 'node:timers/promises';
import { summarise } from '@rostrum/conformance/media';
import { FRAME_RATE } from '@rostrum/contracts/profile';

export interface ListedPart {
  readonly rendition: string;
  /** Programme date of its beginning, Unix ms. */
  readonly atUnixMs: number;
  readonly durationMs: number;
  readonly gap: boolean;
  /** Pictures in it; null of sound alone, or when it was gone before it could be read. */
  readonly frames: number | null;
}

export interface RenditionWatch {
  readonly parts: readonly ListedPart[];
  stop(): Promise<void>;
}

const EVERY_MS = 500;

/** @param multivariant address of the channel's multivariant playlist */
export async function watchRenditions(multivariant: string): Promise<RenditionWatch> {
  const text = await (await fetch(multivariant)).text();
  const uris = [...text.matchAll(/^(?!#)(\S+\.m3u8)$|URI="([^"]+\.m3u8)"/gm)].map(
    ([, plain, quoted]) => plain ?? quoted,
  );
  const renditions = [...new Set(uris)].flatMap((uri) => {
    if (uri === undefined) return [];
    const url = new URL(uri, multivariant);
    return [
      {
        url,
        name: (url.pathname.split('/').at(-1) ?? uri).replace(/\.m3u8$/, ''),
        seen: new Set<string>(),
        inits: new Map<string, Uint8Array>(),
      },
    ];
  });
  const parts: ListedPart[] = [];
  let over = false;
  const look = async ({ url, name, seen, inits }: (typeof renditions)[number]): Promise<void> => {
    const response = await fetch(url);
    if (!response.ok) return;
    let atUnixMs = 0;
    let map = '';
    for (const line of (await response.text()).split('\n')) {
      const [, date] = /^#EXT-X-PROGRAM-DATE-TIME:(.+)$/.exec(line) ?? [];
      if (date !== undefined) atUnixMs = Date.parse(date);
      map = /^#EXT-X-MAP:.*URI="([^"]+)"/.exec(line)?.[1] ?? map;
      const [, durationS, uri] =
        /^#EXT-X-PART:DURATION=([\d.]+),.*URI="([^"]+)"/.exec(line) ?? /^#EXT-X-PART:.*/.exec(line) ?? [];
      if (durationS === undefined || uri === undefined) continue;
      const durationMs = Number(durationS) * 1000;
      if (!seen.has(uri)) {
        seen.add(uri);
        const gap = line.includes('GAP=YES');
        const frames = gap ? null : await framesOf(new URL(uri, url), new URL(map, url), inits);
        parts.push({ rendition: name, atUnixMs, durationMs, gap, frames });
      }
      atUnixMs += durationMs;
    }
  };
  const loops = renditions.map(async (rendition) => {
    while (!over) {
      // A playlist that cannot be had now is asked again: what is listed then is what counts.
      await look(rendition).catch(() => undefined);
      await setTimeout(EVERY_MS);
    }
  });
  return {
    parts,
    async stop() {
      over = true;
      await Promise.all(loops);
    },
  };
}

async function framesOf(part: URL, map: URL, inits: Map<string, Uint8Array>): Promise<number | null> {
  const bytes = async (url: URL): Promise<Uint8Array> => {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`${response.status} for ${url.pathname}`);
    return new Uint8Array(await response.arrayBuffer());
  };
  const init = inits.get(map.href) ?? (await bytes(map));
  inits.set(map.href, init);
  const video = summarise(init, await bytes(part)).find(({ kind }) => kind === 'video');
  return video?.samples ?? null;
}

/** How a rendition did in a stretch of programme: its pictures of those a whole one has, and its gaps. */
export function tally(
  parts: readonly ListedPart[],
  rendition: string,
  fromUnixMs: number,
  toUnixMs: number,
): { readonly frameShare: number; readonly gapShare: number; readonly parts: number } {
  const within = parts.filter(
    (p) => p.rendition === rendition && p.atUnixMs >= fromUnixMs && p.atUnixMs < toUnixMs,
  );
  const ms = within.reduce((sum, { durationMs }) => sum + durationMs, 0);
  const frames = within.reduce((sum, { frames: count }) => sum + (count ?? 0), 0);
  const gapMs = within.reduce((sum, { gap, durationMs }) => sum + (gap ? durationMs : 0), 0);
  return { frameShare: frames / ((ms / 1000) * FRAME_RATE), gapShare: gapMs / ms, parts: within.length };
}
