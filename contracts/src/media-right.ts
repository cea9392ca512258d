/**
 * The right to watch a private channel: a JWT (HS256, RFC 7519) in a cookie, which the coordinator signs and which the origin
 * and the self-hosted edge verify by the same rule. Keys follow one another: the first signs, all verify.
 */
import { jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { Id } from './ids.ts';

export const MEDIA_COOKIE = 'rostrum-media';
/** How long a right holds, and so how long who lost it may still watch. Pages renew it after half of it. */
export const MEDIA_RIGHT_MS = 10 * 60_000;

/** By it a CDN that verified the right itself, and sends no cookies on, shows the origin a secret of theirs. */
export const CDN_HEADER = 'Rostrum-CDN';
const CDN_SECRET = /^[A-Za-z0-9_-]{32,128}$/;
export const CDN_SECRETS_RULE =
  '32 to 128 characters of A-Z a-z 0-9 _ -; while it changes the new one, a comma and the old one';
/** The first is shown, all are taken. */
export const CdnSecrets = z
  .string()
  .transform((text) => text.split(',').map((part) => part.trim()))
  .pipe(z.array(z.string().regex(CDN_SECRET, CDN_SECRETS_RULE)).max(2, CDN_SECRETS_RULE));

/** What HAProxy is told to look for, too. */
export const MEDIA_RIGHT = { issuer: 'rostrum', audience: 'rostrum:media', algorithm: 'HS256' } as const;

export interface MediaKey {
  /** `kid` of the tokens it signs. */
  readonly keyId: string;
  readonly secret: string;
}

const MOST_KEYS = 4;
const KEY = /^(?<keyId>[A-Za-z0-9_-]{1,32}):(?<secret>[A-Za-z0-9_-]{32,128})$/;
export const MEDIA_KEYS_RULE =
  'up to four ID:SECRET with commas between, secrets of 32 to 128 characters of A-Z a-z 0-9 _ -; the first one signs';

/** `ID:SECRET[,ID:SECRET…]`; characters that stand for themselves in every configuration they go into. */
export const MediaKeys = z.string().transform((text, context): readonly MediaKey[] => {
  const keys = text.split(',').flatMap((part) => {
    const { keyId, secret } = KEY.exec(part.trim())?.groups ?? {};
    return keyId !== undefined && secret !== undefined ? [{ keyId, secret }] : [];
  });
  const distinct = new Set(keys.map(({ keyId }) => keyId)).size;
  if (keys.length === text.split(',').length && distinct === keys.length && keys.length <= MOST_KEYS)
    return keys;
  context.addIssue({ code: 'custom', message: MEDIA_KEYS_RULE });
  return z.NEVER;
});

const bytesOf = ({ secret }: MediaKey): Uint8Array => new TextEncoder().encode(secret);

/** A right to this channel, live and recorded. Throws without a key. */
export async function signMediaRight(
  channelId: string,
  keys: readonly MediaKey[],
  expiresUnixMs: number,
): Promise<string> {
  const [key] = keys;
  if (!key) throw new Error('there is no key to sign rights with');
  return new SignJWT()
    .setProtectedHeader({ alg: MEDIA_RIGHT.algorithm, kid: key.keyId })
    .setIssuer(MEDIA_RIGHT.issuer)
    .setAudience(MEDIA_RIGHT.audience)
    .setSubject(channelId)
    .setExpirationTime(Math.floor(expiresUnixMs / 1000))
    .sign(bytesOf(key));
}

/** The channel that a token is a right to, and until when; null for whatever is none. Never throws. */
export async function verifyMediaRight(
  token: string,
  keys: readonly MediaKey[],
  nowUnixMs: number,
): Promise<{ readonly channelId: string; readonly expiresUnixMs: number } | null> {
  try {
    const { payload } = await jwtVerify(
      token,
      ({ kid }) => {
        const key = keys.find(({ keyId }) => keyId === kid);
        if (!key) throw new Error('no such key');
        return bytesOf(key);
      },
      {
        issuer: MEDIA_RIGHT.issuer,
        audience: MEDIA_RIGHT.audience,
        algorithms: [MEDIA_RIGHT.algorithm],
        requiredClaims: ['exp', 'sub'],
        currentDate: new Date(nowUnixMs),
      },
    );
    const channelId = Id.safeParse(payload.sub);
    return channelId.success ? { channelId: channelId.data, expiresUnixMs: (payload.exp ?? 0) * 1000 } : null;
  } catch {
    return null;
  }
}
