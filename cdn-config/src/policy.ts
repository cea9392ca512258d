/**
 * The one cache policy of Rostrum's output, as data (rules LL20-LL23). The origin takes its headers from here; the
 * CloudFront and Varnish configurations are generated from here.
 */
import { SHEDDING_HEADER } from '@rostrum/contracts/playlist-headers';
import { type LatencyProfile, PROFILES } from '@rostrum/contracts/profile';

/** What a response is, for caching. */
export type ResponseClass =
  /** Media playlist that a directive request has waited for. */
  | 'playlist-awaited'
  /** Media playlist answered at once: no directives, or directives already met. */
  | 'playlist-at-once'
  | 'multivariant'
  /** Part, segment, init segment, live or recorded: the name is never used for anything else. */
  | 'media'
  | 'recording-playlist'
  /** index.html of the watch page, and its settings. */
  | 'page'
  /** Files whose name holds their hash. */
  | 'asset'
  | 'error';

const YEAR_S = 31_536_000;

/** Delivery directives: with the path the whole cache key of a playlist (LL21). */
export const PLAYLIST_KEY_PARAMETERS = ['_HLS_msn', '_HLS_part', '_HLS_skip'] as const;

/** What CORS lets any player do and read (LL22). */
export const CORS = {
  allowOrigin: '*',
  allowMethods: ['GET', 'HEAD', 'OPTIONS'],
  allowHeaders: ['Range', 'CMCD-Object', 'CMCD-Request', 'CMCD-Session', 'CMCD-Status'],
  exposeHeaders: ['Age', 'Date', 'Content-Length', 'Content-Range', 'Retry-After', SHEDDING_HEADER],
  maxAgeS: 86_400,
} as const;

/** Longest time any answer may be kept, seconds: playlists that were waited for say how much less they want. */
export function freshForS(responseClass: ResponseClass, profile: LatencyProfile): number {
  switch (responseClass) {
    case 'playlist-awaited':
      return 6 * profile.targetDurationS;
    case 'playlist-at-once':
      return 1;
    case 'multivariant':
      return Math.max(1, Math.floor(profile.segmentMs / 2000));
    case 'media':
    case 'asset':
      return YEAR_S;
    case 'recording-playlist':
      return 10;
    case 'page':
      return 0;
    case 'error':
      return ERROR_TTL_S;
  }
}

/** Errors are forgotten at once: a part that is asked for a moment too early must not stay missing (LL20). */
export const ERROR_TTL_S = 1;

/** Told with every 503: by then a restarted origin is back, or a part that came late is there. */
export const RETRY_AFTER_S = 1;

/** The `Cache-Control` of a response. */
export function cacheControl(responseClass: ResponseClass, profile: LatencyProfile): string {
  if (responseClass === 'page') return 'no-cache';
  const freshS = freshForS(responseClass, profile);
  return freshS === YEAR_S ? `public, max-age=${freshS}, immutable` : `public, max-age=${freshS}`;
}

/** How long the origin holds a request before it answers 503 (LL15), milliseconds. */
export const holdLimitMs = (profile: LatencyProfile): number => 3 * profile.targetDurationS * 1000;

/** Seconds an edge gives the origin above the longest hold: a slow network must not turn a held part into an error. */
const EDGE_MARGIN_S = 4;

/** One edge serves channels of every profile: its bounds are the widest of them. */
const ALL_PROFILES: readonly LatencyProfile[] = Object.values(PROFILES);

/** How long an edge waits for the origin's first byte (LL23). */
export const EDGE_RESPONSE_TIMEOUT_S =
  Math.max(...ALL_PROFILES.map((profile) => holdLimitMs(profile) / 1000)) + EDGE_MARGIN_S;

/**
 * Who is asked for it, where there is a bucket. It can hold no request: playlists and parts that may be held (LL11-LL16) are the
 * origin's alone. Init segments may be held for a moment before they are there (LL17), and lie in the bucket ever after: it is asked
 * once the origin had all its time; for what nobody asks too early it is asked sooner (`origin-soon-bucket`).
 */
export type PathSource = 'origin' | 'origin-then-bucket' | 'origin-soon-bucket' | 'bucket';

/** A class of paths at the edge (`*` is any text). The origin's Cache-Control says how long; the rule bounds it. */
export interface PathRule {
  readonly name: 'playlists' | 'parts' | 'inits' | 'media' | 'recordings' | 'standard' | 'assets' | 'pages';
  readonly pattern: string;
  /** Query parameters in the cache key; all others are neither keyed nor passed on (LL21). */
  readonly keyParameters: readonly string[];
  readonly maxTtlS: number;
  /** Text that the origin gzips. */
  readonly gzip: boolean;
  readonly from: PathSource;
  /** Whether it may need a right: then it lies below `PRIVATE_PREFIX` (contracts/media-urls.ts) too. */
  readonly ofChannel: boolean;
}

/** In order of precedence: the first that matches holds. */
export const PATH_RULES: readonly PathRule[] = [
  {
    name: 'playlists',
    pattern: '/live/*.m3u8',
    keyParameters: PLAYLIST_KEY_PARAMETERS,
    maxTtlS: Math.max(...ALL_PROFILES.map((profile) => freshForS('playlist-awaited', profile))),
    gzip: true,
    from: 'origin',
    ofChannel: true,
  },
  rule('parts', '/live/*.p*.mp4', { ofChannel: true }),
  rule('inits', '/live/*/init.mp4', { from: 'origin-then-bucket', ofChannel: true }),
  rule('media', '/live/*', { from: 'origin-soon-bucket', ofChannel: true }),
  rule('recordings', '/recordings/*', { gzip: true, from: 'origin-soon-bucket', ofChannel: true }),
  // Of a bucket alone: an edge without one has none, and the origin, which it asks as for all else, says so.
  rule('standard', '/standard/*', { gzip: true, from: 'bucket', ofChannel: true }),
  rule('assets', '/assets/*', { gzip: true }),
  rule('pages', '/w/*', { gzip: true, maxTtlS: 0 }),
];

function rule(name: PathRule['name'], pattern: string, more: Partial<PathRule>): PathRule {
  const rest = { maxTtlS: YEAR_S, gzip: false, from: 'origin', ofChannel: false } as const;
  return { name, pattern, keyParameters: [], ...rest, ...more };
}
