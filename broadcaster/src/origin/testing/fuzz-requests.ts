/** What the fuzzer asks: well-framed requests of every sort, as data for fast-check; and the paths they come to. */
import fc from 'fast-check';
import type { Parameter } from './fuzz-oracle.ts';

export type Area = 'live' | 'over' | 'recording';
export const AREA_PATHS: Readonly<Record<Area, string>> = {
  live: '/live/show/',
  over: '/live/over/',
  recording: '/recordings/over/',
};
const RENDITIONS = ['hi', 'lo', 'audio'] as const;

/** A parameter, and one of the ways to write it. */
export interface Written extends Parameter {
  readonly text: string;
}

export type Target =
  | {
      readonly kind: 'playlist';
      readonly area: Area;
      readonly rendition: string;
      readonly query: readonly Written[];
    }
  | { readonly kind: 'multivariant'; readonly area: Area }
  | {
      readonly kind: 'media';
      readonly area: Area;
      readonly rendition: string;
      readonly file: 'init' | 'segment' | 'part';
      /** From the last complete segment. */
      readonly msnOffset: number;
      readonly part: number;
      readonly epoch: number;
    }
  | { readonly kind: 'mangled'; readonly path: string }
  | { readonly kind: 'junk'; readonly path: string }
  | { readonly kind: 'page'; readonly path: string };

export interface RangeSpec {
  readonly prefix: string;
  readonly from: Edge | undefined;
  readonly to: Edge | undefined;
  readonly suffix: string;
}
/** A number near an end of the body, or far off. */
interface Edge {
  readonly base: 'start' | 'end' | 'far';
  readonly delta: number;
}

export interface Asked {
  readonly method: string;
  readonly target: Target;
  /** HTTP/1.1 only. */
  readonly absolute: boolean;
  readonly range: RangeSpec | undefined;
  readonly ifRange: boolean;
  readonly encodings: readonly { coding: string; weight: string | undefined }[] | undefined;
  readonly noise: readonly (readonly [string, string])[];
  /** Of a held request: the client goes away instead of waiting. */
  readonly abandons: boolean;
}

const percent = (text: string): string =>
  [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
const written = (name: string, value: string, way: number): Written => {
  const plain = `${name}=${encodeURIComponent(value)}`;
  const text = [plain, plain, `${percent(name)}=${encodeURIComponent(value)}`, `${name}=${percent(value)}`][
    way
  ];
  return { name, value, text: text ?? plain };
};

const oddNumbers = fc.constantFrom(
  ...['', '-1', '+1', '1.0', '1e3', '0x10', ' 1', '1 ', 'abc', 'YES', 'NaN', 'Infinity', '1,2', '1;2', '-0'],
  ...['\u0661', '\uff11', '1\0', '\0', '9'.repeat(19), '9'.repeat(20), '9'.repeat(21), '9'.repeat(300)],
  ...['00000000000000000005', '000000000000000000005', '18446744073709551616', '1\n', '%', '"1"', "1'--"],
);
const number = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 40 }).map(String) },
  { weight: 3, arbitrary: oddNumbers },
  { weight: 1, arbitrary: fc.string() },
);
/** MSNs near the live edge are drawn relative to it and put in when the edge is known: `edge+2`. */
export const EDGE = /^edge([+-]\d+)$/;
const msn = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: -12, max: 4 }).map((n) => `edge${n < 0 ? '' : '+'}${n}`) },
  { weight: 3, arbitrary: number },
);
const way = fc.nat(3);
const directive = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(msn, way).map(([v, w]) => written('_HLS_msn', v, w)) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.oneof(fc.integer({ min: 0, max: 14 }).map(String), number), way)
      .map(([v, w]) => written('_HLS_part', v, w)),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom('YES', 'v2', 'yes', 'v3', '', 'NO', 'YES '), way)
      .map(([v, w]) => written('_HLS_skip', v, w)),
  },
  // Whose name is not exactly a directive's is foreign (LL21), and so is what a CDN or a CMCD client appends.
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        fc.constantFrom('CMCD', '_hls_msn', '_HLS_msn ', '_HLS_', 'token', 'x?_HLS_msn', '', 'HLS_part'),
        fc.oneof(fc.constant('br=3200,bl=1,sid="a"'), fc.string()),
      )
      .map(([n, v]) => ({ name: n, value: v, text: `${encodeURIComponent(n)}=${encodeURIComponent(v)}` })),
  },
  // Broken escapes stay as they are; plus is a space.
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('%zz', '%', '%1')
      .map((v) => ({ name: '_HLS_msn', value: v, text: `_HLS_msn=${v}` })),
  },
  { weight: 1, arbitrary: fc.constant({ name: '_HLS_msn', value: ' 5', text: '_HLS_msn=+5' }) },
  { weight: 1, arbitrary: fc.constant({ name: '_HLS_part', value: '', text: '_HLS_part' }) },
);

