/** The watch page: static files, its settings, and a strict Content-Security-Policy. */
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { cacheControl } from '@rostrum/cdn-config';
import { PROFILES } from '@rostrum/contracts/profile';
import type { OriginRequest, OriginResponse } from './interface.ts';
import type { KeptFiles } from './kept-files.ts';
import type { Responder, SharedBody } from './responder.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
};

/** Path below `assets/`: plain names only, so that nothing outside can be meant. */
const ASSET_PATH = /^(?:[A-Za-z0-9_-][A-Za-z0-9_.-]*\/){0,4}[A-Za-z0-9_-][A-Za-z0-9_.-]*$/;

export interface PagesOptions {
  readonly folder: string | undefined;
  readonly coordinatorUrl: string;
  readonly responder: Responder;
  readonly files: KeptFiles;
}

/** The policy of the pages: own scripts and styles only; talks to the origin and the coordinator alone. */
export function contentSecurityPolicy(coordinatorUrl: string): string {
  const { origin, protocol, host } = new URL(coordinatorUrl);
  const socket = `${protocol === 'https:' ? 'wss:' : 'ws:'}//${host}`;
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "font-src 'self'",
    "img-src 'self' data:",
    `connect-src 'self' ${origin} ${socket}`,
    "media-src 'self' blob:",
    "worker-src 'self' blob:",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'self'",
  ].join('; ');
}

export class Pages {
  readonly #options: PagesOptions;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #config: SharedBody;
  /** By type and class: one object each, so that what is made of it is made once. */
  readonly #allHeaders = new Map<string, Readonly<Record<string, string>>>();

  constructor(options: PagesOptions) {
    this.#options = options;
    this.#headers = {
      'content-security-policy': contentSecurityPolicy(options.coordinatorUrl),
      'x-content-type-options': 'nosniff',
      // Join links carry tokens.
      'referrer-policy': 'no-referrer',
      // An attendee who is taken on stage needs both; frames of others none.
      'permissions-policy': 'camera=(self), microphone=(self), display-capture=(self), geolocation=()',
    };
    this.#config = shared(Buffer.from(JSON.stringify({ coordinatorUrl: options.coordinatorUrl })));
  }

  /** `/w/<webinarId>`: the same name in every build, so it is looked at again and again. */
  index(request: OriginRequest, response: OriginResponse): void {
    const { folder, responder } = this.#options;
    this.#load(folder === undefined ? undefined : join(folder, 'index.html')).then(
      (body) => {
        if (response.destroyed) return;
        if (body) responder.shared(request, response, 'page', body, this.#headersOf('.html', 'page'));
        else responder.error(response, 'page', 404, 'not-found');
      },
      this.#failed(response, 'page'),
    );
  }

  config(request: OriginRequest, response: OriginResponse): void {
    this.#options.responder.shared(request, response, 'page', this.#config, this.#headersOf('.json', 'page'));
  }

  /** Files with their hash in the name. `path` is what follows `/assets/`. */
  asset(request: OriginRequest, response: OriginResponse, path: string): void {
    const { folder, responder } = this.#options;
    const type = extname(path);
    if (folder === undefined || !ASSET_PATH.test(path) || TYPES[type] === undefined) {
      responder.error(response, 'asset', 404, 'not-found');
      return;
    }
    this.#load(join(folder, 'assets', path)).then(
      (body) => {
        if (response.destroyed) return;
        if (body) responder.shared(request, response, 'asset', body, this.#headersOf(type, 'asset'));
        else responder.error(response, 'asset', 404, 'not-found');
      },
      this.#failed(response, 'asset'),
    );
  }

  #headersOf(type: string, responseClass: 'page' | 'asset'): Readonly<Record<string, string>> {
    const key = `${responseClass} ${type}`;
    const known = this.#allHeaders.get(key);
    if (known) return known;
    const headers = {
      ...this.#headers,
      'content-type': TYPES[type] ?? 'application/octet-stream',
      'cache-control': cacheControl(responseClass, PROFILES.standard), // pages know no profile
    };
    this.#allHeaders.set(key, headers);
    return headers;
  }

  async #load(path: string | undefined): Promise<SharedBody | undefined> {
    return path === undefined ? undefined : this.#options.files.get(path);
  }

  #failed(response: OriginResponse, metricClass: 'page' | 'asset'): () => void {
    return () => this.#options.responder.error(response, metricClass, 500, 'internal');
  }
}

function shared(plain: Buffer): SharedBody {
  let gzip: Buffer | undefined;
  return {
    plain,
    gzip: () => {
      gzip ??= gzipSync(plain);
      return gzip;
    },
  };
}
