/** Follows one rendition of a live channel as a viewer's player does, and keeps what it was given. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type MediaPlaylist, nextPart, readMediaPlaylist } from '@rostrum/conformance/media-playlist';

export interface Bytes {
  readonly hash: string;
  readonly byteLength: number;
}

export interface SeenSegment {
  readonly msn: number;
  readonly programDateTimeMs: number | null;
  /** Discontinuities of the whole channel before it, those that left the playlist included. */
  readonly discontinuitySequence: number;
  /** As last listed, by index. `unseen`: it was listed, and gone before it could be had. */
  readonly parts: ({ readonly uri: string; bytes: Bytes | 'gap' | 'unseen' } | undefined)[];
  /** Once it is listed as a whole one. */
  closed: {
    readonly uri: string;
    readonly gap: boolean;
    readonly durationS: number;
    bytes: Bytes | null;
  } | null;
}

const RETRY_MS = 150;
/** The origin holds a request for three target durations of 2 s. */
const ANSWER_MS = 10_000;

export const bytesOf = (data: Uint8Array): Bytes => ({
  hash: createHash('sha256').update(data).digest('hex'),
  byteLength: data.byteLength,
});

export class RenditionViewer {
  readonly name: string;
  readonly segments = new Map<number, SeenSegment>();
  /** What was said otherwise before, or is not what it says it is. */
  readonly contradictions: string[] = [];
  readonly #url: URL;
  #over = false;
  readonly #loop: Promise<void>;

  /** @param url of its media playlist */
  constructor(name: string, url: URL) {
    this.name = name;
    this.#url = url;
    this.#loop = this.#follow();
  }

  get newestMsn(): number {
    return Math.max(0, ...this.segments.keys());
  }

  async stop(): Promise<void> {
    this.#over = true;
    await this.#loop;
  }

  async #follow(): Promise<void> {
    let query = '';
    while (!this.#over) {
      const text = await get(new URL(query, this.#url));
      if (text === null) {
        query = '';
        await sleep(RETRY_MS);
        continue;
      }
      const playlist = readMediaPlaylist(Buffer.from(text).toString());
      this.#note(playlist);
      await this.#fetch(playlist);
      if (playlist.ended) return;
      const { msn, part } = nextPart(playlist);
      query = `?_HLS_msn=${msn}&_HLS_part=${part}`;
    }
  }

  #note(playlist: MediaPlaylist): void {
    let sequence = playlist.discontinuitySequence;
    let epoch: string | undefined;
    for (const { msn, uri, gap, durationS, parts, programDateTimeMs, discontinuity } of playlist.segments) {
      if (discontinuity) sequence += 1;
      const its = epochOf(uri ?? parts[0]?.uri);
      if (epoch !== undefined && its !== undefined && discontinuity !== (its !== epoch)) {
        this.#contradicts(msn, `epoch ${epoch} to ${its}, ${discontinuity ? 'a' : 'no'} discontinuity`);
      }
      epoch = its ?? epoch;
      const known = this.segments.get(msn);
      const seen = known ?? {
        msn,
        programDateTimeMs,
        discontinuitySequence: sequence,
        parts: [],
        closed: null,
      };
      this.segments.set(msn, seen);
      if (seen.discontinuitySequence !== sequence)
        this.#contradicts(msn, `discontinuity ${seen.discontinuitySequence}, then ${sequence}`);
      if (programDateTimeMs !== null && seen.programDateTimeMs !== programDateTimeMs)
        this.#contradicts(msn, `began at ${seen.programDateTimeMs}, then at ${programDateTimeMs}`);
      for (const [i, part] of parts.entries()) {
        const before = seen.parts[i];
        if (!before) seen.parts[i] = { uri: part.uri, bytes: part.gap ? 'gap' : 'unseen' };
        else if (before.uri !== part.uri || (before.bytes === 'gap') !== part.gap)
          this.#contradicts(msn, `part ${before.uri}, then ${part.uri}`);
      }
      if (uri === null) {
        if (seen.closed) this.#contradicts(msn, 'was whole, then open');
        continue;
      }
      seen.closed ??= { uri, gap, durationS: durationS ?? 0, bytes: null };
      if (seen.closed.uri !== uri || seen.closed.gap !== gap || seen.closed.durationS !== durationS)
        this.#contradicts(msn, `${JSON.stringify(seen.closed)}, then ${uri}, ${gap}, ${durationS}`);
    }
  }

  async #fetch({ segments }: MediaPlaylist): Promise<void> {
    const listed = segments.flatMap(({ msn }) => this.segments.get(msn) ?? []);
    const work: Promise<void>[] = [];
    for (const { parts, closed } of listed) {
      // Of a whole segment its file is asked for; parts are what was there before.
      if (closed && !closed.gap && !closed.bytes) work.push(this.#take(closed.uri, closed, null));
      for (const part of closed ? [] : parts) {
        if (part?.bytes === 'unseen') work.push(this.#take(part.uri, part, 'unseen'));
      }
    }
    await Promise.all(work);
  }

  async #take<T>(uri: string, into: { bytes: Bytes | T }, otherwise: T): Promise<void> {
    into.bytes = (await this.#get(uri)) ?? otherwise;
  }

  async #get(uri: string): Promise<Bytes | null> {
    const data = await get(new URL(uri, this.#url));
    return data && bytesOf(data);
  }

  #contradicts(msn: number, what: string): void {
    this.contradictions.push(`${this.name} ${msn}: ${what}`);
  }
}

const epochOf = (uri: string | undefined): string | undefined => /\/e(\d+)\//.exec(uri ?? '')?.[1];

/** null: it cannot be had now. */
async function get(url: URL): Promise<Uint8Array | null> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) });
    const body = new Uint8Array(await response.arrayBuffer());
    return response.ok ? body : null;
  } catch {
    return null; // who serves it was killed
  }
}
