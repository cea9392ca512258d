/** Who may have what of a private channel: whoever brings the cookie of a right to it, or a CDN that has looked at one of its own. */
import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { CDN_HEADER, MEDIA_COOKIE, type MediaKey, verifyMediaRight } from '@rostrum/contracts/media-right';

/** Of viewers whose rights were verified lately: thousands ask again and again with the same ones. */
const MAX_KNOWN = 10_000;
/** Longer than any of ours. */
const MAX_TOKEN_LENGTH = 1024;

export class Rights {
  readonly #keys: readonly MediaKey[];
  readonly #cdnSecrets: readonly Buffer[];
  readonly #nowUnixMs: () => number;
  readonly #known = new Map<string, { readonly channelId: string; readonly expiresUnixMs: number }>();

  /** @param keys none: nobody has a right to anything private */
  constructor(keys: readonly MediaKey[], cdnSecrets: readonly string[], nowUnixMs: () => number) {
    this.#keys = keys;
    this.#cdnSecrets = cdnSecrets.map((secret) => Buffer.from(secret));
    this.#nowUnixMs = nowUnixMs;
  }

  /** Never rejects. */
  async allows(headers: IncomingHttpHeaders, channelId: string): Promise<boolean> {
    if (this.#isCdn(headers[CDN_HEADER.toLowerCase()])) return true;
    const token = tokenOf(headers.cookie);
    if (token === null) return false;
    const right = this.#known.get(token) ?? (await this.#verify(token));
    return right?.channelId === channelId && right.expiresUnixMs > this.#nowUnixMs();
  }

  #isCdn(shown: string | string[] | undefined): boolean {
    if (typeof shown !== 'string') return false;
    const bytes = Buffer.from(shown);
    return this.#cdnSecrets.some(
      (secret) => secret.byteLength === bytes.byteLength && timingSafeEqual(secret, bytes),
    );
  }

  async #verify(token: string): ReturnType<typeof verifyMediaRight> {
    const right = await verifyMediaRight(token, this.#keys, this.#nowUnixMs());
    if (!right) return null;
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    this.#known.set(token, right);
    return right;
  }
}

/** Of several the last, as HAProxy takes it. */
function tokenOf(cookies: string | undefined): string | null {
  const values = (cookies ?? '').split(';').flatMap((pair) => {
    const at = pair.indexOf('=');
    return pair.slice(0, at).trim() === MEDIA_COOKIE ? [pair.slice(at + 1).trim()] : [];
  });
  const token = values.at(-1);
  return token === undefined || token.length > MAX_TOKEN_LENGTH ? null : token;
}