const INSERTS = [
  ...[
    '..',
    '/..',
    '../',
    '%2e%2e',
    '%2e%2e%2f',
    '//',
    '%2f',
    '%5c',
    '\\',
    '%00',
    '%',
    '%zz',
    '%',
    '.',
    '%20',
  ],
  ...[
    ';a=b',
    '~',
    "'",
    '"',
    '<',
    '|',
    'A'.repeat(60),
    'A'.repeat(300),
    'A'.repeat(5000),
    '%C0%AE',
    ':',
    '@',
    '*',
  ],
] as const;
const GOOD_PATHS = [
  ...['/live/show/hi.m3u8', '/live/show/multivariant.m3u8', '/live/show/hi/e1/s14.mp4', '/live/over/lo.m3u8'],
  ...['/live/over/lo/e1/init.mp4', '/recordings/over/hi.m3u8', '/recordings/over/hi/e1/s3.mp4'],
  '/recordings/show/hi.m3u8',
] as const;
const mangled = fc
  .tuple(fc.constantFrom(...GOOD_PATHS), fc.nat(40), fc.constantFrom(...INSERTS))
  .map(([path, at, insert]) => {
    const cut = 1 + (at % path.length);
    return { kind: 'mangled', path: path.slice(0, cut) + insert + path.slice(cut) } as const;
  });
const never = fc
  .constantFrom(
    ...[
      '/live/show/hi.m3u8/',
      '/live/show/HI.m3u8',
      '/live/show/hi.M3U8',
      '/live/none/hi.m3u8',
      '/live/show/4k.m3u8',
    ],
    ...[
      '/live/show/hi/e01/s3.mp4',
      '/live/show/hi/e1/s03.mp4',
      '/live/show/hi/e1/s-3.mp4',
      '/live/show/hi/e1/s3.p00.mp4',
    ],
    ...[
      '/live/show/hi/e1/s1e1.mp4',
      '/live/show/hi/e1/s99999999999999999999.mp4',
      '/live/show/hi/e1/',
      '/live/show/hi',
    ],
    ...[
      '/live/show/journal.jsonl',
      '/recordings/over/journal.jsonl',
      '/recordings/none/hi.m3u8',
      '/recordings/over/4k.m3u8',
      '/recordings/show/4k.m3u8',
    ],
    ...[
      '/live',
      '/live/',
      '/live/show',
      '/live/show/',
      '/recordings',
      '/',
      '/w/',
      '/w/a.b',
      '/w/a/b',
      '/assets/',
      '/assets',
    ],
    ...[
      '/assets/none.js',
      '/assets/../index.html',
      '/assets/%2e%2e/index.html',
      '/assets/.hidden',
      '/index.html',
    ],
    ...[
      '/recordings/over/../show/hi.m3u8',
      '/live/constructor/hi.m3u8',
      '/live/__proto__/hi.m3u8',
      '/live/show/__proto__.m3u8',
    ],
  )
  .map((path) => ({ kind: 'mangled', path }) as const);
const junk = fc
  .string({ unit: fc.integer({ min: 0x21, max: 0x7e }).map((c) => String.fromCharCode(c)), maxLength: 60 })
  .map((text) => ({ kind: 'junk', path: `/${text}` }) as const);
const page = fc
  .constantFrom('/w/spring', '/w/spring/', '/w/spring/config.json', '/assets/main.js')
  .map((path) => ({ kind: 'page', path }) as const);
const area = fc.constantFrom<Area[]>('live', 'live', 'live', 'over', 'recording');
const rendition = fc.constantFrom(...RENDITIONS);

