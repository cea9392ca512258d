import { BlockList } from 'node:net';
import { SettingsError } from '@rostrum/service-kit/settings';
import { readSettings } from './settings.ts';

const GOOD = {
  ROSTRUM_DATA_DIR: '/somewhere',
  ROSTRUM_SECRET: 'x'.repeat(32),
  ROSTRUM_NODE_TOKEN: 'y'.repeat(16),
};
const refusal = (env: Record<string, string | undefined>): string => {
  try {
    readSettings({ ...GOOD, ...env });
  } catch (error) {
    if (error instanceof SettingsError) return error.message;
    throw error;
  }
  return 'accepted';
};

describe('settings', () => {
  test('what has to be given is enough', () => {
    expect(readSettings({ ...GOOD, DATABASE_URL: '', ROSTRUM_PUBLIC_URL: '' })).toEqual({
      doorsMinutes: 10,
      keepParticipantsMs: 365 * 86_400_000,
      keepQualityMs: 30 * 86_400_000,
      abandonedEndMs: 1_800_000,
      logKeepMs: 0,
      keepRecordingsMs: 0,
      host: '127.0.0.1',
      port: 3000,
      publicUrl: null,
      dataDir: '/somewhere',
      secret: GOOD.ROSTRUM_SECRET,
      nodeToken: GOOD.ROSTRUM_NODE_TOKEN,
      mediaKeys: { kind: 'setting', keys: [] },
      cookieDomain: null,
      cloudFront: null,
      databaseUrl: null,
      tls: null,
      iceServers: [],
      turn: null,
      allowedOrigins: [],
      trustedProxies: expect.any(BlockList),
      votesPerAddress: 25,
      webhooksToLoopback: false,
      smtp: null,
      mailFrom: null,
      dkim: null,
      ownerLink: 'first',
      pages: 'built',
      logLevel: 'info',
      metricsIp: '127.0.0.1',
      metricsPort: 0,
      parentPipe: false,
    });
  });

  test('everything that can be given is read', () => {
    const settings = readSettings({
      ...GOOD,
      ROSTRUM_PUBLIC_URL: 'https://console.example/',
      ROSTRUM_MEDIA_KEYS: `a:${'k'.repeat(32)}`,
      ROSTRUM_COOKIE_DOMAIN: 'Example.org',
      DATABASE_URL: 'postgres://u:p@db/rostrum',
      ROSTRUM_ICE_SERVERS: '[{"urls":["turn:t"],"username":"u","credential":"c"}]',
      ROSTRUM_TURN_URLS: 'turn:eu.example:3478?transport=udp, turns:us.example',
      ROSTRUM_TURN_SECRET: 't'.repeat(32),
      ROSTRUM_ALLOWED_ORIGINS: 'https://a.example, https://b.example/',
      ROSTRUM_TRUSTED_PROXIES: 'loopback, 10.0.0.0/8',
      ROSTRUM_VOTES_PER_ADDRESS: '0',
      ROSTRUM_SMTP_URL: 'smtp://events%40example.org:p%2Fw@mail.example.org',
      ROSTRUM_MAIL_FROM: '"Example, Events" <events@example.org>',
      ROSTRUM_DKIM_KEY: import.meta.filename,
      ROSTRUM_DKIM_SELECTOR: 'rostrum',
      ROSTRUM_CONSOLE_PAGES: '0',
      ROSTRUM_PARENT_PIPE: '1',
      ROSTRUM_TLS_CERT: '/c.pem',
      ROSTRUM_TLS_KEY: '/k.pem',
    });
    expect(settings.trustedProxies.check('10.1.2.3')).toBe(true);
    expect(settings).toMatchObject({
      votesPerAddress: 0,
      mediaKeys: { kind: 'setting', keys: [{ keyId: 'a', secret: 'k'.repeat(32) }] },
      cookieDomain: 'example.org',
      publicUrl: 'https://console.example',
      databaseUrl: 'postgres://u:p@db/rostrum',
      iceServers: [{ urls: ['turn:t'], username: 'u', credential: 'c' }],
      turn: {
        urls: ['turn:eu.example:3478?transport=udp', 'turns:us.example'],
        secret: 't'.repeat(32),
        ttlS: 43_200,
      },
      allowedOrigins: ['https://a.example', 'https://b.example'],
      smtp: {
        host: 'mail.example.org',
        port: 587,
        secure: false,
        auth: { user: 'events@example.org', pass: 'p/w' },
      },
      mailFrom: { address: 'events@example.org', name: 'Example, Events' },
      dkim: { keyFile: import.meta.filename, selector: 'rostrum', domain: 'example.org' },
      pages: 'none',
      parentPipe: true,
      tls: { certFile: '/c.pem', keyFile: '/k.pem' },
    });
  });

  test('an impossible one is named with its value and what would do', () => {
    expect(refusal({ ROSTRUM_CONSOLE_PORT: '70000' })).toMatch(/ROSTRUM_CONSOLE_PORT \("70000"\).*0 .*65535/);
    expect(refusal({ ROSTRUM_PUBLIC_URL: 'ftp://x' })).toMatch(
      /ROSTRUM_PUBLIC_URL \("ftp:\/\/x"\).*https:\/\//,
    );
    expect(refusal({ ROSTRUM_DATA_DIR: undefined })).toMatch(/ROSTRUM_DATA_DIR \(not set\)/);
    expect(refusal({ ROSTRUM_CDN_KEY_PAIR_ID: 'K2JCJMDEHXQW5F' })).toMatch(/ROSTRUM_CDN_KEY .*private key/);
    expect(refusal({ ROSTRUM_TLS_CERT: '/c.pem' })).toMatch(/ROSTRUM_TLS_CERT .*go together/);
    expect(refusal({ ROSTRUM_TURN_URLS: 'turn:t' })).toMatch(/ROSTRUM_TURN_SECRET .*not set.*nobody/);
    expect(refusal({ ROSTRUM_TURN_URLS: 'stun:t', ROSTRUM_TURN_SECRET: 't'.repeat(32) })).toMatch(
      /ROSTRUM_TURN_URLS .*no TURN URL/,
    );
    expect(refusal({ ROSTRUM_ICE_SERVERS: '{' })).toMatch(/ROSTRUM_ICE_SERVERS .*not JSON/);
    expect(refusal({ ROSTRUM_TRUSTED_PROXIES: 'loopback, 10.0.0.0/40' })).toMatch(
      /ROSTRUM_TRUSTED_PROXIES .*10\.0\.0\.0\/40 is no CIDR.*10\.0\.0\.0\/8/,
    );
    const from = { ROSTRUM_MAIL_FROM: 'events@example.org' };
    expect(refusal({ ROSTRUM_SMTP_URL: 'smtp://localhost:2525' })).toMatch(
      /ROSTRUM_MAIL_FROM .*Example Events/,
    );
    expect(refusal({ ...from, ROSTRUM_SMTP_URL: 'smtp://u:secret@host/?tls=0' })).toMatch(
      /ROSTRUM_SMTP_URL \(set\): nothing goes after/,
    );
    expect(refusal({ ...from, ROSTRUM_SMTP_URL: 'u:secret@host' })).toMatch(/ROSTRUM_SMTP_URL \(set\)/);
    expect(refusal({ ROSTRUM_MAIL_FROM: 'a@b.test, c@d.test' })).toMatch(/ROSTRUM_MAIL_FROM .*no address/);
    expect(refusal({ ...from, ROSTRUM_DKIM_SELECTOR: 'rostrum' })).toMatch(
      /ROSTRUM_DKIM_SELECTOR .*together/,
    );
    expect(refusal({ DATABASE_URL: 'mysql://x' })).toMatch(/DATABASE_URL .*postgres:\/\//);
  });

  test('a secret is never shown, even when it is refused', () => {
    const shown = refusal({
      ROSTRUM_SECRET: 'too-short-secret',
      ROSTRUM_NODE_TOKEN: 'short-token',
      ROSTRUM_TURN_SECRET: 'short-turn',
      ROSTRUM_MEDIA_KEYS: 'own:short-key',
    });
    expect(shown).toMatch(/ROSTRUM_SECRET \(set\): shorter than 32 bytes.*openssl/);
    expect(shown).not.toContain('too-short-secret');
    expect(shown).not.toContain('short-token');
    expect(shown).not.toContain('short-turn');
    expect(shown).not.toContain('short-key');
  });
});
