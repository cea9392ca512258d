import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import { pino } from 'pino';
import { createMetrics } from '../metrics.ts';
import type { Store } from '../store/index.ts';
import { type DatabasePlace, placeForEachTest } from '../testing/database-places.ts';
import { startMailServer } from '../testing/mail-server.ts';
import { composer, type Message } from './compose.ts';
import type { Delivery, MailOutcome } from './delivery.ts';
import { expiresUnixMs } from './expiry.ts';
import { folderDelivery } from './folder.ts';
import type { CalendarEntry, Mail } from './mail.ts';
import { KEEP_WORDS_MS, LEASE_MS, MailSender } from './sender.ts';
import { smtpDelivery, smtpServerOf } from './smtp.ts';

const START = Date.UTC(2027, 0, 5);
const DAY_MS = 86_400_000;
const compose = composer({ from: { address: 'events@example.test', name: null }, dkim: null });
const mailOf = (key: string, more: Partial<Mail> = {}): Mail => ({
  key,
  to: { address: `${key}@example.test`, name: 'Ada' },
  locale: 'en',
  webinarId: null,
  dueUnixMs: START,
  content: { kind: 'invitation', inviter: 'Grace', url: 'https://console.test/i#1' },
  ...more,
});

describe.each(['sqlite', 'postgres'] as const)('mails of an outbox on %s', (engine) => {
  const placeOfTest = placeForEachTest(engine);
  let place: DatabasePlace;
  let store: Store;
  let now = START;
  const clock = { nowUnixMs: () => now, nowMs: () => now - START };
  const senders: MailSender[] = [];

  beforeEach(async () => {
    now = START;
    place = placeOfTest();
    store = await place.open();
  });
  afterEach(async () => {
    await Promise.all(senders.splice(0).map((sender) => sender.stop()));
    await store.close();
  });

  const add = (...mails: Mail[]) => store.database.transact((tx) => store.mails.addAll(tx, mails));
  const senderTo = (delivery: Delivery, from: Store = store): MailSender => {
    const sender = new MailSender({
      ...{ mails: from.mails, compose, delivery, clock, logger: pino({ level: 'silent' }) },
      ...{ metrics: createMetrics().mail, random: () => 0.5 },
    });
    senders.push(sender);
    return sender;
  };
  /** One that answers as told, and keeps what it was given. */
  const deliveryOf = (answer: (message: Message, nth: number) => MailOutcome | Promise<MailOutcome>) => {
    const given: Message[] = [];
    const delivery: Delivery = {
      kind: 'smtp',
      async deliver(message) {
        given.push(message);
        return answer(message, given.length);
      },
      close: () => undefined,
    };
    return { delivery, given };
  };
  const sent: MailOutcome = { kind: 'sent', answer: '250 ok' };
  const stateOf = async (key: string) => (await store.mails.find(key))?.state;

  test('go when they are due, each once, to a real server', async () => {
    const server = await startMailServer();
    const sender = senderTo(smtpDelivery(smtpServerOf(server.url)));
    const keys = Array.from({ length: 23 }, (_, i) => `mail-${i}`);
    await add(...keys.map((key) => mailOf(key)), mailOf('later', { dueUnixMs: START + 1 }));
    await sender.idle();
    expect(server.arrived.map(({ to }) => to[0]).toSorted()).toEqual(
      keys.map((key) => `${key}@example.test`).toSorted(),
    );
    expect(await stateOf('later')).toBe('queued');
    now += 1;
    await sender.idle();
    await sender.idle();
    expect(server.arrived).toHaveLength(24);
    expect(await store.mails.find('later')).toMatchObject({
      state: 'sent',
      outcome: { kind: 'sent' },
      settledUnixMs: now,
    });
    await sender.stop();
    await server.stop();
  });

  test('go once where several processes send', async () => {
    const { delivery, given } = deliveryOf(() => sent);
    const keys = Array.from({ length: 40 }, (_, i) => `mail-${i}`);
    await add(...keys.map((key) => mailOf(key)));
    const other = engine === 'postgres' ? await place.open() : store;
    await Promise.all([senderTo(delivery), senderTo(delivery, other)].map((sender) => sender.idle()));
    expect(given.map(({ to }) => to).toSorted()).toEqual(keys.map((key) => `${key}@example.test`).toSorted());
    if (other !== store) await other.close();
  });

  test('that a dead sender left are in doubt when its lease ends, and not sent again by themselves', async () => {
    await add(mailOf('one'), mailOf('two'));
    const dead = await store.mails.lease({ nowUnixMs: now, untilUnixMs: now + LEASE_MS, limit: 1 });
    expect(dead.leased).toHaveLength(1);
    const key = dead.leased[0]?.key ?? '';
    const { delivery, given } = deliveryOf(() => sent);
    const sender = senderTo(delivery);
    await sender.idle();
    expect(given).toHaveLength(1);
    expect(await stateOf(key)).toBe('sending');
    now += LEASE_MS;
    await sender.idle();
    expect(await store.mails.find(key)).toMatchObject({ state: 'doubtful' });
    now += DAY_MS;
    await sender.idle();
    expect(given).toHaveLength(1);
    // It was not dead but slow: what it says counts.
    await store.mails.settle(
      { key, epoch: dead.leased[0]?.epoch ?? 0 },
      { state: 'sent', nowUnixMs: now, outcome: sent },
    );
    expect(await stateOf(key)).toBe('sent');
    expect(await store.mails.again(key, now)).toBe(false);
  });

  test('in doubt are sent again when somebody says so, with the same id, and what an old lease says then is too late', async () => {
    const doubt: MailOutcome = { kind: 'doubtful', reason: 'the line broke' };
    const { delivery, given } = deliveryOf((_message, nth) => (nth === 1 ? doubt : sent));
    const sender = senderTo(delivery);
    await add(mailOf('one'));
    await sender.idle();
    expect(await store.mails.find('one')).toMatchObject({ state: 'doubtful', outcome: doubt });
    now += 5000;
    expect(await store.mails.again('one', now)).toBe(true);
    await store.mails.settle({ key: 'one', epoch: 1 }, { state: 'bounced', nowUnixMs: now, outcome: null });
    await sender.idle();
    expect(given.map(({ messageId }) => messageId)).toEqual([given[0]?.messageId, given[0]?.messageId]);
    await store.mails.settle({ key: 'one', epoch: 1 }, { state: 'bounced', nowUnixMs: now, outcome: null });
    expect(await stateOf('one')).toBe('sent');
  });

  test('that are refused for good have bounced, with what the server said', async () => {
    const bounced: MailOutcome = { kind: 'bounced', answer: '550 5.1.1 no such user' };
    const { delivery, given } = deliveryOf(() => bounced);
    const sender = senderTo(delivery);
    await add(mailOf('one'), mailOf('no address', { to: { address: 'a@b, c@d', name: null } }));
    await sender.idle();
    now += 30 * DAY_MS;
    await sender.idle();
    expect(given).toHaveLength(1);
    expect(await store.mails.find('one')).toMatchObject({ state: 'bounced', outcome: bounced });
    expect(await stateOf('no address')).toBe('bounced');
  });

  test('that cannot be sent just now are tried ever less often, for four days', async () => {
    const busy: MailOutcome = { kind: 'deferred', reason: '450 try later', because: 'recipient' };
    const attempts: number[] = [];
    const { delivery } = deliveryOf(() => {
      attempts.push(now);
      return busy;
    });
    const sender = senderTo(delivery);
    await add(mailOf('one'));
    for (; now < START + 6 * DAY_MS; now += 10 * 60_000) await sender.idle();
    const gaps = attempts.slice(1).map((at, i) => at - (attempts[i] ?? 0));
    expect(gaps[0]).toBeLessThanOrEqual(10 * 60_000);
    expect(gaps.at(-1)).toBeGreaterThanOrEqual(3_600_000);
    expect(attempts.length).toBeLessThan(120);
    expect((attempts.at(-1) ?? 0) - START).toBeGreaterThanOrEqual(4 * DAY_MS);
    expect((attempts.at(-1) ?? 0) - START).toBeLessThan(4.2 * DAY_MS);
    expect(await store.mails.find('one')).toMatchObject({
      state: 'bounced',
      outcome: { answer: '450 try later' },
    });
  });

  test('all wait while the server is away, go when it is back, and can be withdrawn meanwhile', async () => {
    let away = true;
    const { delivery, given } = deliveryOf(() =>
      away ? { kind: 'deferred', reason: 'connection refused', because: 'server' } : sent,
    );
    const sender = senderTo(delivery);
    await add(...Array.from({ length: 50 }, (_, i) => mailOf(`mail-${i}`)));
    for (; now < START + 60_000; now += 1000) await sender.idle();
    // A few at a time, with pauses that grow.
    expect(given.length).toBeLessThan(50);
    await store.database.transact((tx) => store.mails.withdraw(tx, 'mail-7'));
    away = false;
    given.length = 0;
    for (; now < START + 3_600_000; now += 10_000) await sender.idle();
    expect(new Set(given.map(({ to }) => to)).size).toBe(49);
    expect(given).toHaveLength(49);
  });

  test('that nobody wants any more are not sent late', async () => {
    const { delivery, given } = deliveryOf(() => sent);
    const sender = senderTo(delivery);
    await add(
      mailOf('reset', {
        content: { kind: 'password-reset', url: 'https://console.test/r', validMinutes: 30 },
      }),
    );
    now += 30 * 60_000;
    await sender.idle();
    expect(given).toEqual([]);
    expect(await stateOf('reset')).toBe('expired');
  });

  test('are forgotten but for their keys: after a month, and when their owner wants so', async () => {
    const { delivery, given } = deliveryOf(() => sent);
    const sender = senderTo(delivery);
    await add(mailOf('one'), mailOf('two', { to: { address: 'Ada@Example.test', name: 'Ada' } }));
    await add(
      mailOf('later', { dueUnixMs: START + DAY_MS, to: { address: 'ada@example.test', name: null } }),
    );
    await sender.idle();
    await store.database.transact((tx) => store.mails.forgetAddress(tx, 'ADA@example.test'));
    expect(await store.mails.find('two')).toMatchObject({ state: 'sent', said: null });
    expect(await store.mails.find('later')).toBeNull();
    expect((await store.mails.find('one'))?.said).not.toBeNull();
    now += KEEP_WORDS_MS + 3_600_000;
    await sender.idle();
    expect(await store.mails.find('one')).toMatchObject({ state: 'sent', said: null, outcome: null });
    await add(mailOf('one'), mailOf('two'));
    await sender.idle();
    expect(given).toHaveLength(2);
  });

  test('are listed latest first, page by page, by state', async () => {
    await add(
      ...Array.from({ length: 7 }, (_, i) =>
        mailOf(`mail-${i}`, { dueUnixMs: START + Math.floor(i / 2) * DAY_MS }),
      ),
    );
    await senderTo(deliveryOf(() => sent).delivery).idle();
    const keys: string[] = [];
    for (let after: { dueUnixMs: number; key: string } | null = null; ; ) {
      const page = await store.mails.list(2, after, []);
      keys.push(...page.map(({ key }) => key));
      after = page.at(-1) ?? null;
      if (!after) break;
    }
    expect(keys).toEqual(['mail-6', 'mail-5', 'mail-4', 'mail-3', 'mail-2', 'mail-1', 'mail-0']);
    expect((await store.mails.list(9, null, ['sent'])).map(({ key }) => key)).toEqual(['mail-1', 'mail-0']);
    expect(await store.mails.due(START + DAY_MS)).toBe(2);
  });

  test('lie in a folder where there is no server, for their owner alone', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rostrum-outbox-'));
    const outbox = join(folder, 'outbox');
    await add(mailOf('one'));
    const sender = senderTo(folderDelivery(outbox));
    await sender.idle();
    const kept = await store.mails.find('one');
    expect(kept?.state).toBe('filed');
    const [file = ''] = readdirSync(outbox);
    expect(kept?.outcome).toEqual({ kind: 'filed', file });
    expect(statSync(join(outbox, file)).mode & 0o077).toBe(0);
    expect((await simpleParser(readFileSync(join(outbox, file)))).subject).toBe(
      'Grace invites you to run webinars',
    );
    rmSync(folder, { recursive: true });
    // Where the folder cannot be made they wait.
    writeFileSync(folder, '');
    await add(mailOf('two'));
    await sender.idle();
    expect(await store.mails.find('two')).toMatchObject({ state: 'queued', outcome: { kind: 'deferred' } });
    rmSync(folder);
  });
});

test('what is wanted for how long depends on what it says', () => {
  const event = {
    start: { local: '2027-01-06T12:00', zone: 'UTC' },
    lengthMinutes: 60,
    recurrence: null,
  } as CalendarEntry;
  const until = (
    kind: 'reminder-day' | 'reminder-hour' | 'live-now' | 'webinar-changed' | 'webinar-cancelled',
    dueUnixMs: number,
  ) => expiresUnixMs({ dueUnixMs, content: { kind, title: 'x', url: null, unsubscribeUrl: null, event } });
  const startUnixMs = Date.UTC(2027, 0, 6, 12);
  expect(until('reminder-day', startUnixMs - DAY_MS)).toBe(startUnixMs - 3_600_000);
  expect(until('reminder-hour', startUnixMs - 3_600_000)).toBe(startUnixMs + 30 * 60_000);
  expect(until('live-now', startUnixMs)).toBe(startUnixMs + 3_600_000);
  expect(until('webinar-changed', START)).toBe(startUnixMs + 3_600_000);
  expect(until('webinar-cancelled', START)).toBe(Number.POSITIVE_INFINITY);
});
