import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { sqlitePlace } from '../testing/database-places.ts';
import { startMailServer } from '../testing/mail-server.ts';
import type { Mail } from './mail.ts';
import { LEASE_MS } from './sender.ts';

const SENDER = fileURLToPath(new URL('../testing/send-mails.ts', import.meta.url));
const MAILS = 150;
const KILLS = 5;

test('a sender that is killed again and again while it sends mails nothing twice, and says of which nobody knows', async () => {
  const place = sqlitePlace();
  let taken = 0;
  let kill: (() => void) | null = null;
  let killAt = 0;
  const server = await startMailServer({
    async answer() {
      taken += 1;
      // While others are anywhere between their lease and their answer, this one before it hears its own.
      if (taken >= killAt) kill?.();
      await new Promise((resolve) => setTimeout(resolve, taken % 7));
      return null;
    },
  });
  const keys = Array.from({ length: MAILS }, (_, i) => `mail-${i}`);
  const mails = keys.map(
    (key): Mail => ({
      ...{
        key,
        to: { address: `${key}@example.test`, name: null },
        locale: 'en',
        webinarId: null,
        dueUnixMs: 0,
      },
      content: { kind: 'invitation', inviter: 'Grace', url: 'https://console.test/i' },
    }),
  );
  const first = await place.open();
  await first.database.transact((tx) => first.mails.addAll(tx, mails));
  await first.close();
  try {
    for (let round = 0; round < KILLS; round += 1) {
      killAt = taken + 3 + 4 * round;
      const child = sender(place.settings.dataDir, server.url, 0);
      kill = () => child.kill('SIGKILL');
      await ended(child);
    }
    kill = null;
    expect(await ended(sender(place.settings.dataDir, server.url, 0))).toBe(0);
    // Their leases have ended.
    expect(await ended(sender(place.settings.dataDir, server.url, LEASE_MS + 1000))).toBe(0);
    const store = await place.open();
    const states = await Promise.all(keys.map(async (key) => (await store.mails.find(key))?.state));
    await store.close();
    const arrived = server.arrived.map(({ to }) => to[0]?.split('@')[0] ?? '');
    expect(new Set(arrived).size).toBe(arrived.length);
    const doubtful = keys.filter((_key, i) => states[i] === 'doubtful');
    // Some of them had arrived: sent again they would have been there twice.
    expect(doubtful.some((key) => arrived.includes(key))).toBe(true);
    expect(doubtful.length).toBeLessThanOrEqual(5 * KILLS);
    expect(keys.filter((_key, i) => states[i] !== 'sent')).toEqual(doubtful);
    for (const key of keys)
      expect([key, arrived.includes(key) || doubtful.includes(key)]).toEqual([key, true]);
  } finally {
    await server.stop();
    place.remove();
  }
}, 120_000);

const sender = (dataDir: string, url: string, aheadMs: number): ChildProcess =>
  spawn(process.execPath, [SENDER, dataDir, url, String(aheadMs)], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });

const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => child.once('close', resolve));
