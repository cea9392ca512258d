import { type DatabasePlace, placeForEachTest } from '../testing/database-places.ts';
import type { AccountWithHash, Store } from './index.ts';

const NOW = 1_800_000_000_000;
const ann: AccountWithHash = {
  accountId: 'account-ann',
  email: 'Ann@Example.org',
  name: 'Ann',
  role: 'owner',
  locale: 'en',
  createdUnixMs: NOW,
  passwordHash: 'hash of Ann',
};
const bob: AccountWithHash = {
  ...ann,
  accountId: 'account-bob',
  email: 'bob@example.org',
  name: 'Bob',
  role: 'host',
  passwordHash: null,
};
const session = (sessionId: string, accountId = ann.accountId, createdUnixMs = NOW) => ({
  sessionId,
  accountId,
  tokenHash: `hash of ${sessionId}`,
  createdUnixMs,
  expiresUnixMs: createdUnixMs + 1000,
  userAgent: 'Browser',
  method: 'password' as const,
});

describe.each(['sqlite', 'postgres'] as const)('accounts on %s', (engine) => {
  const placeOfTest = placeForEachTest(engine);
  let place: DatabasePlace;
  let store: Store;

  beforeEach(async () => {
    place = placeOfTest();
    store = await place.open();
    await store.database.transact(async (tx) => {
      await store.accounts.add(tx, ann);
      await store.accounts.add(tx, bob);
    });
  });
  afterEach(async () => {
    await store.close();
  });

  test('are found by their address however it is written, and by their id; who has none is nobody', async () => {
    expect(await store.accounts.byEmail(' aNN@example.ORG ')).toEqual(ann);
    expect(await store.accounts.byId('account-bob')).toEqual(bob);
    expect(await store.accounts.byEmail('eve@example.org')).toBe(null);
    expect(await store.accounts.list()).toMatchObject([{ name: 'Ann' }, { name: 'Bob' }]);
    expect(await store.accounts.hasOwner()).toBe(true);
  });

  test('are one for each address: another is a conflict, and nothing else of its transaction is there', async () => {
    const twice = store.database.transact(async (tx) => {
      await store.accounts.change(tx, bob.accountId, { name: 'Robert' });
      await store.accounts.add(tx, { ...bob, accountId: 'account-eve', email: 'ANN@example.org' });
    });
    await expect(twice).rejects.toMatchObject({ code: 'conflict' });
    expect(await store.accounts.byId(bob.accountId)).toMatchObject({ name: 'Bob' });
  });

  test('are changed field by field, and it is said when there is none', async () => {
    const changed = await store.database.transact(async (tx) => [
      await store.accounts.change(tx, bob.accountId, { role: 'owner', passwordHash: 'new' }),
      await store.accounts.change(tx, 'nobody', { name: 'X' }),
      await store.accounts.change(tx, bob.accountId, {}),
    ]);
    expect(changed).toEqual([true, false, true]);
    expect(await store.accounts.byId(bob.accountId)).toEqual({ ...bob, role: 'owner', passwordHash: 'new' });
    expect(await store.database.transact((tx) => store.accounts.owners(tx))).toBe(2);
  });

  test('a session says whose it is, and who that is in the webinar it is asked about', async () => {
    const created = {
      type: 'webinar.created',
      title: 'T',
      startsAtUnixMs: null,
      profile: 'standard',
    } as const;
    await store.events.create('webinar-1', { atUnixMs: NOW, event: created });
    await store.database.transact(async (tx) => {
      await store.sessions.add(tx, session('session-1', bob.accountId));
      await store.accounts.assign(tx, 'webinar-1', bob.accountId, 'moderator');
      await store.accounts.assign(tx, 'webinar-1', bob.accountId, 'host');
    });
    const { passwordHash: _, ...account } = bob;
    const known = { sessionId: 'session-1', account, seenUnixMs: NOW, expiresUnixMs: NOW + 1000 };
    expect(await store.sessions.find('hash of session-1', 'webinar-1', NOW)).toEqual({
      ...known,
      webinarRole: 'host',
    });
    expect(await store.sessions.find('hash of session-1', 'webinar-2', NOW)).toEqual({
      ...known,
      webinarRole: null,
    });
    expect(await store.sessions.find('hash of session-1', null, NOW + 1000)).toBe(null);
    expect(await store.sessions.find('session-1', null, NOW)).toBe(null);
    expect(await store.accounts.membersOf('webinar-1')).toEqual([{ account, role: 'host' }]);
    expect(await store.sessions.standing(['session-1'], NOW)).toEqual(
      new Map([['session-1', { role: 'host', webinars: new Map([['webinar-1', 'host']]) }]]),
    );
    await store.database.transact((tx) => store.accounts.assign(tx, 'webinar-1', bob.accountId, null));
    expect(await store.accounts.membersOf('webinar-1')).toEqual([]);
  });

  test('sessions end one by one, or all but one, and never another’s', async () => {
    await store.database.transact(async (tx) => {
      for (const id of ['session-1', 'session-2', 'session-3']) await store.sessions.add(tx, session(id));
      await store.sessions.add(tx, session('session-bob', bob.accountId));
      await store.sessions.touch(tx, 'session-2', NOW + 5);
    });
    const of = async (): Promise<string[]> =>
      (await store.sessions.of(ann.accountId, NOW)).map(({ sessionId }) => sessionId);
    expect(await of()).toEqual(['session-2', 'session-1', 'session-3']);
    const ended = await store.database.transact(async (tx) => [
      await store.sessions.end(tx, ann.accountId, 'session-1'),
      await store.sessions.end(tx, ann.accountId, 'session-bob'),
    ]);
    expect(ended).toEqual([true, false]);
    await store.database.transact((tx) => store.sessions.endAll(tx, ann.accountId, 'session-3'));
    expect(await of()).toEqual(['session-3']);
    const asked = ['session-1', 'session-3', 'session-bob'];
    expect([...(await store.sessions.standing(asked, NOW)).keys()].sort()).toEqual([
      'session-3',
      'session-bob',
    ]);
    await store.database.transact((tx) => store.sessions.endAll(tx, ann.accountId, null));
    expect(await of()).toEqual([]);
  });

  test('expired sessions go when their account signs in again', async () => {
    await store.database.transact((tx) => store.sessions.add(tx, session('session-old')));
    await store.database.transact((tx) =>
      store.sessions.add(tx, session('session-new', ann.accountId, NOW + 1000)),
    );
    const standing = await store.sessions.standing(['session-old', 'session-new'], NOW);
    expect([...standing.keys()]).toEqual(['session-new']);
  });

  test('an account that is removed takes along what is its own, and stays in the log of what was done', async () => {
    await store.database.transact(async (tx) => {
      await store.sessions.add(tx, session('session-1', bob.accountId));
      await store.accounts.linkProvider(tx, bob.accountId, 'https://issuer.test', 'subject');
      await store.audit.add(tx, {
        auditId: 'audit-1',
        atUnixMs: NOW,
        actor: bob.accountId,
        actorName: 'Bob',
        action: 'session.started',
        subject: {},
      });
    });
    expect(await store.accounts.byProvider('https://issuer.test', 'subject')).toMatchObject({ name: 'Bob' });
    expect(await store.database.transact((tx) => store.accounts.remove(tx, bob.accountId))).toBe(true);
    expect(await store.accounts.byId(bob.accountId)).toBe(null);
    expect(await store.sessions.standing(['session-1'], NOW)).toEqual(new Map());
    expect(await store.accounts.byProvider('https://issuer.test', 'subject')).toBe(null);
    expect(await store.audit.page(10, null)).toMatchObject([{ actorName: 'Bob' }]);
  });

  test('what was done is read page by page, the newest first, also where many were done at once', async () => {
    const row = (n: number) => ({
      auditId: `audit-${n}`,
      atUnixMs: NOW + Math.floor(n / 3),
      actor: ann.accountId,
      actorName: 'Ann',
      action: 'member.removed',
      subject: { name: 'B“o\u0000b' },
    });
    await store.database.transact(async (tx) => {
      for (let n = 0; n < 7; n += 1) await store.audit.add(tx, row(n));
    });
    const read: unknown[] = [];
    let page = await store.audit.page(2, null);
    while (page.length > 0) {
      read.push(...page);
      page = await store.audit.page(2, page.at(-1) ?? null);
    }
    expect(read).toEqual([6, 5, 4, 3, 2, 1, 0].map(row));
  });

  test('the owner’s link is used up once', async () => {
    const use = (generation: number) =>
      store.database.transact((tx) => store.installation.useOwnerLinks(tx, generation));
    expect(await Promise.all([use(0), use(0)])).toEqual([true, false]);
    expect(await store.installation.ownerGeneration()).toBe(1);
    expect([await use(0), await use(1)]).toEqual([false, true]);
  });
});
