/** Requests that a well-behaved player never makes, or makes only now and then, and what the answers have to be. */
import { type Answer, ask, askAtOnce, lifetimeS, ORIGIN, textOf, withQuery } from './http.ts';
import type { Ledger } from './ledger.ts';
import { type MediaPlaylist, nextPart, readMediaPlaylist } from './media-playlist.ts';

/** Longer than this on the way to an answer means that it may have been held. */
const HELD_MS = 1000;

export interface Target {
  readonly url: string;
  readonly ledger: Ledger;
  readonly signal: AbortSignal;
  /** The newest playlist that a follower has. */
  readonly latest: () => MediaPlaylist;
}

/** One round of all of them; takes about two segments' time. */
export async function provoke(target: Target): Promise<void> {
  await refusals(target);
  await there(target);
  await wholeSegment(target);
  await beyondTheLastPart(target);
  await names(target);
  await sharing(target);
}

/** LL14, and how long errors may be kept (LL20). */
async function refusals({ url, ledger, signal, latest }: Target): Promise<void> {
  // Counted from the newest playlist each time: what is impossible now may be due a moment later.
  const queries: ((msn: number) => Record<string, string | number>)[] = [
    () => ({ _HLS_part: 0 }),
    () => ({ _HLS_msn: 'x' }),
    () => ({ _HLS_msn: -1 }),
    () => ({ _HLS_msn: '1.5' }),
    () => ({ _HLS_msn: '' }),
    (msn) => ({ _HLS_msn: msn, _HLS_part: 'x' }),
    (msn) => ({ _HLS_msn: msn, _HLS_part: -1 }),
    (msn) => ({ _HLS_msn: msn + 4 }),
    (msn) => ({ _HLS_msn: msn + 1000 }),
    (msn) => ({ _HLS_msn: msn + 1, _HLS_part: 10_000 }),
  ];
  for (const query of queries) {
    const answer = await ask(withQuery(url, query(nextPart(latest()).msn)), { signal });
    ledger.look('LL14', answer.status === 400, () => `${answer.url}: ${answer.status}`);
    if (answer.status >= 400) errorKept(ledger, answer);
  }
}

function errorKept(ledger: Ledger, answer: Answer): void {
  const seconds = lifetimeS(answer);
  ledger.look(
    'LL20',
    seconds !== null && seconds <= 1,
    () => `${answer.url}: ${answer.status} with cache-control ${answer.headers.get('cache-control')}`,
  );
}

/** LL13: what is there, or older than the window, is answered at once with what is now. */
async function there({ url, ledger, signal, latest }: Target): Promise<void> {
  const { mediaSequence, segments } = latest();
  const closed = segments.findLast((segment) => segment.uri !== null);
  const queries = [
    ...(closed ? [{ _HLS_msn: closed.msn }, { _HLS_msn: closed.msn, _HLS_part: 0 }] : []),
    ...(mediaSequence > 0 ? [{ _HLS_msn: mediaSequence - 1 }, { _HLS_msn: 0 }] : []),
  ];
  for (const query of queries) {
    const answer = await askAtOnce(withQuery(url, query), url, { signal });
    ledger.look(
      'LL13',
      answer.status === 200 && answer.atOnce,
      () => `${answer.url}: ${answer.status} after ${answer.headMs.toFixed(0)} ms`,
    );
    const seconds = lifetimeS(answer);
    ledger.look(
      'LL20',
      seconds !== null && seconds <= 1,
      () => `${answer.url}: met already, kept ${seconds} s`,
    );
  }
}

/** LL11: without a part it is the whole segment that is waited for. */
async function wholeSegment({ url, ledger, signal, latest }: Target): Promise<void> {
  const { msn } = nextPart(latest());
  const answer = await ask(withQuery(url, { _HLS_msn: msn }), { signal });
  // Held out (LL15): that is said of whoever follows the playlist, too.
  if (answer.status === 503 && answer.headMs >= 3000 * (latest().targetDurationS ?? 0)) return;
  if (answer.status !== 200) {
    ledger.look('LL11', false, () => `${answer.url}: ${answer.status}`);
    return;
  }
  const playlist = readMediaPlaylist(textOf(answer));
  const segment = playlist.segments.find((s) => s.msn === msn);
  if (answer.headMs > HELD_MS && !playlist.ended) {
    const seconds = lifetimeS(answer);
    const wanted = 6 * (playlist.targetDurationS ?? 0);
    ledger.look(
      'LL20',
      seconds === wanted,
      () => `${answer.url}: waited for, kept ${seconds} s, not ${wanted}`,
    );
  }
  ledger.look(
    'LL11',
    segment === undefined || segment.uri !== null,
    () => `${answer.url}: answered while ${msn} was still open`,
  );
}

