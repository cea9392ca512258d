/**
 * What no HTTP client would send: broken request lines, hosts, headers, framing. Each with the statuses that RFC 9112 and
 * 9110 leave open; 0 is an end of the connection without an answer.
 */
import fc from 'fast-check';

export interface Frame {
  readonly name: string;
  /** Sent as it is, Latin-1. */
  readonly text: string;
  readonly allowed: readonly number[];
  /** What follows on the same connection has to be answered, and rightly. */
  readonly goesOn: boolean;
  /** The frame waits for more: what follows is swallowed by it, or nothing follows. */
  readonly open?: boolean;
}

/** Answered at once, body not empty. */
const PATH = '/live/over/hi.m3u8';
/** What a smuggled request asks: its answer must never be seen. */
export const SMUGGLED = '/live/over/lo/e1/init.mp4';
const HOST = 'Host: localhost\r\n';
const BAD = [400] as const;

const frame = (name: string, text: string, allowed: readonly number[], goesOn = false): Frame => ({
  name,
  text,
  allowed,
  goesOn,
});
const get = (headers: string): string => `GET ${PATH} HTTP/1.1\r\n${headers}\r\n`;

const lines: readonly Frame[] = [
  ...[
    'GET',
    `GET ${PATH}`,
    ` ${PATH} HTTP/1.1`,
    `GET ${PATH} FTP/1.0`,
    `GET ${PATH} http/1.1`,
    '\x16\x03\x01\0\xa5',
  ],
  ...[
    `GET ${PATH} HTTP/1.1x`,
    `GET\0${PATH} HTTP/1.1`,
    `GET ${PATH}\0 HTTP/1.1`,
    `GET ${PATH} HTTP/11`,
    `:${PATH}`,
  ],
  ...[
    `GET ${PATH} HTTP/a.b`,
    `GET ${PATH}\x7f HTTP/1.1`,
    `{"json":true}`,
    `GET ${PATH} b HTTP/1.1`,
    `G@T ${PATH} HTTP/1.1`,
  ],
].map((line) => frame(`line ${JSON.stringify(line)}`, `${line}\r\n${HOST}\r\n`, BAD));
const versions: readonly Frame[] = [
  frame('HTTP/9.9', `GET ${PATH} HTTP/9.9\r\n${HOST}\r\n`, [400, 505]),
  frame('HTTP/2.0', `GET ${PATH} HTTP/2.0\r\n${HOST}\r\n`, [400, 505, 200]),
  frame('HTTP/1.0', `GET ${PATH} HTTP/1.0\r\n\r\n`, [200]),
  frame('HTTP/1.0 kept', `GET ${PATH} HTTP/1.0\r\nConnection: keep-alive\r\n\r\n`, [200], true),
  frame('preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', [400, 0]),
  frame('unknown method', `FOO ${PATH} HTTP/1.1\r\n${HOST}\r\n`, [400, 405, 501]),
  frame('lower case', `get ${PATH} HTTP/1.1\r\n${HOST}\r\n`, [400, 405, 501]),
  frame('CONNECT', `CONNECT localhost:443 HTTP/1.1\r\n${HOST}\r\n`, [405]),
  frame('asterisk', `OPTIONS * HTTP/1.1\r\n${HOST}\r\n`, [204], true),
  frame('GET of asterisk', `GET * HTTP/1.1\r\n${HOST}\r\n`, [400, 404], true),
  frame('no slash', `GET live/over/hi.m3u8 HTTP/1.1\r\n${HOST}\r\n`, [400, 404]),
  frame('fragment', `GET ${PATH}#a HTTP/1.1\r\n${HOST}\r\n`, [400, 404], true),
  frame('empty lines first', `\r\n\r\n${get(HOST)}`, [200, 400]),
  frame('absolute, other host', `GET http://elsewhere${PATH} HTTP/1.1\r\n${HOST}\r\n`, [200], true),
];
const hosts: readonly Frame[] = [
  frame('no Host', get(''), BAD),
  frame('two Hosts', get(`${HOST}Host: elsewhere\r\n`), BAD, true),
  frame('the same Host twice', get(`${HOST}${HOST}`), BAD, true),
  ...['a b', 'a/b', 'a@b', 'a?b', 'a#b', 'http://a', 'a:b', '[::1', '\x80', 'a\\b'].map((host) =>
    frame(`Host ${JSON.stringify(host)}`, get(`Host: ${host}\r\n`), BAD, true),
  ),
  ...['', 'LOCALHOST', '[::1]:8080', 'x.example:99999', 'a_b', '127.0.0.1'].map((host) =>
    frame(`Host ${JSON.stringify(host)}`, get(`Host: ${host}\r\n`), [200], true),
  ),
];
const headers: readonly Frame[] = [
  frame('blank in a name', get(`${HOST}a b: c\r\n`), BAD),
  frame('blank before the colon', get(`${HOST}a : c\r\n`), BAD),
  frame('no name', get(`${HOST}: c\r\n`), BAD),
  frame('no colon', get(`${HOST}abc\r\n`), BAD),
  frame('NUL in a value', get(`${HOST}a: b\0c\r\n`), BAD),
  frame('NUL in a name', get(`${HOST}a\0: c\r\n`), BAD),
  frame('bare CR', get(`${HOST}a: b\rc\r\n`), BAD),
  frame('control in a value', get(`${HOST}a: b\x01c\r\n`), [400, 200]),
  frame('folded', get(`${HOST}a: b\r\n c\r\n`), [400, 200]),
  frame('folded first', `GET ${PATH} HTTP/1.1\r\n ${HOST}\r\n`, BAD),
  frame('bare LF', `GET ${PATH} HTTP/1.1\nHost: localhost\n\n`, [400, 200]),
  frame('Latin-1 value', get(`${HOST}a: \xe9\xff\r\n`), [200], true),
  frame('unexpected expectation', get(`${HOST}Expect: tea\r\n`), [417], true),
  frame('expected go-ahead', get(`${HOST}Expect: 100-continue\r\nContent-Length: 0\r\n`), [200], true),
  frame(
    'upgrade to h2c',
    get(`${HOST}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n`),
    [200],
  ),
  frame('upgrade to websocket', get(`${HOST}Connection: Upgrade\r\nUpgrade: websocket\r\n`), [200]),
  frame('odd Connection', get(`${HOST}Connection: host, content-length, x\r\n`), [200], true),
];
const sized = fc.oneof(
  fc
    .integer({ min: 1, max: 700 })
    .map((n) => frame(`${n} headers`, get(HOST + 'a: b\r\n'.repeat(n)), [200], true)),
  fc
    .integer({ min: 1, max: 9000 })
    .map((n) => frame(`value of ${n}`, get(`${HOST}a: ${'b'.repeat(n)}\r\n`), [200], true)),
  fc
    .integer({ min: 17_000, max: 90_000 })
    .map((n) => frame(`value of ${n}`, get(`${HOST}a: ${'b'.repeat(n)}\r\n`), [431])),
  fc
    .integer({ min: 4000, max: 9000 })
    .map((n) => frame(`${n} headers`, get(HOST + 'a: b\r\n'.repeat(n)), [431])),
  fc
    .integer({ min: 17_000, max: 60_000 })
    .map((n) => frame(`target of ${n}`, `GET /${'a'.repeat(n)} HTTP/1.1\r\n${HOST}\r\n`, [414, 431])),
);

