import { SettingsError } from '@rostrum/service-kit/settings';
import { readSettings } from './settings.ts';

const GOOD = {
  ROSTRUM_TURN_SECRET: 'x'.repeat(32),
  ROSTRUM_TURN_RELAY_IP: '192.0.2.7',
  ROSTRUM_TURN_STAGES: '192.0.2.7, 2001:db8::7',
};
const refusal = (env: Record<string, string>): string => {
  try {
    readSettings({ ...GOOD, ...env });
  } catch (error) {
    if (error instanceof SettingsError) return error.message;
    throw error;
  }
  return 'accepted';
};

describe('settings of the TURN server', () => {
  test('what has to be given is enough', () => {
    expect(readSettings(GOOD).policy).toEqual({
      realm: 'rostrum',
      secret: GOOD.ROSTRUM_TURN_SECRET,
      listen: { ips: [], port: 3478, tls: null },
      relay: { ip: '192.0.2.7', announcedIp: '192.0.2.7', minPort: 49_152, maxPort: 65_535 },
      peers: { reach: 'stages', stages: ['192.0.2.7', '2001:db8::7'] },
      limits: { allocationsPerPerson: 48, allocations: 4800, bytesPerSecond: 1_500_000 },
    });
  });

  test('a certificate brings TLS, at 443 unless told otherwise', () => {
    const pem = { ROSTRUM_TURN_CERT: import.meta.filename, ROSTRUM_TURN_KEY: import.meta.filename };
    expect(readSettings({ ...GOOD, ...pem }).policy.listen.tls).toMatchObject({ port: 443 });
    expect(readSettings({ ...GOOD, ...pem, ROSTRUM_TURN_TLS_PORT: '5349' }).policy.listen.tls).toMatchObject({
      port: 5349,
    });
  });

  test('impossible ones are named, and the secret is never shown', () => {
    expect(refusal({ ROSTRUM_TURN_SECRET: 'short-secret' })).toMatch(/ROSTRUM_TURN_SECRET is \(hidden\).*32/);
    expect(refusal({ ROSTRUM_TURN_SECRET: 'short-secret' })).not.toContain('short-secret');
    expect(refusal({ ROSTRUM_TURN_STAGES: '' })).toMatch(/ROSTRUM_TURN_STAGES/);
    expect(refusal({ ROSTRUM_TURN_STAGES: ',' })).toMatch(/ROSTRUM_TURN_STAGES.*nobody would be reached/);
    expect(refusal({ ROSTRUM_TURN_STAGES: ',', ROSTRUM_TURN_PUBLIC_PEERS: '1' })).toBe('accepted');
    expect(refusal({ ROSTRUM_TURN_LISTEN_IPS: '127.0.0.1,localhost' })).toMatch(/ROSTRUM_TURN_LISTEN_IPS/);
    expect(refusal({ ROSTRUM_TURN_CERT: import.meta.filename })).toMatch(/ROSTRUM_TURN_KEY/);
    expect(refusal({ ROSTRUM_TURN_MIN_PORT: '5000', ROSTRUM_TURN_MAX_PORT: '4000' })).toMatch(
      /at least .*5000/,
    );
    expect(refusal({ ROSTRUM_TURN_PORT: '0' })).toMatch(/ROSTRUM_TURN_PORT/);
    expect(refusal({ ROSTRUM_TURN_REALM: 'two words' })).toMatch(/ROSTRUM_TURN_REALM/);
  });
});
