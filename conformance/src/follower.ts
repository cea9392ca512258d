/** Follows one media playlist by blocking reload and fetches its parts, and looks at every answer. */
import { parse, setOptions } from 'hls-parser';
import { type Answer, ask, lifetimeS, ORIGIN, textOf, withQuery } from './http.ts';
import type { Ledger } from './ledger.ts';
import { summarise } from './media.ts';
import {
  type MediaPlaylist,
  nextPart,
  type Part,
  readMediaPlaylist,
  type Segment,
} from './media-playlist.ts';
import { applyDelta, checkProgress, checkSnapshot } from './snapshot-rules.ts';

const YEAR_S = 31_536_000;
/** Without an answer: how long to wait before the next try, ms. */
const RETRY_MS = 500;
const TRIES = 10;

setOptions({ strictMode: true });

export interface Follower {
  readonly url: string;
  /** The newest whole playlist; null before the first. */
  latest(): MediaPlaylist | null;
  /** When it came, on the monotonic clock. */
  latestAtMs(): number;
  /** Resolves at the end of the stream, or of the walk. */
  readonly finished: Promise<void>;
}

export interface FollowOptions {
  readonly url: string;
  readonly ledger: Ledger;
  readonly signal: AbortSignal;
  /** `all` parts are fetched, or only the first of each segment. */
  readonly parts: 'all' | 'first';
}

