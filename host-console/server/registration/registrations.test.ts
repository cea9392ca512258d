import { type PlanFields, type Registrant, WEBHOOK_EVENTS, type WebinarEvent } from '@rostrum/contracts';
import { pino } from 'pino';
import type { Mail } from '../mail/mail.ts';
import { createMetrics } from '../metrics.ts';
import type { RegistrationRow, Store } from '../store/index.ts';
import { type DatabasePlace, placeForEachTest } from '../testing/database-places.ts';
import { tellOfRegistrations } from '../webhooks/registrations.ts';
import type { FoldedState } from '../webinars/fold.ts';
import { type RegistrationHouse, registrationHouse } from './house.ts';

const W = 'webinar-1';
const START = { local: '2027-03-28T19:00', zone: 'Europe/Berlin' };
const STARTS_AT = Date.UTC(2027, 2, 28, 17);
const HOUR = 3_600_000;

const registrant = (who: string, more: Partial<Registrant> = {}): Registrant => ({
  ...{ name: `Name of ${who}`, address: `${who}@example.org`, locale: 'en', answers: {} },
  ...more,
});

describe.each(['sqlite', 'postgres'] as const)('who registers on %s', (engine) => {
  const placeOfTest = placeForEachTest(engine);
  let place: DatabasePlace;
  let store: Store;
  let house: RegistrationHouse;
  let now: number;
  let ids: number;
  let unlinked: string[];
  let seq: number;

  const open = (of: Store, prefix = 'id'): RegistrationHouse =>
    registrationHouse({
      tell: tellOfRegistrations(of.webhooks),
      store: of,
      outbox: of.mails,
      clock: { nowUnixMs: () => now, nowMs: () => now },
      ids: { next: () => `${prefix}-${++ids}` },
      logger: pino({ level: 'silent' }),
      metrics: createMetrics(),
      rates: { pages: FREE, registering: FREE, registeringInRoom: FREE },
      secret: 'a secret for tests, longer than 32 bytes',
      publicUrl: () => 'https://console.test',
      organizer: () => ({ address: 'us@example.org', name: null }),
      addressOf: () => '192.0.2.1',
      originUrl: () => 'https://origin.test',
      // The writer of the log is not what these tests are about.
      submit: async (_webinarId, decision) => {
        const events = decision({ links: new Map() } as unknown as FoldedState);
        unlinked.push(...events.flatMap((e) => (e.type === 'link.revoked' ? [e.linkId] : [])));
        return {} as FoldedState;
      },
    });
  const FREE = { burst: 1e6, perSecond: 1e6 };

  const create = (fields: PlanFields, webinarId = W): Promise<void> => {
    const plan: PlanFields = { start: START, join: 'registered', ...fields };
    return store.events.create(webinarId, {
      atUnixMs: now,
      event: {
        type: 'webinar.created',
        title: 'Town hall',
        startsAtUnixMs: STARTS_AT,
        profile: 'standard',
        plan,
      },
    });
  };
  const happens = async (...events: WebinarEvent[]): Promise<void> => {
    const claim = await store.events.claim(W);
    seq = claim?.lastSeq ?? 0;
    await store.events.append({
      ...{ webinarId: W, epoch: claim?.epoch ?? 0, expectedSeq: seq },
      events: events.map((event) => ({ atUnixMs: now, event })),
    });
  };
  const settle = async (): Promise<void> => {
    house.tick();
    await house.settled();
  };

  beforeEach(async () => {
    place = placeOfTest();
    store = await place.open();
    now = STARTS_AT - 72 * HOUR;
    ids = 1000;
    unlinked = [];
    house = open(store);
  });
  afterEach(async () => {
    await house.close();
    await store.close();
  });

  const all = (): Promise<RegistrationRow[]> =>
    store.registrations.page(W, ['pending', 'approved', 'waiting', 'refused', 'cancelled'], 0, 1000);
  const states = async (): Promise<string[]> =>
    (await all()).map(({ address, state }) => `${address.split('@')[0]} ${state}`);
  const idOf = async (who: string): Promise<string> =>
    (await all()).find((one) => one.address.startsWith(`${who}@`))?.registrationId ?? '';
  /** What lies in the outbox: to whom, what, when (hours before the start). */
  const mails = async (): Promise<Mail[]> => mailsIn(store);
  const kinds = async (): Promise<string[]> =>
    (await mails()).map(({ to, content }) => `${to.address.split('@')[0]} ${content.kind}`).toSorted();
  const register = (who: string, more: Partial<Registrant> = {}) =>
    house.registrations.register(W, registrant(who, more));

  test('is in at once, with a mail, a link and an entry for the calendar, all of it durable together', async () => {
    await create({});
    expect(await register('ada', { locale: 'de' })).toEqual({ kind: 'taken', as: 'approved' });
    expect(await states()).toEqual(['ada approved']);
    const [mail, ...others] = await mails();
    expect(others).toEqual([]);
    expect(mail).toMatchObject({
      to: { address: 'ada@example.org', name: 'Name of ada' },
      locale: 'de',
      webinarId: W,
      content: {
        kind: 'registration-confirmed',
        title: 'Town hall',
        event: { uid: `${W}@rostrum`, sequence: 0, cancelled: false, start: START, lengthMinutes: 60 },
      },
    });
    const [row] = await all();
    const { url, unsubscribeUrl } = (mail?.content ?? {}) as { url: string; unsubscribeUrl: string };
    expect(url).toMatch(/^https:\/\/console\.test\/j\/id-\d+\.[\w-]{27}$/);
    expect(unsubscribeUrl).toBe(`${url}/unsubscribe`);
    const code = url.split('/j/')[1] ?? '';
    expect(house.codes.registrationIdOf(code)).toBe(row?.registrationId);
    expect(house.codes.fits(code, row!)).toBe(true);
    expect(house.codes.fits(`${code.slice(0, -1)}${code.endsWith('A') ? 'B' : 'A'}`, row!)).toBe(false);
    expect(house.codes.fits(code, { ...row!, linkId: 'another' })).toBe(false);
  });

  test('waits for a place when all are taken; the first who waits has the one that somebody gives up', async () => {
    await create({ capacity: 2 });
    const as = [];
    for (const who of ['ada', 'bob', 'cleo', 'dan']) as.push((await register(who)) as { as: string });
    expect(as.map((one) => one.as)).toEqual(['approved', 'approved', 'waiting', 'waiting']);
    await house.registrations.cancel(W, await idOf('ada'));
    expect(await states()).toEqual(['ada cancelled', 'bob approved', 'cleo approved', 'dan waiting']);
    expect(await kinds()).toEqual([
      ...['bob registration-confirmed', 'cleo registration-confirmed'],
      ...['cleo registration-waiting', 'dan registration-waiting'],
    ]);
    // Who comes anew is behind all who wait, by another link.
    const before = (await all()).find((one) => one.address.startsWith('ada'));
    await register('ada');
    expect(await states()).toEqual(['bob approved', 'cleo approved', 'dan waiting', 'ada waiting']);
    const after = (await all()).find((one) => one.address.startsWith('ada'));
    expect(after?.linkId).not.toBe(before?.linkId);
  });

  test('who waits has a place as soon as there are more', async () => {
    await create({ capacity: 1 });
    for (const who of ['ada', 'bob', 'cleo', 'dan']) await register(who);
    await happens({ type: 'plan.changed', fields: { capacity: 3 } });
    await settle();
    expect(await states()).toEqual(['ada approved', 'bob approved', 'cleo approved', 'dan waiting']);
    await happens({ type: 'plan.changed', fields: { capacity: null } });
    await settle();
    expect(await states()).toEqual(['ada approved', 'bob approved', 'cleo approved', 'dan approved']);
    expect((await kinds()).filter((kind) => kind === 'dan registration-confirmed')).toHaveLength(1);
  });

  test('waits for the crew where it is asked, who lets in as many as there are places', async () => {
    await create({ join: 'approved', capacity: 1 });
    await store.database.transact((tx) =>
      store.webhooks.add(
        {
          ...{ webhookId: 'webhook-1', url: 'https://hooks.test/', description: '', createdUnixMs: now },
          ...{ events: WEBHOOK_EVENTS, secrets: [], state: 'enabled', failingSinceUnixMs: null },
        },
        tx,
      ),
    );
    for (const who of ['ada', 'bob', 'cleo']) await register(who);
    expect(await states()).toEqual(['ada pending', 'bob pending', 'cleo pending']);
    await house.registrations.answer(W, [await idOf('cleo'), 'nobody'], 'refuse');
    await house.registrations.answer(W, [await idOf('bob'), await idOf('ada')], 'approve');
    expect(await states()).toEqual(['ada approved', 'bob waiting', 'cleo refused']);
    expect(await kinds()).toEqual([
      ...['ada registration-confirmed', 'bob registration-waiting', 'cleo registration-refused'],
    ]);
    await house.registrations.answer(W, [await idOf('ada')], 'refuse');
    expect(await states()).toEqual(['ada refused', 'bob approved', 'cleo refused']);
    const told = (await store.webhooks.deliveries('webhook-1', 20, null)).map(
      ({ type }) => type.split('.')[1],
    );
    expect(told.toSorted()).toEqual([
      ...['approved', 'approved', 'created', 'created', 'created', 'refused', 'refused'],
    ]);
    const refusal = (await mails()).find(
      (m) => m.to.address.startsWith('ada') && m.content.kind === 'registration-refused',
    );
    expect(refusal?.content).toMatchObject({ url: null, event: { cancelled: true } });
  });

  test('of a hundred at once no more get in than there are places, from two processes too', async () => {
    await create({ capacity: 17 });
    const other = await place.open().catch(() => null);
    const houses = other ? [house, open(other, 'other')] : [house];
    const outcomes = await Promise.all(
      Array.from({ length: 100 }, (_, i) =>
        (houses[i % houses.length] ?? house).registrations.register(W, registrant(`person${i}`)),
      ),
    );
    expect(outcomes.filter((one) => one.kind === 'taken' && one.as === 'approved')).toHaveLength(17);
    expect(await store.registrations.countsOf(W)).toMatchObject({ approved: 17, waiting: 83 });
    // And none is left over when half of those go at once while others come.
    const approved = await store.registrations.page(W, ['approved'], 0, 100);
    await Promise.all([
      ...approved
        .slice(0, 9)
        .map((one, i) => (houses[i % houses.length] ?? house).registrations.cancel(W, one.registrationId)),
      ...Array.from({ length: 20 }, (_, i) => house.registrations.register(W, registrant(`late${i}`))),
    ]);
    expect(await store.registrations.countsOf(W)).toMatchObject({ approved: 17, waiting: 94, cancelled: 9 });
    await houses[1]?.close();
    await other?.close();
  });

  test('is told the same twice, and mailed the link again once an hour', async () => {
    await create({});
    const first = await register('ada');
    for (let i = 0; i < 3; i += 1) expect(await register('ada', { name: 'Somebody else' })).toEqual(first);
    expect((await all()).map((one) => one.name)).toEqual(['Name of ada']);
    expect(await kinds()).toEqual(['ada registration-confirmed', 'ada registration-confirmed']);
    now += HOUR;
    await register('ada');
    expect(await kinds()).toHaveLength(3);
    const urls = (await mails()).map(({ content }) => ('url' in content ? content.url : null));
    expect(new Set(urls).size).toBe(1);
    // Who was refused is told nothing more, and cannot make it pending again.
    await house.registrations.answer(W, [await idOf('ada')], 'refuse');
    await house.registrations.cancel(W, await idOf('ada'));
    const before = await kinds();
    expect(await register('ada')).toEqual(first);
    expect(await states()).toEqual(['ada refused']);
    expect(await kinds()).toEqual(before);
  });

  test('answers what is asked, or is told what is missing', async () => {
    const question = {
      kind: 'consent',
      questionId: 'rules',
      text: 'I keep the rules',
      required: true,
    } as const;
    await create({ registrationQuestions: [question] });
    const missing = await register('ada');
    expect(missing).toEqual({ kind: 'answers', problems: new Map([['rules', 'missing']]) });
    expect(await all()).toEqual([]);
    await register('ada', { answers: { rules: 'yes', other: 'x' } });
    expect((await all())[0]?.answers).toEqual({ rules: true });
  });

  test('is not taken where nobody registers, and nobody is told of a draft', async () => {
    await create({ join: 'open' });
    await create({ visibility: 'draft' }, 'webinar-2');
    await expect(register('ada')).rejects.toMatchObject({ code: 'conflict' });
    for (const webinarId of ['webinar-2', 'nowhere']) {
      const refused = house.registrations.register(webinarId, registrant('ada'));
      await expect(refused).rejects.toMatchObject({ code: 'not-found' });
    }
    await happens({ type: 'plan.changed', fields: { join: 'registered' } });
    await register('ada');
    await happens({ type: 'webinar.cancelled' });
    await expect(register('bob')).rejects.toMatchObject({ code: 'conflict' });
  });

  test('is reminded a day and an hour before, told that it is live and that there is a recording, once each', async () => {
    await create({});
    await register('ada');
    await register('bob');
    await house.registrations.setSubscribed(W, await idOf('bob'), false);
    expect(await kinds()).toEqual(['ada registration-confirmed']);
    const step = async (at: number): Promise<string[]> => {
      const before = await kinds();
      now = at;
      await settle();
      await settle();
      const later = await kinds();
      return later.filter((kind) => !before.includes(kind));
    };
    expect(await step(STARTS_AT - 24 * HOUR - 1)).toEqual([]);
    expect(await step(STARTS_AT - 24 * HOUR)).toEqual(['ada reminder-day']);
    await register('cleo');
    expect(await step(STARTS_AT - HOUR)).toEqual(
      ['ada reminder-hour', 'cleo reminder-hour', 'cleo registration-confirmed'].filter(
        (k) => !k.endsWith('confirmed'),
      ),
    );
    await happens({ type: 'webinar.wentLive', channelId: 'channel-1', originUrl: 'http://origin.test' });
    expect(await step(STARTS_AT)).toEqual(['ada live-now', 'cleo live-now']);
    await happens(
      { type: 'webinar.ended', recording: 'pending' },
      { type: 'webinar.recordingSettled', recorded: true },
    );
    expect(await step(STARTS_AT + HOUR)).toEqual(['ada recording-ready', 'cleo recording-ready']);
    await happens({ type: 'webinar.recordingSettled', recorded: true });
    expect(await step(STARTS_AT + 2 * HOUR)).toEqual([]);
    expect(await kinds()).toHaveLength(new Set(await kinds()).size);
  });

  test('is told once of what was changed, when it is left alone, with the next SEQUENCE; and of what was changed back nothing', async () => {
    await create({});
    await register('ada');
    const move = (local: string, startsAtUnixMs: number): Promise<void> =>
      happens({ type: 'plan.changed', fields: { start: { ...START, local } }, startsAtUnixMs });
    await move('2027-03-29T19:00', STARTS_AT + 24 * HOUR);
    now += 60_000;
    await happens({ type: 'plan.changed', fields: { text: 'Something to read' } });
    await move('2027-03-29T20:00', STARTS_AT + 25 * HOUR);
    await settle();
    expect(await kinds()).toEqual(['ada registration-confirmed']);
    now += 2 * 60_000;
    await register('bob');
    now += 5 * 60_000;
    await settle();
    const changed = (await mails()).filter(({ content }) => content.kind === 'webinar-changed');
    expect(changed.map(({ to, content }) => [to.address, content])).toMatchObject([
      ['ada@example.org', { event: { sequence: 2, cancelled: false, start: { local: '2027-03-29T20:00' } } }],
    ]);
    // The reminders are those of the new time.
    now = STARTS_AT;
    await settle();
    expect((await kinds()).filter((kind) => kind.includes('reminder'))).toEqual([]);
    now = STARTS_AT + HOUR;
    await settle();
    expect((await kinds()).filter((kind) => kind.includes('reminder'))).toEqual([
      'ada reminder-day',
      'bob reminder-day',
    ]);
    await move('2027-03-30T20:00', STARTS_AT + 49 * HOUR);
    await move('2027-03-29T20:00', STARTS_AT + 25 * HOUR);
    now += 6 * 60_000;
    await settle();
    expect((await mails()).filter(({ content }) => content.kind === 'webinar-changed')).toHaveLength(1);
  });

  test('is told that it was cancelled, and reminded of nothing any more', async () => {
    await create({ join: 'approved' });
    await register('ada');
    await register('bob');
    await house.registrations.answer(W, [await idOf('ada')], 'approve');
    await happens({ type: 'webinar.cancelled' });
    now = STARTS_AT;
    await settle();
    const told = (await mails()).filter(({ content }) => content.kind === 'webinar-cancelled');
    expect(told.map(({ to, content }) => [to.address, content])).toMatchObject([
      ['ada@example.org', { url: null, event: { cancelled: true, sequence: 1 } }],
      ['bob@example.org', { url: null, event: null }],
    ]);
    expect((await kinds()).filter((kind) => kind.includes('reminder'))).toEqual([]);
  });

  test('is told all the same where a thousand are, some at a time', async () => {
    await create({});
    const many = Array.from({ length: 450 }, (_, i) => ({ ...registrant(`person${i}`), answers: {} }));
    await house.registrations.add(W, many, false);
    await happens({ type: 'webinar.wentLive', channelId: 'channel-1', originUrl: 'http://origin.test' });
    await settle();
    expect(await kinds()).toHaveLength(450);
  });

  test('is brought by the crew without approval, once, and mailed if that is wished', async () => {
    await create({ join: 'approved', capacity: 3, visibility: 'draft' });
    const brought = await house.registrations.add(
      W,
      [registrant('ada'), registrant('bob'), registrant('ada')],
      false,
    );
    expect(brought).toEqual(['added', 'added', 'known']);
    expect(await kinds()).toEqual([]);
    await happens({ type: 'plan.changed', fields: { visibility: 'published' } });
    await register('cleo');
    expect(await house.registrations.add(W, [registrant('cleo'), registrant('dan')], true)).toEqual([
      'known',
      'added',
    ]);
    expect(await states()).toEqual(['ada approved', 'bob approved', 'cleo approved', 'dan waiting']);
    expect(await kinds()).toEqual([
      ...['cleo registration-confirmed', 'cleo registration-pending', 'dan registration-waiting'],
    ]);
  });

  test('is out with their link when they were in by it, and nothing of them is kept when they are forgotten', async () => {
    await create({});
    for (const who of ['ada', 'bob', 'cleo']) await register(who);
    const [ada, bob, cleo] = await all();
    for (const one of [ada, cleo]) await store.registrations.markJoined(one?.registrationId ?? '', now);
    await house.registrations.answer(W, [ada?.registrationId ?? '', bob?.registrationId ?? ''], 'refuse');
    await settle();
    expect(unlinked).toEqual([ada?.linkId]);
    expect(await house.registrations.forget(W, [cleo?.registrationId ?? '', 'nobody'])).toBe(1);
    expect(unlinked).toEqual([ada?.linkId, cleo?.linkId]);
    expect(await states()).toEqual(['ada refused', 'bob refused']);
    expect((await kinds()).filter((kind) => kind.startsWith('cleo'))).toEqual([]);
  });
});

async function mailsIn(store: Store): Promise<Mail[]> {
  const rows = await store.database.query((db) =>
    db.selectFrom('mails').select(['mail_key', 'body']).orderBy('due_unix_ms').orderBy('mail_key').execute(),
  );
  return rows.map(({ mail_key, body }) => ({
    key: Buffer.from(mail_key).toString(),
    webinarId: W,
    ...JSON.parse(body ?? '{}'),
  }));
}
