/** Writes answers: headers by the one cache policy, CORS, ranges, gzip, metrics. */
import type { ServerResponse } from 'node:http';
import { CORS, cacheControl, RETRY_AFTER_S, type ResponseClass } from '@rostrum/cdn-config';
import { type LatencyProfile, PROFILES } from '@rostrum/contracts/profile';
import type { OriginRequest, OriginResponse } from './interface.ts';
import type { OriginMetrics } from './metrics.ts';

/** Fixed set: the label `class` of the metrics. */
export type MetricClass = 'playlist' | 'multivariant' | 'media' | 'recording' | 'page' | 'asset' | 'other';

export const PLAYLIST_TYPE = 'application/vnd.apple.mpegurl';

/** A body that is sent to many: as it is, and gzipped once when the first client asks for that. */
export interface SharedBody {
  readonly plain: Buffer;
  readonly gzip: () => Buffer;
  /** A weak one: it stands for the content, however it is coded. Absent: there is no asking whether it changed. */
  readonly etag?: string;
}

export const CORS_HEADERS: Readonly<Record<string, string>> = {
  'access-control-allow-origin': CORS.allowOrigin,
  'access-control-expose-headers': CORS.exposeHeaders.join(', '),
  'timing-allow-origin': '*',
};

const PREFLIGHT_HEADERS: Readonly<Record<string, string>> = {
  ...CORS_HEADERS,
  'access-control-allow-methods': CORS.allowMethods.join(', '),
  'access-control-allow-headers': CORS.allowHeaders.join(', '),
  'access-control-max-age': String(CORS.maxAgeS),
};