export function follow(options: FollowOptions): Follower {
  const { url, ledger, signal } = options;
  const known = new Map<number, Segment>();
  const inits = new Map<string, Promise<Uint8Array>>();
  const fetched = new Set<string>();
  const hinted = new Map<string, Promise<Answer | null>>();
  /** URL of each part whose tag has left, and when. */
  const left: { uri: string; atMs: number }[] = [];
  let latest: MediaPlaylist | null = null;
  let latestAtMs = 0;
  const at = (words: string): string => `${url}: ${words}`;

  const initOf = (uri: string): Promise<Uint8Array> => {
    const href = new URL(uri, url).href;
    const asked = inits.get(href) ?? ask(href, { signal }).then((answer) => answer.body);
    inits.set(href, asked);
    return asked;
  };

  async function lookAtPart(segment: Segment, part: Part, index: number): Promise<void> {
    if (part.gap) return;
    const href = new URL(part.uri, url).href;
    if (fetched.has(href)) return;
    fetched.add(href);
    const early = await hinted.get(href);
    const answer = await ask(href, { signal });
    if (!ledger.look('LL17', answer.status === 200, () => `${href}: ${answer.status} for a listed part`))
      return;
    // A part that is long in coming (a restart) may be held out like a playlist.
    const heldOut = early?.status === 503 && early.headMs >= 3000 * (latest?.targetDurationS ?? 0);
    if (early && !heldOut) {
      ledger.look('LL17', early.status === 200, () => `${href}: ${early.status} when it was hinted`);
      ledger.look(
        'LL17',
        Buffer.compare(early.body, answer.body) === 0,
        () => `${href}: ${early.body.length} bytes when hinted, ${answer.body.length} when listed`,
      );
    }
    const type = answer.headers.get('content-type') ?? 'none';
    ledger.look(
      'LL19',
      /^(video|audio)\/(mp4|iso\.segment)\b/.test(type),
      () => `${href}: content type ${type}`,
    );
    const seconds = lifetimeS(answer) ?? 0;
    ledger.look(
      'LL20',
      seconds >= YEAR_S && /immutable/.test(answer.headers.get('cache-control') ?? ''),
      () => `${href}: cache-control ${answer.headers.get('cache-control')}`,
    );
    if (segment.map === null) return;
    try {
      const tracks = summarise(await initOf(segment.map), answer.body);
      const video = tracks.find((track) => track.kind === 'video');
      const shown = video ?? tracks[0];
      if (shown && shown.samples > 0) {
        // Sound comes in blocks that do not divide a part: one block more or less is no error.
        ledger.look(
          'LL2',
          Math.abs(shown.durationS - part.durationS) <= (video ? 0.05 : 0.1),
          () => `${href}: holds ${shown.durationS.toFixed(3)} s, DURATION ${part.durationS}`,
        );
        if (part.independent) {
          ledger.look('LL4', shown.beginsWithKeyFrame, () => `${href}: INDEPENDENT without a key frame`);
        }
        if (index === 0 && video) {
          ledger.look('LL4', video.beginsWithKeyFrame, () => `${href}: a segment begins without a key frame`);
        }
      }
    } catch (error) {
      ledger.look('LL3', false, () => `${href}: ${error instanceof Error ? error.message : error}`);
    }
  }

  /** LL5: what is not listed any more can be fetched for three target durations longer. */
  async function lookAtLeft(targetDurationS: number): Promise<void> {
    const due = performance.now() - 2.5 * targetDurationS * 1000;
    while (left[0] && left[0].atMs <= due) {
      const gone = left.shift();
      if (!gone) return;
      const { status } = await ask(gone.uri, { signal, method: 'HEAD' });
      ledger.look(
        'LL5',
        status === 200,
        () => `${gone.uri}: ${status} ${2.5 * targetDurationS} s after its tag`,
      );
    }
  }

  function lookAtHeaders(answer: Answer, playlist: MediaPlaylist, blocked: boolean): void {
    const type = answer.headers.get('content-type') ?? 'none';
    ledger.look('LL19', type.startsWith('application/vnd.apple.mpegurl'), () => at(`content type ${type}`));
    const coding = answer.headers.get('content-encoding') ?? 'none';
    ledger.look('LL19', /^(gzip|br|zstd)$/.test(coding), () => at(`content encoding ${coding}`));
    ledger.look('LL22', ['*', ORIGIN].includes(answer.headers.get('access-control-allow-origin') ?? ''), () =>
      at('no Access-Control-Allow-Origin'),
    );
    if (playlist.ended) return;
    const seconds = lifetimeS(answer);
    const target = playlist.targetDurationS ?? 0;
    if (blocked) {
      // Whether it was waited for or had just been met cannot be told from a short wait: both lifetimes are right then.
      ledger.look('LL20', seconds === 6 * target || (seconds !== null && seconds <= 1), () =>
        at(`an answer to directives may be kept ${seconds} s`),
      );
    } else {
      ledger.look('LL20', seconds !== null && seconds <= 1, () => at(`asked plainly, kept ${seconds} s`));
    }
  }

  function take(text: string): MediaPlaylist | null {
    const read = readMediaPlaylist(text);
    checkSnapshot(ledger, { url, playlist: read });
    const whole = read.skipped === 0 ? read : applyDelta(known, read);
    if (whole === null) {
      ledger.look('LL16', false, () =>
        at(`skips segments that were never listed (${read.mediaSequence} on)`),
      );
      return null;
    }
    if (latest) checkProgress(ledger, { url, playlist: latest }, { url, playlist: whole });
    const listed = new Map(whole.segments.map((segment) => [segment.msn, segment]));
    for (const segment of latest?.segments ?? []) {
      if (segment.parts.length === 0) continue;
      const now = listed.get(segment.msn);
      if (now?.parts.length === 0) {
        for (const part of segment.parts) {
          if (!part.gap) left.push({ uri: new URL(part.uri, url).href, atMs: performance.now() });
        }
      }
    }
    known.clear();
    for (const segment of whole.segments) known.set(segment.msn, segment);
    latest = whole;
    latestAtMs = performance.now();
    return whole;
  }

  /** Now and then the whole beside the delta: they say the same (LL16), and a strict parser reads it. */
  async function compareWhole(): Promise<void> {
    const before = latest;
    const answer = await ask(url, { signal });
    const text = textOf(answer);
    const whole = readMediaPlaylist(text);
    lookAtHeaders(answer, whole, false);
    const mineByMsn = new Map(before?.segments.map((segment) => [segment.msn, segment]));
    for (const segment of whole.segments) {
      const mine = mineByMsn.get(segment.msn);
      if (!mine || mine.uri === null || segment.uri === null) continue;
      const same =
        mine.uri === segment.uri && mine.map === segment.map && mine.durationS === segment.durationS;
      ledger.look('LL16', same, () => at(`${segment.msn} differs between delta updates and the whole`));
    }
    try {
      // It wants no PART tags before the last three segments, where the specification counts in target durations.
      const blocks = text.split(/(?<=^#EXTINF:.*\n.*\n)/m);
      parse(
        blocks.map((b, i) => (i < blocks.length - 3 ? b.replace(/^#EXT-X-PART:.*\n/gm, '') : b)).join(''),
      );
      ledger.look('LL4', true, () => '');
    } catch (error) {
      ledger.look('LL4', false, () =>
        at(`hls-parser, strict: ${error instanceof Error ? error.message : error}`),
      );
    }
  }

  /** A connection that breaks is tried again, as players do; an origin that is gone is not waited for. */
  async function patiently(to: string): Promise<Answer> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await ask(to, { signal });
      } catch (error) {
        if (tries === TRIES || signal.aborted) throw error;
        if (latest)
          ledger.look('LL15', false, () => (error instanceof Error ? error.message : String(error)));
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  async function walk(): Promise<void> {
    const first = await patiently(url);
    take(textOf(first));
    for (let round = 1; !signal.aborted && latest && !latest.ended; round += 1) {
      const { msn, part } = nextPart(latest);
      // Any second playlist whole would hide an error in a delta update: deltas mostly, a whole one beside them at times.
      const skip = latest.control.has('CAN-SKIP-UNTIL') ? { _HLS_skip: 'YES' } : {};
      const hint = latest.hints.find((h) => h.type === 'PART');
      if (hint && options.parts === 'all') {
        const href = new URL(hint.uri, url).href;
        if (!hinted.has(href)) {
          hinted.set(
            href,
            ask(href, { signal }).catch(() => null),
          );
        }
      }
      const answer = await patiently(withQuery(url, { _HLS_msn: msn, _HLS_part: part, ...skip }));
      if (answer.status !== 200) {
        if (answer.status === 503) {
          const heldOut = answer.headMs >= 3000 * (latest.targetDurationS ?? 0);
          const words = (): string => at(`503 after ${answer.headMs.toFixed(0)} ms`);
          ledger.look('LL15', heldOut, words);
          // What stands between has to wait for as long as the origin does.
          if (answer.headers.has('via')) ledger.look('LL23', heldOut, words);
        } else ledger.look('LL12', false, () => at(`${answer.status} for msn ${msn}, part ${part}`));
        // Not from a cache that may keep the error so long: that would be no answer to this request.
        const waitMs = RETRY_MS + 1000 * (lifetimeS(answer) ?? 0);
        await new Promise((resolve) => setTimeout(resolve, waitMs));
        continue;
      }
      const playlist = take(textOf(answer));
      if (!playlist) continue;
      lookAtHeaders(answer, playlist, true);
      if (!playlist.ended) {
        const there = playlist.segments.some(
          (s) => s.msn > msn || (s.msn === msn && (s.uri !== null || s.parts.length > part)),
        );
        ledger.look('LL12', there, () => at(`answered without part ${part} of ${msn}`));
      }
      for (const segment of playlist.segments) {
        const wanted = options.parts === 'all' ? segment.parts : segment.parts.slice(0, 1);
        for (const [index, one] of wanted.entries()) void lookAtPart(segment, one, index).catch(quietly);
      }
      void lookAtLeft(playlist.targetDurationS ?? 0).catch(quietly);
      if (round % 12 === 0) await compareWhole();
    }
  }

  /** A request that the end of the walk cut off says nothing. */
  const quietly = (error: unknown): void => {
    if (!signal.aborted) ledger.look('LL17', false, () => at(String(error)));
  };

  return {
    url,
    latest: () => latest,
    latestAtMs: () => latestAtMs,
    finished: walk().catch((error: unknown) => {
      if (!signal.aborted) throw error;
    }),
  };
}