const smuggled = `GET ${SMUGGLED} HTTP/1.1\r\n${HOST}\r\n`;
const body = `Content-Length: ${smuggled.length}\r\n`;
const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;
const chunked = 'Transfer-Encoding: chunked\r\n';
/** After what is wrong inside a body the answer may be out already; then only the end of the connection is right. */
const BROKEN_BODY = [200, 400, 413] as const;
const framing: readonly Frame[] = [
  frame('a body on GET', get(HOST + body) + smuggled, [200, 400, 413], true),
  frame('a chunked body on GET', `${get(HOST + chunked)}${chunk(smuggled)}0\r\n\r\n`, [200, 400], true),
  frame(
    'chunk extensions',
    `${get(HOST + chunked)}1;a="b";c\r\nx\r\n${chunk(smuggled)}0\r\n\r\n`,
    [200, 400],
    true,
  ),
  frame('trailers', `${get(HOST + chunked)}${chunk(smuggled)}0\r\nHost: elsewhere\r\n\r\n`, [200, 400], true),
  frame('length and chunked', `${get(`${HOST}Content-Length: 4\r\n${chunked}`)}0\r\n\r\n${smuggled}`, BAD),
  frame('chunked and length', `${get(`${HOST}${chunked}${body}`)}0\r\n\r\n${smuggled}`, BAD),
  ...['gzip', 'identity', 'xchunked', 'chunked, gzip', 'chunked x', '"chunked"', 'chunked\x0b', ''].map(
    (value) =>
      frame(
        `Transfer-Encoding ${JSON.stringify(value)}`,
        `${get(`${HOST}Transfer-Encoding: ${value}\r\n`)}${smuggled}`,
        [400, 501],
      ),
  ),
  frame(
    'Transfer-Encoding twice',
    `${get(`${HOST}${chunked}Transfer-Encoding: gzip\r\n`)}${smuggled}`,
    [400, 501],
  ),
  frame('blank before its colon', `${get(`${HOST}Transfer-Encoding : chunked\r\n`)}${smuggled}`, BAD),
  frame('HTTP/1.0 chunked', `GET ${PATH} HTTP/1.0\r\n${chunked}\r\n${chunk(smuggled)}0\r\n\r\n`, [200, 400]),
  ...['-1', '+5', '0x5', '5 5', 'abc', '1e2', '5, 6', '18446744073709551616', '٣'].map((value) =>
    frame(
      `Content-Length ${value}`,
      `${get(`${HOST}Content-Length: ${Buffer.from(value).toString('latin1')}\r\n`)}${smuggled}`,
      [400, 413],
    ),
  ),
  frame('two lengths', `${get(`${HOST}Content-Length: 0\r\n${body}`)}${smuggled}`, BAD),
  ...['g', '-1', '0x5', 'fffffffffffffffff', ' 5', '5 ', '\n'].map((size) =>
    frame(`chunk size ${JSON.stringify(size)}`, `${get(HOST + chunked)}${size}\r\n${smuggled}`, BROKEN_BODY),
  ),
  frame('chunk longer than said', `${get(HOST + chunked)}1\r\n${smuggled}`, BROKEN_BODY),
  frame('LF in a chunk size', `${get(HOST + chunked)}1\nx\r\n0\r\n\r\n`, BROKEN_BODY),
  {
    ...frame('less than its length', get(`${HOST}Content-Length: 100000\r\n`) + smuggled, [200, 400, 413]),
    open: true,
  },
  { ...frame('half a head', `GET ${PATH} HTTP/1.1\r\nHost: loc`, [0]), open: true },
  { ...frame('half a chunk', `${get(HOST + chunked)}ffff\r\n${smuggled}`, [200, 400]), open: true },
  { ...frame('nothing', '', [0]), open: true },
];

const garbage = fc
  .uint8Array({ minLength: 1, maxLength: 200 })
  .map((bytes) =>
    frame('bytes', `${Buffer.from(bytes).toString('latin1')}\r\n\r\n`, [0, 200, 400, 404, 405, 431]),
  );

/** One thing of every kind about as often. */
export const frames: fc.Arbitrary<Frame> = fc.oneof(
  ...[lines, versions, hosts, headers, framing].map((list) => fc.constantFrom(...list)),
  sized,
  garbage,
);
