/** The cookies by which origin, edge and CDN know who may watch a private channel. */
import {
  accessOf,
  channelFolders,
  MEDIA_COOKIE,
  MEDIA_RIGHT_MS,
  type MediaRight,
  RostrumError,
  signMediaRight,
} from '@rostrum/contracts';
import type { MediaKeyRing } from '@rostrum/service-kit/media-keys';
import type { Clock } from '../ports.ts';
import { type CloudFrontKey, cloudFrontCookies } from './cloudfront-cookies.ts';

/** Whoever comes asks: not each has to be a look at a file. */
const LOOK_WITHIN_MS = 1000;

export interface MediaRightsOptions {
  /** The first signs. Without one there can be no private webinars. */
  readonly ring: MediaKeyRing;
  /** A parent of the names of console and media, where they differ; null: they have the same name. */
  readonly cookieDomain: string | null;
  /** Where CloudFront is in front of the origin. */
  readonly cloudFront: CloudFrontKey | null;
  readonly clock: Clock;
  readonly publicUrl: () => string;
  /** Where the webinar's media is, or will be; null: no broadcaster is connected. */
  readonly originUrl: (webinarId: string) => string | null;
}

/** `cookies`: values of `Set-Cookie`. */
export interface GrantedRight {
  readonly right: MediaRight;
  readonly cookies: readonly string[];
}

/** Gives rights to whoever asks: who may is for its caller to know. */
export class MediaRights {
  readonly #o: MediaRightsOptions;

  constructor(options: MediaRightsOptions) {
    this.#o = options;
  }

  /** Whether there can be private webinars. */
  get areThere(): boolean {
    return this.#o.ring.keys.length > 0;
  }

  /** For an open webinar nothing, which needs none. Throws `unavailable` where no cookie of ours would get to the media. */
  async grant(webinarId: string): Promise<GrantedRight> {
    if (accessOf(webinarId) === 'open') return { right: null, cookies: [] };
    const { ring, cloudFront, clock, cookieDomain, publicUrl, originUrl } = this.#o;
    await ring.look(LOOK_WITHIN_MS);
    if (!this.areThere) throw new RostrumError('unavailable', 'ROSTRUM_MEDIA_KEYS is not set');
    const media = new URL(originUrl(webinarId) ?? publicUrl());
    const reaches =
      cookieDomain === null
        ? media.hostname === new URL(publicUrl()).hostname
        : isBelow(media.hostname, cookieDomain) && isBelow(new URL(publicUrl()).hostname, cookieDomain);
    if (!reaches) {
      const names = `${new URL(publicUrl()).hostname} and ${media.hostname}`;
      throw new RostrumError('unavailable', `ROSTRUM_COOKIE_DOMAIN has to be a parent of ${names}`);
    }
    const expiresUnixMs = clock.nowUnixMs() + MEDIA_RIGHT_MS;
    const token = await signMediaRight(webinarId, ring.keys, expiresUnixMs);
    const attributes = [
      `Max-Age=${MEDIA_RIGHT_MS / 1000}`,
      'HttpOnly',
      // Pages of other sites play nothing private with their readers' cookies.
      'SameSite=Strict',
      ...(media.protocol === 'https:' ? ['Secure'] : []),
      ...(cookieDomain === null ? [] : [`Domain=${cookieDomain}`]),
    ];
    return {
      right: { validMs: MEDIA_RIGHT_MS, renewAfterMs: MEDIA_RIGHT_MS / 2 },
      cookies: channelFolders(webinarId).flatMap((path) =>
        [
          [MEDIA_COOKIE, token],
          ...(cloudFront ? cloudFrontCookies(cloudFront, `${media.origin}${path}`, expiresUnixMs) : []),
        ].map(([name, value]) => [`${name}=${value}`, `Path=${path}`, ...attributes].join('; ')),
      ),
    };
  }
}

const isBelow = (hostname: string, domain: string): boolean =>
  hostname === domain || hostname.endsWith(`.${domain}`);
