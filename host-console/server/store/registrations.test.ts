import type { WebinarEvent } from '@rostrum/contracts';
import { type DatabasePlace, placeForEachTest } from '../testing/database-places.ts';
import type { NewRegistration, RegistrationRow, Store } from './index.ts';

const created: Extract<WebinarEvent, { type: 'webinar.created' }> = {
  type: 'webinar.created',
  title: 'Town hall',
  startsAtUnixMs: null,
  profile: 'standard',
};
const AT = 1_800_000_000_000;
const W = 'webinar-1';

const registration = (i: number, more: Partial<NewRegistration> = {}): NewRegistration => ({
  registrationId: `registration-${i}`,
  webinarId: W,
  address: `person${i}@example.org`,
  name: `Person ${i}`,
  answers: { question: 'because\nI want to', news: true },
  locale: 'de',
  state: 'approved',
  createdUnixMs: AT + i,
  changedUnixMs: AT + i,
  personId: `person-${i}`,
  linkId: `link-${i}`,
  ...more,
});

describe.each(['sqlite', 'postgres'] as const)('registrations on %s', (engine) => {
  const placeOfTest = placeForEachTest(engine);
  let place: DatabasePlace;
  let store: Store;

  beforeEach(async () => {
    place = placeOfTest();
    store = await place.open();
    await store.events.create(W, { atUnixMs: 5, event: created });
  });
  afterEach(async () => {
    await store.close();
  });

  const add = (...given: NewRegistration[]): Promise<RegistrationRow[]> =>
    store.database.transact(async (tx) => {
      const rows: RegistrationRow[] = [];
      await store.registrations.hold(tx, W);
      for (const one of given) rows.push(await store.registrations.add(tx, one));
      return rows;
    });
  const numbers = (rows: readonly RegistrationRow[]): number[] => rows.map((row) => row.number);

  test('are numbered as they come, and read as they were written, after the store was opened again too', async () => {
    const rows = await add(registration(1), registration(2, { name: 'Zoë “Z” Ünal', answers: {} }));
    expect(numbers(rows)).toEqual([1, 2]);
    await store.close();
    store = await place.open();
    expect(await store.registrations.find('registration-2')).toEqual({
      ...registration(2, { name: 'Zoë “Z” Ünal', answers: {} }),
      number: 2,
      joinedUnixMs: null,
      unsubscribedUnixMs: null,
    });
    expect(await store.registrations.find('registration-3')).toBeNull();
  });

  test('are one for each address of a webinar', async () => {
    await add(registration(1));
    await expect(add(registration(2, { address: 'person1@example.org' }))).rejects.toMatchObject({
      code: 'conflict',
    });
    expect((await store.registrations.countsOf(W)).approved).toBe(1);
    await store.events.create('webinar-2', { atUnixMs: 5, event: created });
    await store.database.transact(async (tx) => {
      await store.registrations.hold(tx, 'webinar-2');
      const elsewhere = registration(3, { webinarId: 'webinar-2', address: 'person1@example.org' });
      expect((await store.registrations.add(tx, elsewhere)).number).toBe(1);
      expect(await store.registrations.ofAddress(tx, W, 'person1@example.org')).toMatchObject({
        registrationId: 'registration-1',
      });
      expect(await store.registrations.ofAddress(tx, W, 'person3@example.org')).toBeNull();
    });
  });

  test('of a webinar that is not there are refused', async () => {
    const held = store.database.transact((tx) => store.registrations.hold(tx, 'webinar-0'));
    await expect(held).rejects.toMatchObject({ code: 'conflict' });
  });

  test('are found by state, and by a part of the name or the address whatever its case; the newest first, page by page', async () => {
    await add(
      registration(1, { name: 'Ada Lovelace', state: 'pending' }),
      registration(2, { name: '100%_sure', state: 'approved' }),
      registration(3, { name: 'ÅSA', state: 'pending' }),
      registration(4, { name: 'Ada Two', state: 'pending' }),
    );
    const list = async (more: {
      state?: 'pending';
      search?: string;
      beforeNumber?: number;
      limit?: number;
    }) =>
      numbers(
        await store.registrations.list({
          ...{ webinarId: W, state: null, search: '', beforeNumber: null, limit: 10 },
          ...more,
        }),
      );
    expect(await list({})).toEqual([4, 3, 2, 1]);
    expect(await list({ limit: 2 })).toEqual([4, 3]);
    expect(await list({ limit: 2, beforeNumber: 3 })).toEqual([2, 1]);
    expect(await list({ state: 'pending' })).toEqual([4, 3, 1]);
    expect(await list({ search: ' aDa ' })).toEqual([4, 1]);
    expect(await list({ search: 'åsa' })).toEqual([3]);
    expect(await list({ search: '%_' })).toEqual([2]);
    expect(await list({ search: 'PERSON2@' })).toEqual([2]);
    expect(await list({ search: '_' })).toEqual([2]);
    expect(await store.registrations.countsOf(W)).toEqual({
      ...{ pending: 3, approved: 1, waiting: 0, refused: 0, cancelled: 0 },
    });
  });

  test('that are there anew are behind all others, and are somebody else by their link', async () => {
    await add(registration(1, { state: 'cancelled' }), registration(2, { state: 'waiting' }));
    const anew = registration(1, { state: 'waiting', name: 'Another name', linkId: 'link-new' });
    const renewed = await store.database.transact(async (tx) => {
      await store.registrations.hold(tx, W);
      return store.registrations.renew(tx, anew);
    });
    expect(await store.registrations.find('registration-1')).toEqual(renewed);
    expect(renewed).toMatchObject({ number: 3, name: 'Another name', linkId: 'link-new' });
    expect(numbers(await store.registrations.page(W, ['waiting'], 0, 10))).toEqual([2, 3]);
    expect(numbers(await store.registrations.page(W, ['waiting'], 2, 10))).toEqual([3]);
    expect(numbers(await store.registrations.page(W, ['waiting'], 0, 1))).toEqual([2]);
  });

  test('change their state together, remember when they came first, and are forgotten', async () => {
    await add(registration(1), registration(2), registration(3));
    await store.database.transact(async (tx) => {
      await store.registrations.setState(tx, ['registration-1', 'registration-3'], 'refused', AT + 50);
      await store.registrations.setState(tx, [], 'cancelled', AT + 51);
      await store.registrations.setUnsubscribed(tx, 'registration-2', AT + 52);
      expect(numbers(await store.registrations.withIds(tx, W, ['registration-3', 'registration-1']))).toEqual(
        [1, 3],
      );
      expect(await store.registrations.withIds(tx, 'webinar-2', ['registration-3'])).toEqual([]);
    });
    await store.registrations.markJoined('registration-2', AT + 60);
    await store.registrations.markJoined('registration-2', AT + 70);
    expect(await store.registrations.find('registration-3')).toMatchObject({
      state: 'refused',
      changedUnixMs: AT + 50,
    });
    expect(await store.registrations.find('registration-2')).toMatchObject({
      ...{ state: 'approved', changedUnixMs: AT + 2, joinedUnixMs: AT + 60, unsubscribedUnixMs: AT + 52 },
    });
    await store.database.transact((tx) => store.registrations.forget(tx, ['registration-2']));
    expect(await store.registrations.find('registration-2')).toBeNull();
    expect(numbers(await add(registration(4)))).toEqual([4]);
  });

  test('share a desk, which is held by one transaction at a time', async () => {
    const other = await place.open().catch(() => null);
    // SQLite has one process at a time; there it is the transactions of one.
    const stores = other ? [store, other] : [store, store];
    const raise = (of: Store): Promise<void> =>
      of.database.transact(async (tx) => {
        const desk = await of.registrations.hold(tx, W);
        await new Promise((resolve) => setTimeout(resolve, 2));
        await of.registrations.setDesk(tx, { ...desk, sequence: desk.sequence + 1, told: '{}' });
      });
    await Promise.all(Array.from({ length: 20 }, (_, i) => raise(stores[i % 2] ?? store)));
    const desk = await store.database.transact((tx) => store.registrations.hold(tx, W));
    expect(desk).toEqual({ webinarId: W, sequence: 20, told: '{}' });
    await other?.close();
  });

  test('have tasks, one of each kind, which are due at their time', async () => {
    const put = (kind: string, version: number, dueUnixMs: number, afterNumber = 0): Promise<void> =>
      store.database.transact((tx) =>
        store.registrations.putTask(tx, { webinarId: W, kind, version, dueUnixMs, afterNumber }),
      );
    await put('reminder-day', 1, AT + 10);
    await put('live-now', 0, AT + 5);
    await put('reminder-day', 2, AT + 20, 7);
    const due = async (at: number) =>
      (await store.registrations.dueTasks(at, 10)).map(({ kind, version }) => `${kind} ${version}`);
    expect(await due(AT + 4)).toEqual([]);
    expect(await due(AT + 10)).toEqual(['live-now 0']);
    expect(await due(AT + 20)).toEqual(['live-now 0', 'reminder-day 2']);
    await store.database.transact(async (tx) => {
      expect(await store.registrations.task(tx, W, 'reminder-day')).toMatchObject({ afterNumber: 7 });
      await store.registrations.dropTasks(tx, W, ['live-now', 'reminder-day']);
      expect(await store.registrations.task(tx, W, 'reminder-day')).toBeNull();
    });
    expect(await due(AT + 20)).toEqual([]);
  });
});