/** LL12: past the last part of a segment means the first of the next. */
async function beyondTheLastPart({ url, ledger, signal, latest }: Target): Promise<void> {
  const closed = latest().segments.findLast((segment) => segment.uri !== null && segment.parts.length > 0);
  if (!closed) return;
  const { msn } = nextPart(latest());
  // As many as a whole segment has: in the open one that is one past its last.
  const answer = await ask(withQuery(url, { _HLS_msn: msn, _HLS_part: closed.parts.length }), { signal });
  if (answer.status !== 200) return; // further ahead than may be asked: LL14 says so
  const now = readMediaPlaylist(textOf(answer));
  const next = now.segments.find((segment) => segment.msn === msn + 1);
  const same = now.segments.find((segment) => segment.msn === msn);
  const met = (next?.parts.length ?? 0) > 0 || (same?.parts.length ?? 0) > closed.parts.length;
  ledger.look('LL12', met || now.ended, () => `${answer.url}: answered without the first part of ${msn + 1}`);
}

/** LL17, LL18: names that will never be, and names that have been. */
async function names({ url, ledger, signal, latest }: Target): Promise<void> {
  const { hints, segments } = latest();
  const hint = hints.find((h) => h.type === 'PART');
  const closed = segments.findLast((segment) => segment.uri !== null && !segment.gap);
  if (hint) {
    // The same path with another file name, which was never announced.
    const never = new URL(hint.uri, url);
    never.pathname = never.pathname.replace(/[^/]+$/, (name) => `never-${name}`);
    const answer = await askAtOnce(never.href, url, { signal });
    ledger.look(
      'LL17',
      answer.status === 404 && answer.atOnce,
      () => `${never.href}: ${answer.status} after ${answer.headMs.toFixed(0)} ms`,
    );
    errorKept(ledger, answer);
  }
  if (closed?.uri) {
    const href = new URL(closed.uri, url).href;
    const first = await ask(href, { signal });
    const again = await ask(href, { signal });
    ledger.look(
      'LL18',
      Buffer.compare(first.body, again.body) === 0,
      () => `${href}: other bytes the second time`,
    );
    await ranges(ledger, href, first.body, signal);
  }
}

/** A part of a file is that part of it (RFC 9110, section 14), or the whole where ranges are not supported. */
async function ranges(ledger: Ledger, href: string, whole: Uint8Array, signal: AbortSignal): Promise<void> {
  const answer = await ask(href, { signal, headers: { range: 'bytes=10-29' } });
  const wanted = answer.status === 206 ? whole.subarray(10, 30) : whole;
  ledger.look(
    'LL18',
    Buffer.compare(wanted, answer.body) === 0,
    () => `${href}: wrong bytes for bytes=10-29`,
  );
}

/** LL21, LL22: parameters of others, and pages of others. */
async function sharing({ url, ledger, signal }: Target): Promise<void> {
  const answer = await ask(withQuery(url, { CMCD: 'ot=m,sid="probe"' }), { signal });
  ledger.look('LL21', answer.status === 200, () => `${answer.url}: ${answer.status}`);
  ledger.look('LL21', !textOf(answer).includes('CMCD'), () => `${answer.url}: echoed in a URI`);
  const exposed = (answer.headers.get('access-control-expose-headers') ?? '').toLowerCase();
  for (const name of ['age', 'date', 'content-length']) {
    ledger.look('LL22', exposed === '*' || exposed.includes(name), () => `${url}: ${name} is not exposed`);
  }
  const head = await ask(url, { signal, method: 'HEAD' });
  ledger.look('LL22', head.status === 200 && head.body.length === 0, () => `HEAD ${url}: ${head.status}`);
  const preflight = await ask(url, {
    signal,
    method: 'OPTIONS',
    headers: { 'access-control-request-method': 'GET', 'access-control-request-headers': 'range' },
  });
  const allowed = preflight.headers.get('access-control-allow-origin');
  ledger.look(
    'LL22',
    preflight.status < 300 && (allowed === '*' || allowed === ORIGIN),
    () => `OPTIONS ${url}: ${preflight.status}, allows ${allowed}`,
  );
}

/** LL9: when it has ended, directives are ignored and nothing waits. */
export async function afterTheEnd({ url, ledger, signal, latest }: Target): Promise<void> {
  const { segments } = latest();
  const last = segments.at(-1)?.msn ?? 0;
  for (const query of [{ _HLS_msn: last + 1 }, { _HLS_msn: last + 1, _HLS_part: 0 }, { _HLS_skip: 'YES' }]) {
    const answer = await askAtOnce(withQuery(url, query), url, { signal });
    const ended = answer.status === 200 && readMediaPlaylist(textOf(answer)).ended;
    ledger.look(
      'LL9',
      ended && answer.atOnce,
      () => `${answer.url}: ${answer.status} after ${answer.headMs.toFixed(0)} ms`,
    );
  }
}
