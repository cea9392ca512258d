/** Who may have what of a private channel: whoever brings the cookie of a right to it, or a CDN that has looked at one of its own. */
import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { CDN_HEADER, MEDIA_COOKIE, type MediaKey, verifyMediaRight } from '@rostrum/contracts/media-right';
import type { MediaKeyRing } from '@rostrum/service-kit/media-keys';

/** Of viewers whose rights were verified lately: thousands ask again and again with the same ones. */
const MAX_KNOWN = 10_000;
/** Longer than any of ours. */
const MAX_TOKEN_LENGTH = 1024;
/** A key that was taken away, for it leaked perhaps, is good for so long at most. */
const LOOK_WITHIN_MS = 1000;
/** A right that no key signed may be by one that came just now; and whoever sends many such makes us look this often. */
const LOOK_ANEW_WITHIN_MS = 50;

export class Rights {
  readonly #ring: MediaKeyRing;
  readonly #cdnSecrets: readonly Buffer[];
  readonly #nowUnixMs: () => number;
  readonly #known = new Map<string, { readonly channelId: string; readonly expiresUnixMs: number }>();
  /** By which they were verified. */
  #keys: readonly MediaKey[];

  /** @param ring without keys: nobody has a right to anything private */
  constructor(ring: MediaKeyRing, cdnSecrets: readonly string[], nowUnixMs: () => number) {
    this.#ring = ring;
    this.#keys = ring.keys;
    this.#cdnSecrets = cdnSecrets.map((secret) => Buffer.from(secret));
    this.#nowUnixMs = nowUnixMs;
  }

  /** Never rejects. */
  async allows(headers: IncomingHttpHeaders, channelId: string): Promise<boolean> {
    if (this.#isCdn(headers[CDN_HEADER.toLowerCase()])) return true;
    const token = tokenOf(headers.cookie);
    if (token === null) return false;
    await this.#look(LOOK_WITHIN_MS);
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

  /** What other keys signed is not known any more. */
  async #look(withinMs: number): Promise<void> {
    await this.#ring.look(withinMs);
    if (this.#keys === this.#ring.keys) return;
    this.#keys = this.#ring.keys;
    this.#known.clear();
  }

  async #verify(token: string): ReturnType<typeof verifyMediaRight> {
    const keys = this.#keys;
    const right = await verifyMediaRight(token, keys, this.#nowUnixMs());
    if (!right) await this.#look(LOOK_ANEW_WITHIN_MS);
    if (keys !== this.#keys) return this.#verify(token);
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