const WEIGHTED = /^\s*(gzip|x-gzip|\*)\s*(?:;\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?\s*$/i;
/** Thousands of clients send the same few headers. Forgotten when somebody sends many. */
const knownEncodings = new Map<string, boolean>();
const MAX_KNOWN_ENCODINGS = 100;

/** Does the client take gzip? RFC 9110, 12.5.3: its own weight counts before that of `*`; what cannot be read says nothing. */
export function acceptsGzip(request: OriginRequest): boolean {
  const header = request.headers['accept-encoding'];
  if (typeof header !== 'string') return false;
  const known = knownEncodings.get(header);
  if (known !== undefined) return known;
  const weights = new Map<string, number>();
  for (const item of header.split(',')) {
    const [, coding, weight = '1'] = WEIGHTED.exec(item) ?? [];
    if (coding !== undefined) weights.set(coding === '*' ? '*' : 'gzip', Number(weight));
  }
  const accepts = (weights.get('gzip') ?? weights.get('*') ?? 0) > 0;
  if (knownEncodings.size >= MAX_KNOWN_ENCODINGS) knownEncodings.clear();
  knownEncodings.set(header, accepts);
  return accepts;
}

export type RangeResult = { readonly start: number; readonly end: number } | 'whole' | 'unsatisfiable';

/** RFC 9110 byte range of a body of `length` bytes; `end` inclusive. What is no single byte range is ignored. */
export function parseRange(header: string | undefined, length: number): RangeResult {
  const match = header === undefined ? null : /^bytes=(\d*)-(\d*)$/i.exec(header.trim());
  if (!match) return 'whole';
  const [, first = '', last = ''] = match;
  if (first === '' && last === '') return 'whole';
  if (first === '') {
    const suffix = Math.min(Number(last), length);
    return suffix === 0 ? 'unsatisfiable' : { start: length - suffix, end: length - 1 };
  }
  const start = Number(first);
  if (last !== '' && Number(last) < start) return 'whole';
  if (start >= length) return 'unsatisfiable';
  return { start, end: last === '' ? length - 1 : Math.min(Number(last), length - 1) };
}

/** Up to here node:http sends head and body in one piece when both are strings. */
const MAX_STRING_BYTES = 15_000;

/** How a body that many get goes out. A string stands for bytes (latin1). */
interface Ready {
  readonly headers: Readonly<Record<string, string>>;
  readonly head: readonly string[];
  readonly content: string | Buffer;
}

export class Responder {
  readonly #metrics: OriginMetrics;
  readonly #ready = new WeakMap<Buffer, Ready>();

  constructor(metrics: OriginMetrics) {
    this.#metrics = metrics;
  }

  count(metricClass: MetricClass, status: number, bytes: number): void {
    this.#metrics.count(metricClass, status, bytes);
  }

  /** Errors are a code in JSON: no text for people here. */
  error(
    response: OriginResponse,
    metricClass: MetricClass,
    status: 400 | 403 | 404 | 405 | 416 | 500 | 501 | 503,
    code: string,
    headers: Readonly<Record<string, string>> = {},
  ): void {
    if (response.headersSent || response.destroyed) return;
    const body = Buffer.from(`${JSON.stringify({ error: code })}\n`);
    writeHead(response, status, {
      ...CORS_HEADERS,
      'content-type': 'application/json',
      'content-length': String(body.byteLength),
      'cache-control': cacheControl('error', PROFILES.standard), // the same for every profile
      ...(status === 503 ? { 'retry-after': String(RETRY_AFTER_S) } : {}),
      ...headers,
    });
    response.end(body);
    this.count(metricClass, status, body.byteLength);
  }

  preflight(response: OriginResponse): void {
    writeHead(response, 204, PREFLIGHT_HEADERS);
    response.end();
    this.count('other', 204, 0);
  }

  /** A body shared by many clients. HEAD gets the headers of a GET. Quickest with the same object of `headers`. */
  shared(
    request: OriginRequest,
    response: OriginResponse,
    metricClass: MetricClass,
    body: SharedBody,
    headers: Readonly<Record<string, string>>,
  ): void {
    if (body.etag !== undefined && isKnown(request.headers['if-none-match'], body.etag)) {
      this.#notModified(response, metricClass, { ...headers, etag: body.etag, vary: 'accept-encoding' });
      return;
    }
    const gzip = acceptsGzip(request);
    const bytes = gzip ? body.gzip() : body.plain;
    const { head, content } = this.#readyOf(bytes, gzip, body.etag, headers);
    writeHead(response, 200, head);
    if (request.method === 'HEAD') response.end();
    else response.end(content, 'latin1');
    this.count(metricClass, 200, request.method === 'HEAD' ? 0 : bytes.byteLength);
  }

  #notModified(
    response: OriginResponse,
    metricClass: MetricClass,
    headers: Readonly<Record<string, string>>,
  ): void {
    const { 'content-type': _, ...others } = headers;
    writeHead(response, 304, others);
    response.end();
    this.count(metricClass, 304, 0);
  }

  /** Ten thousand may get it at one time, so it is made once. */
  #readyOf(
    bytes: Buffer,
    gzip: boolean,
    etag: string | undefined,
    headers: Readonly<Record<string, string>>,
  ): Ready {
    const known = this.#ready.get(bytes);
    if (known?.headers === headers) return known;
    const all = {
      ...headers,
      ...(gzip ? { 'content-encoding': 'gzip' } : {}),
      ...(etag === undefined ? {} : { etag }),
      'content-length': String(bytes.byteLength),
      vary: 'accept-encoding',
    };
    const content = bytes.byteLength <= MAX_STRING_BYTES ? bytes.toString('latin1') : bytes;
    const ready = { headers, head: Object.entries(all).flat(), content };
    this.#ready.set(bytes, ready);
    return ready;
  }

  /** Bytes in memory, in pieces; ranges are served. */
  bytes(
    request: OriginRequest,
    response: OriginResponse,
    metricClass: MetricClass,
    pieces: readonly Uint8Array[],
    headers: Readonly<Record<string, string>>,
  ): void {
    const length = pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
    const range = this.rangeHead(request, response, metricClass, length, headers);
    if (!range) return;
    let at = 0;
    for (const piece of pieces) {
      const wanted = piece.subarray(Math.max(0, range.start - at), Math.max(0, range.end + 1 - at));
      if (wanted.byteLength > 0) writePiece(response, wanted); // never a copy: a slow client must not own one
      at += piece.byteLength;
    }
    response.end();
  }

  /**
   * Sends status and headers for a body of `length` bytes; with an `etag` among them who has it is told so. Returns the range
   * whose bytes the caller has to send and end; undefined when all is said (HEAD, 304, 416).
   */
  rangeHead(
    request: OriginRequest,
    response: OriginResponse,
    metricClass: MetricClass,
    length: number,
    headers: Readonly<Record<string, string>>,
  ): { readonly start: number; readonly end: number } | undefined {
    const { etag } = headers;
    if (etag !== undefined && isKnown(request.headers['if-none-match'], etag)) {
      this.#notModified(response, metricClass, headers);
      return undefined;
    }
    // RFC 9110: ranges are of GET alone (14.2); If-Range by strong comparison, and a date is no strong validator here (13.1.5).
    const ifRange = request.headers['if-range'];
    const ranged =
      request.method === 'GET' && (ifRange === undefined || (ifRange === etag && !etag.startsWith('W/')));
    const range = ranged ? parseRange(request.headers.range, length) : 'whole';
    if (range === 'unsatisfiable') {
      this.error(response, metricClass, 416, 'range-not-satisfiable', {
        'content-range': `bytes */${length}`,
      });
      return undefined;
    }
    const part = range === 'whole' ? { start: 0, end: length - 1 } : range;
    const status = range === 'whole' ? 200 : 206;
    writeHead(response, status, {
      ...headers,
      'accept-ranges': 'bytes',
      'content-length': String(part.end - part.start + 1),
      ...(range === 'whole' ? {} : { 'content-range': `bytes ${part.start}-${part.end}/${length}` }),
    });
    const head = request.method === 'HEAD';
    this.count(metricClass, status, head ? 0 : part.end - part.start + 1);
    if (!head) return part;
    response.end();
    return undefined;
  }
}

/** Does the client have it already? RFC 9110, 13.1.2: by weak comparison, of any in the list. */
function isKnown(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  if (header.trim() === '*') return true;
  const opaque = (tag: string): string => tag.trim().replace(/^W\//, '');
  return header.split(',').some((tag) => opaque(tag) === opaque(etag));
}

// HTTP/1 and HTTP/2 responses have the same methods, under types whose overloads don't meet.
function writeHead(
  response: OriginResponse,
  status: number,
  headers: Readonly<Record<string, string>> | readonly string[],
): void {
  (response as ServerResponse).writeHead(status, headers as Record<string, string> | string[]);
}
function writePiece(response: OriginResponse, piece: Uint8Array): void {
  (response as ServerResponse).write(piece);
}

/** Headers of a playlist or media answer. */
export function mediaHeaders(
  responseClass: ResponseClass,
  profile: LatencyProfile,
  contentType: string,
): Readonly<Record<string, string>> {
  return {
    ...CORS_HEADERS,
    'content-type': contentType,
    'cache-control': cacheControl(responseClass, profile),
  };
}
