/** The watch page: static files, its settings, what it says of its webinar to other sites, and a strict Content-Security-Policy. */
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { cacheControl } from '@rostrum/cdn-config';
import { accessOf, folderOf } from '@rostrum/contracts/media-urls';
import { PROFILES } from '@rostrum/contracts/profile';
import { RecordingAbout } from '@rostrum/contracts/recording';
import type { OriginRequest, OriginResponse } from './interface.ts';
import { etagOf, type KeptFiles } from './kept-files.ts';
import { oEmbedOf, type PageSubject, webinarOfPage, withHead } from './page-head.ts';
import { CORS_HEADERS, type Responder, type SharedBody } from './responder.ts';

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
  /** `about.json` of a recording; undefined: nothing is told of it. */
  readonly aboutOf: (webinarId: string) => Promise<SharedBody | undefined>;
  /** Of the origin, as viewers reach it, without a last slash. Empty: not known, and nothing is said of a webinar. */
  readonly publicUrl: () => string;
  /** Sites, as `frame-ancestors` has them, whose pages may show open webinars; besides the origin's own. */
  readonly embedAncestors: readonly string[];
  readonly responder: Responder;
  readonly files: KeptFiles;
}

/**
 * The policy of the pages: own scripts and styles only; talks to the origin and the coordinator alone.
 * @param ancestors sites whose pages may show it, besides the origin's own
 */
export function contentSecurityPolicy(coordinatorUrl: string, ancestors: readonly string[] = []): string {
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
    ["frame-ancestors 'self'", ...ancestors].join(' '),
  ].join('; ');
}

/** `page`: nobody else's; `embed`: the one that other sites may show. */
export type PageKind = 'page' | 'embed';

/** What was last made of a page and of what is told of a recording. */
interface Made {
  readonly page: SharedBody;
  readonly subject: PageSubject | null;
  readonly body: SharedBody;
}

export class Pages {
  readonly #options: PagesOptions;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #config: SharedBody;
  readonly #oEmbedHeaders: Readonly<Record<string, string>>;
  /** By what is told of a recording, which is one object while it stays the same. */
  readonly #made = new WeakMap<SharedBody, Made>();
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
    // Other sites' scripts may read it: it is made for them.
    this.#oEmbedHeaders = { ...CORS_HEADERS, ...this.#headersOf('.json', 'page') };
    this.#config = shared(Buffer.from(JSON.stringify({ coordinatorUrl: options.coordinatorUrl })));
  }

  /** `/w/<webinarId>` and below it `embed`: the same names in every build, so they are looked at again and again. */
  index(request: OriginRequest, response: OriginResponse, webinarId: string, kind: PageKind): void {
    const { responder } = this.#options;
    // A frame of another site brings no right to what is private.
    const headers = this.#headersOf('.html', kind === 'embed' && isOpen(webinarId) ? 'embed' : 'page');
    this.#indexOf(webinarId).then(
      (made) => {
        if (response.destroyed) return;
        if (made) responder.shared(request, response, 'page', made.body, headers);
        else responder.error(response, 'page', 404, 'not-found');
      },
      this.#failed(response, 'page'),
    );
  }

  /** oEmbed of a webinar: by its own address, which needs no query, or by its page's in `url`. */
  oEmbed(request: OriginRequest, response: OriginResponse, webinarId: string | null, query: string): void {
    const { responder } = this.#options;
    const asked = new URLSearchParams(query);
    const base = this.#options.publicUrl();
    const id = webinarId ?? webinarOfPage(asked.get('url') ?? '', base);
    if ((asked.get('format') ?? 'json') !== 'json') {
      responder.error(response, 'page', 501, 'json-only');
      return;
    }
    (id === null ? Promise.resolve(undefined) : this.#indexOf(id)).then(
      (made) => {
        if (response.destroyed) return;
        if (!made?.subject) {
          responder.error(response, 'page', 404, 'not-found');
          return;
        }
        const body = shared(Buffer.from(JSON.stringify(oEmbedOf(made.subject, base, asked))));
        responder.shared(request, response, 'page', body, this.#oEmbedHeaders);
      },
      this.#failed(response, 'page'),
    );
  }

  /** undefined: there is no page. */
  async #indexOf(webinarId: string): Promise<Pick<Made, 'body' | 'subject'> | undefined> {
    const { folder, aboutOf } = this.#options;
    const base = this.#options.publicUrl();
    const page = await this.#load(folder === undefined ? undefined : join(folder, 'index.html'));
    // Nothing is said of what is private.
    if (!page || !isOpen(webinarId) || base === '') return page && { body: page, subject: null };
    const about = await aboutOf(webinarId);
    if (!about) return { body: page, subject: null };
    const known = this.#made.get(about);
    if (known?.page === page) return known;
    const subject = subjectOf(webinarId, about.plain, base);
    const text = subject && Buffer.from(withHead(page.plain.toString(), subject, base));
    const body = text ? { ...shared(text), etag: etagOf(text) } : page;
    const made = { page, subject, body };
    this.#made.set(about, made);
    return made;
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

  #headersOf(type: string, kind: PageKind | 'asset'): Readonly<Record<string, string>> {
    const key = `${kind} ${type}`;
    const known = this.#allHeaders.get(key);
    if (known) return known;
    const { coordinatorUrl, embedAncestors } = this.#options;
    const headers = {
      ...this.#headers,
      ...(kind === 'embed'
        ? { 'content-security-policy': contentSecurityPolicy(coordinatorUrl, embedAncestors) }
        : {}),
      'content-type': TYPES[type] ?? 'application/octet-stream',
      'cache-control': cacheControl(kind === 'asset' ? 'asset' : 'page', PROFILES.standard), // pages know no profile
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

const isOpen = (webinarId: string): boolean => accessOf(webinarId) === 'open';

/** null: it is not as it should be, and nothing is said. */
function subjectOf(webinarId: string, about: Buffer, base: string): PageSubject | null {
  let told: unknown;
  try {
    told = JSON.parse(about.toString());
  } catch {
    return null;
  }
  const read = RecordingAbout.pick({ title: true, poster: true }).safeParse(told);
  if (!read.success) return null;
  const { title, poster } = read.data;
  const folder = `${base}${folderOf('recordings', webinarId)}/`;
  return {
    webinarId,
    title,
    posterUrl: poster === null || !URL.canParse(poster, folder) ? null : new URL(poster, folder).href,
  };
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
