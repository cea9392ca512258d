import { turnCredentials, turnPassword } from './turn-credentials.ts';

const base64 = (hex: string): string => Buffer.from(hex, 'hex').toString('base64');
const ofAda = { secret: 'a secret of the test', personId: 'ada', ttlS: 3600, nowMs: 1_700_000_000_999 };

describe('credentials of a TURN server', () => {
  // RFC 2202, section 3: those of its vectors whose key is text.
  test('[RFC 2104] the password is the HMAC-SHA1 of the username', () => {
    expect(turnPassword('Jefe', 'what do ya want for nothing?')).toBe(
      base64('effcdf6ae5eb2fa2d27416d5f184df9c259a7c79'),
    );
    expect(turnPassword('\x0b'.repeat(20), 'Hi There')).toBe(
      base64('b617318655057264e28bc0b6fb378c8ef146be00'),
    );
  });

  test('the username says until when, in whole seconds', () => {
    const { username, credential } = turnCredentials(ofAda);
    expect(username).toMatch(/^1700003600:[0-9a-f]{16}$/);
    expect(credential).toBe(turnPassword(ofAda.secret, username));
  });

  test('a person keeps their name for the TURN server, and nobody reads from it who they are', () => {
    const nameOf = (changes: Partial<typeof ofAda>): string | undefined =>
      turnCredentials({ ...ofAda, ...changes }).username.split(':')[1];
    expect(nameOf({ nowMs: 1_800_000_000_000 })).toBe(nameOf({}));
    expect(nameOf({ personId: 'bob' })).not.toBe(nameOf({}));
    expect(nameOf({ secret: 'another secret' })).not.toBe(nameOf({}));
  });
});
