import { createVerify, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { cloudFrontCookies } from './cloudfront-cookies.ts';

const FOLDER = 'https://d111111abcdef8.cloudfront.net/private/live/private-1';
const EXPIRES_UNIX_MS = 1_800_000_000_500;
const kinds = {
  rsa: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ecdsa: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
};

/** What CloudFront does with them, by its manual. */
function verified(
  cookies: Readonly<Record<string, string>>,
  key: KeyObject,
): { policy: unknown; good: boolean } {
  const bytes = (name: string): Buffer =>
    Buffer.from(
      (cookies[name] ?? '').replaceAll('-', '+').replaceAll('_', '=').replaceAll('~', '/'),
      'base64',
    );
  const policy = bytes('CloudFront-Policy');
  const good = createVerify('RSA-SHA1').update(policy).verify(key, bytes('CloudFront-Signature'));
  return { policy: JSON.parse(policy.toString()), good };
}

describe.each(['rsa', 'ecdsa'] as const)('signed by %s', (kind) => {
  const { privateKey, publicKey } = kinds[kind]();
  const privateKeyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const cookies = Object.fromEntries(
    cloudFrontCookies({ keyPairId: 'K2JCJMDEHXQW5F', privateKeyPem }, FOLDER, EXPIRES_UNIX_MS),
  );

  test('the policy is for one folder until a moment, and its signature holds', () => {
    expect(verified(cookies, publicKey)).toEqual({
      good: true,
      policy: {
        Statement: [
          { Resource: `${FOLDER}/*`, Condition: { DateLessThan: { 'AWS:EpochTime': 1_800_000_000 } } },
        ],
      },
    });
    expect(cookies['CloudFront-Key-Pair-Id']).toBe('K2JCJMDEHXQW5F');
  });

  test('an altered policy and another key do not hold', () => {
    const { policy } = verified(cookies, publicKey);
    const altered = Buffer.from(JSON.stringify(policy).replace('private-1', 'private-2')).toString('base64');
    const encoded = altered.replaceAll('+', '-').replaceAll('=', '_').replaceAll('/', '~');
    expect(verified({ ...cookies, 'CloudFront-Policy': encoded }, publicKey).good).toBe(false);
    expect(verified(cookies, kinds[kind]().publicKey).good).toBe(false);
  });

  test('they need no quoting in a cookie, and the only wildcard stands at the end', () => {
    for (const value of Object.values(cookies)) expect(value).toMatch(/^[A-Za-z0-9_~-]+$/);
    expect(JSON.stringify(verified(cookies, publicKey).policy).split('*')).toHaveLength(2);
  });
});
