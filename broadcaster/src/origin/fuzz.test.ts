/**
 * The fuzzer: requests of every sort against the running origin, over HTTP/1.1 (as bytes), TLS and HTTP/2, judged by
 * `testing/fuzz-oracle.ts`. ROSTRUM_FUZZ_REQUESTS says about how many (default 3,000), ROSTRUM_FUZZ_SEED repeats a run.
 */
import type { ClientHttp2Session } from 'node:http2';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { type Frame, frames, SMUGGLED } from './testing/fuzz-frames.ts';
import { FuzzHouse, PARTS_PER_SEGMENT } from './testing/fuzz-house.ts';
import {
  type ChannelView,
  judgeGzip,
  judgeRange,
  judgeReload,
  type Parameter,
  readView,
} from './testing/fuzz-oracle.ts';
import {
  AREA_PATHS,
  type Area,
  type Asked,
  asked,
  EDGE,
  KNOWN_METHODS,
  rangeText,
} from './testing/fuzz-requests.ts';
import { NO_ANSWER, request2, type WireAnswer, WireConnection } from './testing/fuzz-wire.ts';

const REQUESTS = Number(process.env.ROSTRUM_FUZZ_REQUESTS ?? 3000);
const LONG_MS = Math.max(60_000, REQUESTS * 20);
const PER_RUN = 6;
const seed = process.env.ROSTRUM_FUZZ_SEED;
const settings = (requests: number): fc.Parameters<unknown> => ({
  numRuns: Math.max(10, Math.round(requests / PER_RUN)),
  endOnFailure: true, // the channel has moved on: a smaller case would meet another state
  ...(seed === undefined ? {} : { seed: Number(seed) }),
});

let house: FuzzHouse;
let good: WireConnection;
beforeAll(async () => {
  house = await FuzzHouse.open();
  good = await WireConnection.open(house.plainPort);
});
afterAll(async () => {
  good.destroy();
  await house.close();
});

