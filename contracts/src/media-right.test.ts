import { generateKeyPair, SignJWT } from 'jose';
import { MediaKeys, signMediaRight, verifyMediaRight } from './media-right.ts';

const NOW = 1_800_000_000_000;
const keysOf = (text: string) => MediaKeys.parse(text);
const A = `a:${'a'.repeat(32)}`;
const B = `b:${'b'.repeat(32)}`;
const until = (keys: string, expiresUnixMs = NOW + 60_000, channelId = 'private-1') =>
  signMediaRight(channelId, keysOf(keys), expiresUnixMs);
const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

test('a right is to one channel and until a moment', async () => {
  const right = { channelId: 'private-1', expiresUnixMs: NOW + 60_000 };
  expect(await verifyMediaRight(await until(A), keysOf(A), NOW)).toEqual(right);
  expect(await verifyMediaRight(await until(A), keysOf(A), NOW + 60_000)).toBeNull();
});

test('what is signed follows HS256 to the letter, as another reader computes it', async () => {
  const [head = '', body = '', signature] = (await until(A)).split('.');
  const hmac = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', Buffer.from('a'.repeat(32)), hmac, false, ['sign']);
  const own = await crypto.subtle.sign('HMAC', key, Buffer.from(`${head}.${body}`));
  expect(signature).toBe(Buffer.from(own).toString('base64url'));
  expect(JSON.parse(Buffer.from(head, 'base64url').toString())).toEqual({ alg: 'HS256', kid: 'a' });
});

test('while keys change, both are good; afterwards only the new one', async () => {
  const [old, fresh] = [await until(A), await until(`${B},${A}`)];
  for (const token of [old, fresh]) {
    expect(await verifyMediaRight(token, keysOf(`${B},${A}`), NOW)).not.toBeNull();
  }
  expect(await verifyMediaRight(old, keysOf(B), NOW)).toBeNull();
  expect(await verifyMediaRight(fresh, keysOf(B), NOW)).not.toBeNull();
});

test('a payload that was altered, no algorithm, other algorithms, another key and no token at all are no right', async () => {
  const token = await until(A);
  const [head = '', , signature = ''] = token.split('.');
  const claims = { iss: 'rostrum', aud: 'rostrum:media', sub: 'private-2', exp: NOW / 1000 + 60 };
  const { privateKey } = await generateKeyPair('ES256');
  const bad = [
    `${head}.${base64url(claims)}.${signature}`,
    `${base64url({ alg: 'none', kid: 'a' })}.${base64url(claims)}.`,
    `${base64url({ alg: 'none' })}.${base64url(claims)}.${signature}`,
    await new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'a' }).sign(privateKey),
    await until(`a:${'x'.repeat(32)}`),
    await until(B),
    token.slice(0, -2),
    `${token}.`,
    '',
    '..',
    'a'.repeat(2000),
  ];
  for (const one of bad) expect([one, await verifyMediaRight(one, keysOf(A), NOW)]).toEqual([one, null]);
});

test('a token for something else, without an end or without a channel is no right', async () => {
  const sign = (claims: Record<string, unknown>) =>
    new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'a' }).sign(Buffer.from('a'.repeat(32)));
  const good = { iss: 'rostrum', aud: 'rostrum:media', sub: 'private-1', exp: NOW / 1000 + 60 };
  expect(await verifyMediaRight(await sign(good), keysOf(A), NOW)).not.toBeNull();
  for (const change of [
    { aud: 'rostrum:link' },
    { iss: 'else' },
    { exp: undefined },
    { sub: undefined },
    { sub: '../x' },
  ]) {
    expect(await verifyMediaRight(await sign({ ...good, ...change }), keysOf(A), NOW)).toBeNull();
  }
});

test('keys that cannot stand in every configuration, that are short, twice or too many are refused', () => {
  const s = 'x'.repeat(32);
  for (const bad of [
    '',
    'a',
    `a:${s.slice(1)}`,
    `a:${s}"`,
    `:${s}`,
    `a:${s},`,
    `a:${s},a:${s}`,
    `a b:${s}`,
  ]) {
    expect([bad, MediaKeys.safeParse(bad).success]).toEqual([bad, false]);
  }
  expect(MediaKeys.safeParse([1, 2, 3, 4, 5].map((n) => `${n}:${s}`).join(',')).success).toBe(false);
  expect(keysOf(`a:${s}, b:${s}`).map(({ keyId }) => keyId)).toEqual(['a', 'b']);
});