const target: fc.Arbitrary<Target> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('playlist'),
      area,
      rendition,
      query: fc.array(directive, { maxLength: 4 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('media'),
      area,
      rendition,
      file: fc.constantFrom('init', 'segment', 'part'),
      msnOffset: fc.oneof(fc.integer({ min: -30, max: 5 }), fc.integer({ min: -2, max: 2 })),
      part: fc.nat(8),
      epoch: fc.constantFrom(1, 1, 1, 1, 1, 0, 2, 3, 4_294_967_296),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('multivariant'), area }) },
  { weight: 2, arbitrary: mangled },
  { weight: 2, arbitrary: never },
  { weight: 1, arbitrary: junk },
  { weight: 1, arbitrary: page },
);

const edge = fc.record({
  base: fc.constantFrom('start', 'end', 'far'),
  delta: fc.integer({ min: -2, max: 3 }),
});
const range: fc.Arbitrary<RangeSpec> = fc.record({
  prefix: fc.constantFrom(
    ...Array<string>(8).fill('bytes='),
    'Bytes=',
    'bytes',
    'items=',
    'bytes= ',
    'bytes:',
    '',
  ),
  from: fc.option(edge, { nil: undefined, freq: 3 }),
  to: fc.option(edge, { nil: undefined, freq: 3 }),
  suffix: fc.constantFrom(...Array<string>(8).fill(''), ',0-1', ',', '-', '/10', 'x', ' - ', '.5'),
});

export function rangeText({ prefix, from, to, suffix }: RangeSpec, length: number): string {
  const text = (end: Edge | undefined): string => {
    if (!end) return '';
    if (end.base === 'far') return '9'.repeat(16 + 10 * Math.abs(end.delta));
    return String(Math.max(0, (end.base === 'start' ? 0 : length) + end.delta));
  };
  return `${prefix}${text(from)}-${text(to)}${suffix}`;
}

const encodings = fc.array(
  fc.record({
    coding: fc.constantFrom('gzip', 'gzip', 'GZIP', '*', 'identity', 'br', 'deflate', 'gzippy', 'not-gzip'),
    weight: fc.constantFrom(undefined, undefined, '0', '0.0', '0.000', '0.001', '0.5', '1', '1.000'),
  }),
  { maxLength: 4 },
);
const noise = fc.constantFrom<(readonly [string, string])[]>(
  ['if-none-match', '"abc"'],
  ['if-none-match', 'W/"x", "y'],
  ['if-modified-since', 'Sat, 01 Jan 2000 00:00:00 GMT'],
  ['if-modified-since', 'garbage'],
  ['cookie', 'x'.repeat(3000)],
  ['cmcd-request', 'bl=1000,mtp=,"'],
  ['x-forwarded-for', "127.0.0.1, ' OR 1=1"],
  ['cache-control', 'no-cache, max-age=-1'],
  ['origin', 'https://elsewhere.example'],
  ['access-control-request-method', 'DELETE'],
  ['te', 'trailers'],
  ['accept', '*/*;q=x'],
  ['content-type', 'multipart/form-data'],
  ['x-http-method-override', 'DELETE'],
);

export const KNOWN_METHODS = [
  'POST',
  'PUT',
  'DELETE',
  'PATCH',
  'TRACE',
  'PROPFIND',
  'LOCK',
  'QUERY',
] as const;
export const UNKNOWN_METHODS = ['FOO', 'get', 'GETS', 'X-GET'] as const;

export const asked: fc.Arbitrary<Asked> = fc.record({
  method: fc.oneof(
    { weight: 16, arbitrary: fc.constant('GET') },
    { weight: 4, arbitrary: fc.constant('HEAD') },
    { weight: 1, arbitrary: fc.constant('OPTIONS') },
    { weight: 2, arbitrary: fc.constantFrom(...KNOWN_METHODS) },
    { weight: 1, arbitrary: fc.constantFrom(...UNKNOWN_METHODS) },
  ),
  target,
  absolute: fc.nat(9).map((n) => n === 0),
  range: fc.option(range, { nil: undefined, freq: 2 }),
  ifRange: fc.nat(7).map((n) => n === 0),
  encodings: fc.option(encodings, { nil: undefined }),
  noise: fc.uniqueArray(noise, { maxLength: 3, selector: ([name]) => name }),
  abandons: fc.boolean(),
});