/** A plain good request, beside what is fuzzed. */
async function fetchGood(path: string): Promise<WireAnswer> {
  if (good.closed) good = await WireConnection.open(house.plainPort);
  good.send(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  return good.next('GET');
}

/** Of a recording: how the channel ended, since its own playlist counts from zero. */
async function viewOf(area: Area, rendition: string): Promise<ChannelView> {
  const { body } = await fetchGood(`${AREA_PATHS[area === 'live' ? 'live' : 'over']}${rendition}.m3u8`);
  return readView(body.toString(), PARTS_PER_SEGMENT);
}

interface Expected {
  readonly statuses: readonly number[];
  readonly held?: 'must' | 'may';
  /** Body of a whole 200, plain; what ranges are taken from where they are. */
  readonly body?: Buffer;
  readonly ranges?: boolean;
  readonly gzips?: boolean;
}
const NOT_FOUND: Expected = { statuses: [404] };

/** The request with what depends on the channel's state put in: an MSN stays the same while parts are fed. */
interface Concrete {
  readonly asked: Asked;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly msn: number;
}

async function concrete(request: Asked): Promise<Concrete> {
  const { target } = request;
  switch (target.kind) {
    case 'playlist': {
      const { lastMsn } = await viewOf(target.area, target.rendition);
      const query = target.query.map(({ name, value, text }) => {
        const offset = EDGE.exec(value)?.[1];
        if (offset === undefined) return { name, value, text };
        const msn = String(Math.max(0, lastMsn + Number(offset)));
        return { name, value: msn, text: `${name}=${msn}` };
      });
      const path = `${AREA_PATHS[target.area]}${target.rendition}.m3u8`;
      const text = query.map((item) => item.text).join('&');
      return { asked: request, path: text === '' ? path : `${path}?${text}`, parameters: query, msn: 0 };
    }
    case 'media': {
      const { lastMsn } = await viewOf(target.area, target.rendition);
      const msn = lastMsn + target.msnOffset;
      const { epoch, part, rendition } = target;
      const file = { init: 'init.mp4', segment: `s${msn}.mp4`, part: `s${msn}.p${part}.mp4` }[target.file];
      const path = `${AREA_PATHS[target.area]}${rendition}/e${epoch}/${file}`;
      return { asked: request, path, parameters: [], msn };
    }
    case 'multivariant':
      return { asked: request, path: `${AREA_PATHS[target.area]}multivariant.m3u8`, parameters: [], msn: 0 };
    default:
      return { asked: request, path: target.path, parameters: [], msn: 0 };
  }
}

/** What is right now for a GET or HEAD. */
async function expectation({ asked: { target }, path, parameters, msn }: Concrete): Promise<Expected> {
  switch (target.kind) {
    case 'playlist': {
      const base = path.split('?')[0] ?? '';
      const view = await viewOf(target.area, target.rendition);
      const { kind, ...rest } = judgeReload(parameters, view);
      if (kind === 'bad') return { statuses: [400] };
      if (kind === 'held') return { statuses: [], held: 'must' };
      const skip = 'skip' in rest && rest.skip ? '?_HLS_skip=YES' : '';
      const { body } = await fetchGood(base + skip);
      expect(body.includes('#EXT-X-SKIP:')).toBe(skip !== '' && view.lastMsn > 7); // LL16
      return { statuses: [200], body, gzips: true };
    }
    case 'multivariant':
    case 'page':
      return { statuses: [200], body: (await fetchGood(path)).body, gzips: true };
    case 'media':
      return mediaExpectation(target, path, msn);
    case 'mangled':
      return NOT_FOUND;
    case 'junk':
      return { statuses: [400, 404] };
  }
}

async function mediaExpectation(
  target: Extract<Asked['target'], { kind: 'media' }>,
  path: string,
  msn: number,
): Promise<Expected> {
  const view = await viewOf(target.area, target.rendition);
  const there = async (): Promise<Expected> => {
    const { status, body } = await fetchGood(path);
    expect([status, body.byteLength > 0]).toEqual([200, true]);
    return { statuses: [200], body, ranges: true };
  };
  if (target.epoch !== 1) return NOT_FOUND;
  if (target.file === 'init') return there();
  if (msn < 1) return NOT_FOUND;
  if (target.file === 'segment') {
    if (msn <= view.lastMsn) return there();
    if (view.ended || msn > view.lastMsn + 2) return NOT_FOUND;
    return { statuses: [404], held: 'may' };
  }
  if (target.area === 'recording' || target.part >= PARTS_PER_SEGMENT) return NOT_FOUND;
  if (msn > view.lastMsn + 2 || (view.ended && msn > view.lastMsn)) return NOT_FOUND;
  if (msn > view.lastMsn) {
    const { openParts } = view;
    if (msn === view.lastMsn + 1 && target.part < openParts) return there();
    const hinted = msn === view.lastMsn + 1 && target.part === openParts;
    if (hinted) expect(`${AREA_PATHS[target.area]}${view.hint}`).toBe(path);
    return hinted ? { statuses: [], held: 'must' } : { statuses: [404], held: 'may' };
  }
  // LL5: three target durations behind its listing a part may go; the ended channel's last segment is a short one.
  const lately = msn > view.lastMsn - 9 && !view.ended;
  const gone = !lately && (await fetchGood(path)).status === 404;
  return gone ? NOT_FOUND : there();
}

function headersOf({ asked: request }: Concrete, length: number): Record<string, string> {
  const { range, ifRange, encodings, noise } = request;
  return {
    ...Object.fromEntries(noise),
    ...(range ? { range: rangeText(range, length) } : {}),
    ...(range && ifRange ? { 'if-range': '"some"' } : {}),
    ...(encodings
      ? {
          'accept-encoding': encodings
            .map(({ coding, weight }) => (weight === undefined ? coding : `${coding};q=${weight}`))
            .join(', '),
        }
      : {}),
  };
}

function checkAnswer(
  one: Concrete,
  headers: Record<string, string>,
  answer: WireAnswer,
  expected: Expected,
): void {
  const { asked: request } = one;
  const { method, encodings } = request;
  if (method === 'OPTIONS') {
    expect(answer.status).toBe(204);
    expect(answer.headers['access-control-allow-methods']).toBe('GET, HEAD, OPTIONS');
  } else if (method !== 'GET' && method !== 'HEAD') {
    expect([400, 405, 501]).toContain(answer.status);
    if (KNOWN_METHODS.some((known) => known === method)) expect(answer.status).toBe(405);
    if (answer.status === 405) expect(answer.headers.allow).toBe('GET, HEAD, OPTIONS');
  } else if (expected.body === undefined) expect(expected.statuses).toContain(answer.status);
  else {
    const ranged = expected.ranges && method === 'GET' && headers['if-range'] === undefined;
    const slice = ranged ? judgeRange(headers.range, expected.body.byteLength) : { kind: 'whole' as const };
    const gzip = expected.gzips === true && judgeGzip(encodings ?? []);
    if (slice.kind === 'unsatisfiable') {
      expect([answer.status, answer.headers['content-range']]).toEqual([
        416,
        `bytes */${expected.body.byteLength}`,
      ]);
    } else if (slice.kind === 'slice') {
      expect(answer.status).toBe(206);
      expect(answer.headers['content-range']).toBe(
        `bytes ${slice.first}-${slice.last}/${expected.body.byteLength}`,
      );
      expect(answer.body.equals(expected.body.subarray(slice.first, slice.last + 1))).toBe(true);
    } else {
      expect(answer.status).toBe(200);
      expect(answer.headers['content-encoding']).toBe(gzip ? 'gzip' : undefined);
      if (method === 'GET') {
        const plain = gzip ? gunzipSync(answer.body) : answer.body;
        expect(plain.equals(expected.body)).toBe(true);
      } else if (!gzip) expect(answer.headers['content-length']).toBe(String(expected.body.byteLength));
    }
  }
  if (method === 'HEAD') expect(answer.body.byteLength).toBe(0);
  const ours = answer.headers.connection !== 'close'; // what Node refuses by itself it says with that
  if (answer.status >= 400 && ours) expect(answer.headers['cache-control']).toBe('public, max-age=1'); // LL20
  const pages = request.target.kind === 'page' && answer.status === 200;
  if (ours && !pages) expect(answer.headers['access-control-allow-origin']).toBe('*'); // LL22
}

/** Sends it, waits for an answer or for being held, and sees a held one through to its end. */
async function exchange(request: Asked, client: Client): Promise<void> {
  const one = await concrete(request);
  const reads = request.method === 'GET' || request.method === 'HEAD';
  let expected = reads ? await expectation(one) : NOT_FOUND;
  const headers = headersOf(one, expected.body?.byteLength ?? 1000);
  const sent = await client.send(request, one.path, headers);
  let answer: WireAnswer | undefined;
  const answered = sent.answer.then((got) => {
    answer = got;
  });
  await house.until('answered or held', async () => answer !== undefined || (await house.held()) > 0);
  if (answer === undefined) {
    expect(expected.held).toBeDefined();
    if (request.abandons) {
      sent.abort();
      await house.until(`forgotten: ${request.method} ${one.path}`, async () => (await house.held()) === 0);
      return;
    }
    for (let fed = 0; (await house.held()) > 0; fed += 1) {
      if (fed > 3 * PARTS_PER_SEGMENT) throw new Error('still held');
      house.feed(1);
    }
    expected = await expectation(one);
    expect(expected.held).toBeUndefined();
  } else expect(expected.held).not.toBe('must');
  await answered;
  if (answer) checkAnswer(one, headers, answer, expected);
}

interface Client {
  send(
    request: Asked,
    path: string,
    headers: Record<string, string>,
  ): Promise<{ readonly answer: Promise<WireAnswer>; readonly abort: () => void }>;
  close(): Promise<void>;
}

const headText = (request: Asked, path: string, headers: Record<string, string>): string => {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const target = request.absolute ? `http://elsewhere.example${path}` : path;
  return `${request.method} ${target} HTTP/1.1\r\nHost: localhost\r\n${lines.join('')}\r\n`;
};

function client1(secure: boolean): Client {
  let connection: WireConnection | undefined;
  return {
    async send(request, path, headers) {
      if (!connection || connection.closed) {
        connection = await WireConnection.open(secure ? house.securePort : house.plainPort, secure);
      }
      const used = connection;
      expect(used.unreadBytes).toBe(0);
      used.send(headText(request, path, headers));
      const answer = used.next(request.method).then((got) => {
        // Node closes after what it cannot parse: not to be used for the next one.
        if (got.headers.connection === 'close') {
          used.destroy();
          connection = undefined;
        }
        return got;
      });
      return {
        answer,
        abort: () => {
          used.destroy();
          connection = undefined;
        },
      };
    },
    async close() {
      if (connection) expect(connection.unreadBytes).toBe(0);
      connection?.destroy();
    },
  };
}

function client2(): Client {
  let session: ClientHttp2Session | undefined;
  return {
    async send(request, path, headers) {
      session ??= house.session();
      return request2(session, request.method, path, headers);
    },
    async close() {
      const ending = session;
      if (!ending) return;
      await new Promise<void>((done) => ending.close(done));
    },
  };
}

/** After whatever was asked: nobody waits, no connection is left over, nothing was logged, and good requests are served. */
async function isUnharmed(): Promise<void> {
  await house.until('nobody waits', async () => (await house.held()) === 0);
  await house.until('only our connection is open', () => house.openSockets <= 1);
  expect(house.logger.lines.filter(([level]) => level !== 'info')).toEqual([]);
  const { status, body } = await fetchGood('/live/show/hi.m3u8');
  expect([status, body.toString().startsWith('#EXTM3U\n')]).toEqual([200, true]);
}

const fuzz = (client: () => Client, share: number): Promise<void> =>
  Promise.resolve(
    fc.assert(
      fc.asyncProperty(fc.array(asked, { minLength: 1, maxLength: 2 * PER_RUN - 1 }), async (requests) => {
        const used = client();
        try {
          for (const request of requests) await exchange(request, used);
        } finally {
          await used.close();
        }
        await isUnharmed();
      }),
      settings(REQUESTS * share),
    ),
  );

test(
  '[LL9] [LL11] [LL12] [LL13] [LL14] [LL16] [LL17] [LL20] [LL22] any request gets its right answer: HTTP/1.1',
  () => fuzz(() => client1(false), 0.4),
  LONG_MS,
);
test('any request gets its right answer: HTTP/1.1 over TLS', () => fuzz(() => client1(true), 0.1), LONG_MS);
test('any request gets its right answer: HTTP/2', () => fuzz(client2, 0.2), LONG_MS);

test(
  'pipelined requests are answered in order, each rightly',
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(asked, { minLength: 2, maxLength: 12 }), async (requests) => {
        const batch: { one: Concrete; headers: Record<string, string>; expected: Expected }[] = [];
        for (const request of requests) {
          if (request.method !== 'GET' && request.method !== 'HEAD' && request.method !== 'POST') continue;
          if (request.target.kind === 'junk') continue; // may be no HTTP at all
          const one = await concrete(request);
          const expected = await expectation(one);
          if (expected.held) continue;
          batch.push({ one, expected, headers: headersOf(one, expected.body?.byteLength ?? 1000) });
        }
        const connection = await WireConnection.open(house.plainPort);
        connection.send(batch.map(({ one, headers }) => headText(one.asked, one.path, headers)).join(''));
        for (const { one, headers, expected } of batch) {
          checkAnswer(one, headers, await connection.next(one.asked.method), expected);
        }
        expect(connection.unreadBytes).toBe(0);
        connection.destroy();
        await isUnharmed();
      }),
      settings(REQUESTS * 0.1),
    );
  },
  LONG_MS,
);

