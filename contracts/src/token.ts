import { errors, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { KeptName } from './features/people.ts';
import { Id } from './ids.ts';
import { Role } from './roles.ts';

/** What a signed link says of its bearer. `webinarId` is '*' only for the owner. */
export const LinkClaims = z
  .object({
    /** Of the link itself: what it is revoked by. */
    linkId: Id,
    /** How often all links of the webinar, or the owner's, had been revoked when it was made. */
    generation: z.int().nonnegative(),
    webinarId: z.union([Id, z.literal('*')]),
    personId: Id,
    role: Role,
    /** A link may be older than the rules for names, and stays good. */
    name: KeptName,
    /** They registered, and came in by their personal link; absent: by a link the crew made, or by themselves. */
    by: z.literal('registration').optional(),
  })
  .refine((c) => (c.webinarId === '*') === (c.role === 'owner'), 'only the owner holds every webinar');
export type LinkClaims = z.infer<typeof LinkClaims>;

const ISSUER = 'rostrum';
/** Nodes have secrets of their own; what is signed for something else is no link. */
const AUDIENCE = 'rostrum:link';

export type TokenRefusal = { readonly ok: false; readonly code: 'token-invalid' | 'token-expired' };

const keyOf = (secret: string): Uint8Array => {
  const bytes = new TextEncoder().encode(secret);
  if (bytes.length < 32) throw new Error('the signing secret must be at least 32 bytes');
  return bytes;
};

/** A compact JWS (HS256, RFC 7515) that carries the claims until `expiresUnixMs`. */
export async function signLink(claims: LinkClaims, secret: string, expiresUnixMs: number): Promise<string> {
  const { personId, linkId, ...rest } = LinkClaims.parse(claims);
  return new SignJWT(rest)
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setJti(linkId)
    .setSubject(personId)
    .setExpirationTime(Math.floor(expiresUnixMs / 1000))
    .sign(keyOf(secret));
}

/** Verifies signature, issuer, expiry and shape. Never throws for a bad token: it answers a refusal. */
export async function verifyLink(
  token: string,
  secret: string,
  nowUnixMs: number,
): Promise<
  { readonly ok: true; readonly claims: LinkClaims; readonly expiresUnixMs: number } | TokenRefusal
> {
  const key = keyOf(secret);
  try {
    const { payload } = await jwtVerify(token, key, {
      issuer: ISSUER,
      audience: AUDIENCE,
      algorithms: ['HS256'],
      requiredClaims: ['exp', 'sub', 'jti'],
      currentDate: new Date(nowUnixMs),
    });
    const claims = LinkClaims.safeParse({ ...payload, personId: payload.sub, linkId: payload.jti });
    if (!claims.success) return { ok: false, code: 'token-invalid' };
    return { ok: true, claims: claims.data, expiresUnixMs: (payload.exp ?? 0) * 1000 };
  } catch (error) {
    return { ok: false, code: error instanceof errors.JWTExpired ? 'token-expired' : 'token-invalid' };
  }
}
