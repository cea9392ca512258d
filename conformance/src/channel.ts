/** Walks a channel for as long as told: all its playlists at once, and the requests that provoke. */
import { setTimeout } from 'node:timers/promises';
import { type Follower, follow } from './follower.ts';
import { ask, lifetimeS, textOf, Unreachable } from './http.ts';
import { Ledger, type RuleRecord } from './ledger.ts';
import { readMultivariant, type Variant } from './multivariant.ts';
import { afterTheEnd, provoke } from './provoke.ts';
import { RULES } from './rules.ts';
import { checkRenditions } from './snapshot-rules.ts';
import { changeRendition } from './switching.ts';

/** Playlists of the renditions are held side by side this often. */
const COMPARE_EVERY_MS = 1000;
/** The provoking requests are repeated: what holds in one segment need not hold in the next. */
const PROVOKE = { firstAfterMs: 2000, everyMs: 15_000 } as const;

/** From one rendition to the next in turn: no multiple of a usual part, so that every place in a segment has its turn. */
const CHANGE_EVERY_MS = 2350;

const TELL_EVERY_MS = 10_000;

export interface WalkOptions {
  /** URL of the multivariant playlist. */
  readonly url: string;
  readonly seconds: number;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

/** @throws Unreachable, PlaylistSyntaxError when there is nothing to walk */
export async function walkChannel(options: WalkOptions): Promise<RuleRecord[]> {
  const ledger = new Ledger();
  const finished = new AbortController();
  const over = AbortSignal.any([
    options.signal,
    finished.signal,
    AbortSignal.timeout(options.seconds * 1000),
  ]);
  const urls = await lookAtMultivariant(ledger, options.url, over);
  const followers = urls.map((url, i) =>
    follow({ url, ledger, signal: over, parts: i === 0 ? 'all' : 'first' }),
  );
  const whileWalking = Promise.all([
    repeat(COMPARE_EVERY_MS, COMPARE_EVERY_MS, over, async () => compare(ledger, followers)),
    repeat(PROVOKE.firstAfterMs, PROVOKE.everyMs, over, async () => {
      const [first] = followers;
      const latest = first?.latest();
      if (!first || !latest || latest.ended || latest.segments.length === 0) return;
      await answered(ledger, over, () =>
        provoke({ url: first.url, ledger, signal: over, latest: () => first.latest() ?? latest }),
      );
    }),
    repeat(CHANGE_EVERY_MS, CHANGE_EVERY_MS, over, changeInTurn(ledger, followers, over)),
    repeat(TELL_EVERY_MS, TELL_EVERY_MS, over, async () => {
      const last = followers[0]?.latest()?.segments.at(-1)?.msn;
      options.progress(`at segment ${last ?? '-'} of ${followers.length} playlists`);
    }),
  ]);
  await Promise.all(followers.map((follower) => follower.finished));
  for (const follower of followers) {
    const latest = follower.latest();
    if (!latest?.ended) continue;
    await afterTheEnd({ url: follower.url, ledger, signal: options.signal, latest: () => latest });
  }
  finished.abort();
  await whileWalking;
  return ledger.records(RULES.map((rule) => rule.id));
}

/** Calls until the signal comes; what the signal cuts off is not an error. */
async function repeat(
  firstAfterMs: number,
  everyMs: number,
  signal: AbortSignal,
  act: () => Promise<void>,
): Promise<void> {
  try {
    for (let waitMs = firstAfterMs; ; waitMs = everyMs) {
      await setTimeout(waitMs, undefined, { signal });
      await act();
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function compare(ledger: Ledger, followers: readonly Follower[]): void {
  const snapshots = followers.flatMap((follower) => {
    const playlist = follower.latest();
    return playlist ? [{ url: follower.url, playlist, atMs: follower.latestAtMs() }] : [];
  });
  if (snapshots.length === followers.length) checkRenditions(ledger, snapshots);
}

/** Each call changes from one rendition to the one after it. */
function changeInTurn(
  ledger: Ledger,
  followers: readonly Follower[],
  signal: AbortSignal,
): () => Promise<void> {
  let turn = 0;
  return async () => {
    const from = followers[turn % followers.length];
    turn += 1;
    const to = followers[turn % followers.length];
    const playlist = from?.latest();
    if (!from || !to || from === to || !playlist || playlist.ended) return;
    await answered(ledger, signal, () =>
      changeRendition({ url: from.url, playlist, to: to.url, ledger, signal }),
    );
  };
}

/** LL15: a connection that ends without an answer is a waiter who got none. The walk goes on. */
async function answered(ledger: Ledger, signal: AbortSignal, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (signal.aborted || !(error instanceof Unreachable)) throw error;
    ledger.look('LL15', false, () => error.message);
  }
}

/** LL10 and what belongs to it. Answers the media playlists' URLs, pictures first. */
async function lookAtMultivariant(ledger: Ledger, url: string, signal: AbortSignal): Promise<string[]> {
  const answer = await ask(url, { signal });
  if (answer.status !== 200) throw new Error(`${url}: ${answer.status}`);
  const { variants, independentSegments, uris } = readMultivariant(textOf(answer));
  ledger.look('LL10', variants.length > 0, () => `${url}: no variants`);
  ledger.look('LL10', independentSegments, () => `${url}: no EXT-X-INDEPENDENT-SEGMENTS`);
  for (const variant of variants) lookAtVariant(ledger, url, variant);
  const alone = variants.filter((variant) => !variant.attributes.has('RESOLUTION'));
  ledger.look('LL10', alone.length > 0, () => `${url}: no rendition with sound alone`);
  ledger.look('LL18', !uris.some((uri) => uri.includes('_HLS_')), () => `${url}: a URI has a directive`);
  const seconds = lifetimeS(answer);
  ledger.look('LL20', seconds !== null && seconds <= 2, () => `${url}: kept ${seconds} s`);
  const sorted = variants.toSorted(
    (a, b) => Number(b.attributes.has('RESOLUTION')) - Number(a.attributes.has('RESOLUTION')),
  );
  return [...new Set(sorted.map((variant) => new URL(variant.uri, url).href))];
}

function lookAtVariant(ledger: Ledger, url: string, { uri, attributes }: Variant): void {
  const wanted = ['BANDWIDTH', 'AVERAGE-BANDWIDTH', 'CODECS'];
  if (attributes.has('RESOLUTION')) wanted.push('FRAME-RATE');
  for (const name of wanted) {
    ledger.look('LL10', attributes.has(name), () => `${url}: ${uri} has no ${name}`);
  }
  ledger.look(
    'LL10',
    Number(attributes.get('BANDWIDTH')) >= Number(attributes.get('AVERAGE-BANDWIDTH') ?? 0),
    () => `${url}: ${uri} has a peak below its mean`,
  );
}
