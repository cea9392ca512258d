import { readFileSync } from 'node:fs';
import { readSettings, SettingsError, settingNames } from './settings.ts';

function refusal(env: NodeJS.ProcessEnv): string {
  try {
    readSettings(env);
  } catch (error) {
    if (error instanceof SettingsError) return error.message;
    throw error;
  }
  throw new Error('the settings were taken');
}

describe('settings', () => {
  test('an empty environment gives one machine that only it can reach', () => {
    const settings = readSettings({});
    expect(settings.console).toEqual({
      host: '127.0.0.1',
      port: 3000,
      publicUrl: undefined,
      metricsPort: 0,
    });
    expect(settings.sfu).toEqual({
      rtcPort: 44444,
      listenIp: '127.0.0.1',
      announcedIp: '127.0.0.1',
      metricsPort: 3001,
    });
    expect(settings.origin).toEqual({
      host: '127.0.0.1',
      port: 8080,
      publicUrl: undefined,
      metricsPort: 0,
    });
    expect(settings.dataDir).toBe(`${settings.homeDir}/data`);
    expect(settings.tls).toBeUndefined();
  });

  test('an impossible port is refused with its name, its value and what would do', () => {
    for (const value of ['65536', '-1', 'http', '3.5', ' 80']) {
      expect(refusal({ ROSTRUM_CONSOLE_PORT: value })).toBe(
        `ROSTRUM_CONSOLE_PORT=${value} cannot be used: give a whole number from 0 (the system chooses one) to 65535`,
      );
    }
  });

  test('every setting that cannot be used is named at once', () => {
    const message = refusal({ ROSTRUM_ORIGIN_PORT: 'x', ROSTRUM_PUBLIC_URL: 'ftp://here' });
    expect(message).toContain('ROSTRUM_ORIGIN_PORT=x');
    expect(message).toContain('ROSTRUM_PUBLIC_URL=ftp://here');
  });

  test('two services on one port are refused, two on port 0 are not', () => {
    expect(refusal({ ROSTRUM_CONSOLE_PORT: '8080' })).toBe(
      'ROSTRUM_ORIGIN_PORT=8080 cannot be used: ROSTRUM_CONSOLE_PORT is the same; give another, or 0',
    );
    expect(readSettings({ ROSTRUM_CONSOLE_PORT: '0', ROSTRUM_ORIGIN_PORT: '0' }).origin.port).toBe(0);
  });

  test('a certificate needs its key, and both have to be files', () => {
    expect(refusal({ ROSTRUM_TLS_CERT: import.meta.filename })).toContain('ROSTRUM_TLS_KEY= cannot be used');
    expect(refusal({ ROSTRUM_TURN_KEY: import.meta.filename })).toContain(
      'ROSTRUM_TURN_CERT= cannot be used',
    );
    expect(refusal({ ROSTRUM_TLS_CERT: '/nowhere.pem', ROSTRUM_TLS_KEY: '/nowhere.pem' })).toContain(
      'ROSTRUM_TLS_CERT=/nowhere.pem cannot be used: give the path of a PEM file',
    );
  });

  test('the value of a secret is never repeated', () => {
    expect(refusal({ ROSTRUM_SECRET: 'short' })).not.toContain('short');
    expect(refusal({ ROSTRUM_TURN_SECRET: 'short-turn' })).not.toContain('short-turn');
    expect(refusal({ ROSTRUM_MEDIA_KEYS: 'own:short' })).not.toContain('own:short');
    expect(refusal({ DATABASE_URL: 'mysql://user:pass@host/db' })).not.toContain('pass');
  });

  test('an empty variable counts as not set', () => {
    expect(readSettings({ ROSTRUM_CONSOLE_PORT: '' }).console.port).toBe(3000);
  });

  test('a stage that listens everywhere announces an address that browsers can reach', () => {
    const { sfu } = readSettings({ ROSTRUM_CONSOLE_HOST: '0.0.0.0', ROSTRUM_SFU_ANNOUNCED_IP: '192.0.2.7' });
    expect(sfu).toMatchObject({ listenIp: '0.0.0.0', announcedIp: '192.0.2.7' });
  });

  test('every one is described in the README', () => {
    const readme = readFileSync(`${import.meta.dirname}/../README.md`, 'utf8');
    for (const name of settingNames) expect(readme).toContain(`\`${name}\``);
  });
});