test(
  'what is not well framed is refused or read as RFC 9112 says; nothing is smuggled',
  async () => {
    const follow = '/live/over/hi/e1/init.mp4';
    const [followBody, smuggledBody] = await Promise.all(
      [follow, SMUGGLED].map(async (path) => {
        const connection = await WireConnection.open(house.plainPort);
        connection.send(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
        return (await connection.next('GET')).body;
      }),
    );
    const isBody = (answer: WireAnswer, body: Buffer | undefined): boolean =>
      answer.status === 200 && body !== undefined && answer.body.equals(body);
    expect(followBody?.equals(smuggledBody ?? Buffer.alloc(0))).toBe(false);

    const play = async (frame: Frame, connection: WireConnection): Promise<void> => {
      connection.send(frame.text);
      if (!frame.open)
        connection.send(`GET ${follow} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
      const patienceMs = frame.open ? 30 : 5000;
      const answers: WireAnswer[] = [];
      for (;;) {
        const timer = { id: undefined as NodeJS.Timeout | undefined };
        const late = new Promise<WireAnswer>((resolve) => {
          timer.id = setTimeout(() => resolve(NO_ANSWER), patienceMs);
        });
        const answer = await Promise.race([connection.next('GET'), late]);
        clearTimeout(timer.id);
        if (answer === NO_ANSWER) break;
        answers.push(answer);
      }
      const where = `${frame.name}: ${answers.map(({ status }) => status).join(' ')}`;
      if (!frame.open) expect([where, connection.closed]).toEqual([where, true]);
      const first = answers[0] ?? NO_ANSWER;
      expect([where, frame.allowed.includes(first.status)]).toEqual([where, true]);
      for (const answer of answers) expect([where, isBody(answer, smuggledBody)]).toEqual([where, false]);
      const after = answers.slice(1);
      if (frame.goesOn && first.status < 400) expect([where, after.length]).toEqual([where, 1]);
      // What comes after is the answer to what followed, or the word that no more is read.
      for (const answer of after) {
        const right = isBody(answer, followBody) || (answer.status === 400 && !frame.goesOn);
        expect([where, right]).toEqual([where, true]);
      }
    };
    await fc.assert(
      fc.asyncProperty(fc.array(frames, { minLength: 1, maxLength: 2 * PER_RUN - 1 }), async (list) => {
        for (const frame of list) {
          const connection = await WireConnection.open(house.plainPort);
          await play(frame, connection).finally(() => connection.destroy());
        }
        await isUnharmed();
      }),
      settings(REQUESTS * 0.2),
    );
  },
  LONG_MS,
);
