import { SignJWT } from 'jose';
import { type LinkClaims, signLink, verifyLink } from './token.ts';

const SECRET = 'a secret that is long enough for HS256!';
const claims: LinkClaims = {
  linkId: 'link1',
  generation: 0,
  webinarId: 'webinar1',
  personId: 'person1',
  role: 'panelist',
  name: 'Ada',
};
const NOW = 1_800_000_000_000;

describe('signed links', () => {
  test('what was signed is read back', async () => {
    const token = await signLink(claims, SECRET, NOW + 60_000);
    expect(await verifyLink(token, SECRET, NOW)).toEqual({ ok: true, claims, expiresUnixMs: NOW + 60_000 });
  });

  test('a link past its time is refused as expired', async () => {
    const token = await signLink(claims, SECRET, NOW - 60_000);
    expect(await verifyLink(token, SECRET, NOW)).toEqual({ ok: false, code: 'token-expired' });
  });

  test('a changed, foreign, unsigned or meaningless token is refused as invalid', async () => {
    const token = await signLink(claims, SECRET, NOW + 60_000);
    const [header, payload, signature] = token.split('.');
    const forged = Buffer.from(
      JSON.stringify({
        ...claims,
        role: 'host',
        sub: 'person1',
        jti: 'link1',
        iss: 'rostrum',
        aud: 'rostrum:link',
        exp: 9e9,
      }),
    );
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`;
    const bad = [
      '',
      'x',
      'a.b.c',
      unsigned,
      `${header}.${forged.toString('base64url')}.${signature}`,
      await signLink(claims, `${SECRET} of somebody else`, NOW + 60_000),
    ];
    for (const candidate of bad) {
      expect(await verifyLink(candidate, SECRET, NOW)).toEqual({ ok: false, code: 'token-invalid' });
    }
  });

  test('a token of ours with claims that do not fit is refused', async () => {
    const sign = (body: Record<string, unknown>, audience = 'rostrum:link') =>
      new SignJWT({ generation: 0, ...body })
        .setProtectedHeader({ alg: 'HS256' })
        .setIssuer('rostrum')
        .setAudience(audience)
        .setJti('link1')
        .setSubject('person1')
        .setExpirationTime(NOW / 1000 + 60)
        .sign(new TextEncoder().encode(SECRET));
    for (const body of [
      { webinarId: '*', role: 'host', name: 'Eve' },
      { webinarId: 'webinar1', role: 'owner', name: 'Eve' },
      { webinarId: 'webinar1', role: 'emperor', name: 'Eve' },
      {},
    ]) {
      expect(await verifyLink(await sign(body), SECRET, NOW)).toEqual({ ok: false, code: 'token-invalid' });
    }
    const good = { webinarId: 'webinar1', role: 'host', name: 'Ada' };
    expect(await verifyLink(await sign(good), SECRET, NOW)).toMatchObject({ ok: true });
    // For somebody else's ears, or without what it could be revoked by.
    for (const other of [await sign(good, 'rostrum:node'), await sign({ ...good, generation: -1 })]) {
      expect(await verifyLink(other, SECRET, NOW)).toEqual({ ok: false, code: 'token-invalid' });
    }
  });

  test('a short secret is refused before anything is signed', async () => {
    await expect(signLink(claims, 'short', NOW)).rejects.toThrow('at least 32 bytes');
  });
});
