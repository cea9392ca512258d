import { type ApiScope, RostrumError, type WebinarEvent } from '@rostrum/contracts';
import { pino } from 'pino';
import { Seal } from '../../identity/seal.ts';
import { randomIds, systemClock } from '../../ports.ts';
import type { Store } from '../../store/index.ts';
import { type DatabasePlace, placeForEachTest } from '../../testing/database-places.ts';
import { type House, openHouse } from '../../testing/house.ts';
import { type Asked, Idempotency, KEPT_MS } from './idempotency.ts';

const CREATED: Extract<WebinarEvent, { type: 'webinar.created' }> = {
  ...{ type: 'webinar.created', title: 'Town hall', startsAtUnixMs: null, profile: 'standard' },
};
const asking = (key: string, body = '{"title":"Town hall"}'): Asked => ({
  ...{ caller: 'token token-1', key, request: ['POST', '/api/v1/webinars', body], status: 201 },
});

describe.each(['sqlite', 'postgres'] as const)('a request with a key on %s', (engine) => {
  const placeOfTest = placeForEachTest(engine);
  let place: DatabasePlace;
  let aheadMs = 0;
  const clock = { nowMs: systemClock.nowMs, nowUnixMs: () => 1_800_000_000_000 + aheadMs };
  const over = (store: Store) =>
    new Idempotency({
      ...{ store, clock, logger: pino({ level: 'silent' }) },
      seal: new Seal('a secret', 'idempotent answers'),
    });
  /** As the API makes a webinar. */
  const create = (store: Store, idempotency: Idempotency, asked: Asked) =>
    idempotency.answer(asked, async (keep) => {
      const webinarId = randomIds.next();
      await store.events.create(
        webinarId,
        { atUnixMs: 5, event: CREATED },
        keep(() => ({ webinarId })),
      );
      return { webinarId };
    });
  const webinars = async (store: Store): Promise<string[]> =>
    (await store.webinars.list(10)).map(({ webinarId }) => webinarId);

  beforeEach(() => {
    place = placeOfTest();
    aheadMs = 0;
  });

  test.each(['before', 'after'] as const)(
    'that was cut off by a crash (%s its commit took effect) is done once, however often it is asked',
    async (when) => {
      let store = await place.failing(async (failing) => {
        await create(failing, over(failing), asking('key-1'));
      }, when);
      await store.close();
      store = await place.open();
      const took = await webinars(store);
      const [again, andAgain] = [
        await create(store, over(store), asking('key-1')),
        await create(store, over(store), asking('key-1')),
      ];
      const there = await webinars(store);
      expect(there).toHaveLength(1);
      if (took.length > 0) expect(there).toEqual(took);
      expect(again.answer).toEqual({ webinarId: there[0] });
      expect(andAgain).toEqual({ answer: again.answer, replayed: true });
      await store.close();
    },
  );

  test('is done by one of two processes that were asked at once, and both answer the same', async () => {
    const store = await place.open();
    const [here, there] = [over(store), over(store)];
    // Both have looked, and found nothing, before either commits.
    const find = store.idempotency.find.bind(store.idempotency);
    const { promise: bothLooked, resolve } = Promise.withResolvers<void>();
    let looked = 0;
    store.idempotency.find = async (...args) => {
      const found = await find(...args);
      looked += 1;
      if (looked === 2) resolve();
      await bothLooked;
      return found;
    };
    const answers = await Promise.all([
      create(store, here, asking('key-1')),
      create(store, there, asking('key-1')),
    ]);
    expect(await webinars(store)).toHaveLength(1);
    expect(answers[0]?.answer).toEqual(answers[1]?.answer);
    expect(answers.map(({ replayed }) => replayed).toSorted()).toEqual([false, true]);
    await store.close();
  });

  test('is refused with another body, and while it is under way; another caller’s key is another', async () => {
    const store = await place.open();
    const idempotency = over(store);
    await create(store, idempotency, asking('key-1'));
    await expect(create(store, idempotency, asking('key-1', '{}'))).rejects.toMatchObject({
      status: 422,
      problem: 'idempotency-key-reused',
    });
    const { promise: going, resolve: go } = Promise.withResolvers<void>();
    const slow = idempotency.answer(asking('key-2'), () => going.then(() => 'done'));
    // Its work begins once the database was asked.
    await expect(
      store.database.transact(async () => undefined).then(() => create(store, idempotency, asking('key-2'))),
    ).rejects.toMatchObject({ status: 409, problem: 'idempotency-key-in-use' });
    go();
    expect((await slow).answer).toBe('done');
    expect(await create(store, idempotency, asking('key-2'))).toEqual({ answer: 'done', replayed: true });
    const other = await create(store, idempotency, { ...asking('key-1'), caller: 'token token-2' });
    expect(other.replayed).toBe(false);
    await store.close();
  });

  test('that failed may be tried again, and after a day its key is free', async () => {
    const store = await place.open();
    const idempotency = over(store);
    const refused = idempotency.answer(asking('key-1'), async () => {
      throw new RostrumError('conflict', 'not now');
    });
    await expect(refused).rejects.toMatchObject({ code: 'conflict' });
    const first = await create(store, idempotency, asking('key-1'));
    aheadMs = KEPT_MS - 1;
    expect(await create(store, idempotency, asking('key-1'))).toEqual({ ...first, replayed: true });
    aheadMs = KEPT_MS;
    const next = await create(store, idempotency, asking('key-1'));
    expect(next.replayed).toBe(false);
    expect(next.answer).not.toEqual(first.answer);
    aheadMs = 3 * KEPT_MS;
    await idempotency.tick();
    await store.close();
    const raw = place.raw();
    expect(await raw.selectFrom('idempotency_keys').selectAll().execute()).toEqual([]);
    await raw.destroy();
  });

  test('keeps its answer where the database alone does not tell it', async () => {
    const store = await place.open();
    await over(store).answer(asking('key-1'), async () => ({ secret: 'whsec_secret' }));
    await store.close();
    const raw = place.raw();
    const rows = JSON.stringify(await raw.selectFrom('idempotency_keys').selectAll().execute());
    await raw.destroy();
    expect(rows).not.toContain('secret');
    expect(rows).not.toContain('key-1');
  });
});

describe('over HTTP', () => {
  let house: House;
  let secret: string;
  beforeEach(async () => {
    house = await openHouse();
    const owner = (await house.coordinator.service.ownerUrl()).split('#t=')[1] ?? '';
    const scopes: ApiScope[] = ['webinars:write', 'people:write'];
    const made = await post('/api/v1/tokens', owner, { name: 'A program', scopes });
    secret = made.body.secret ?? '';
  });
  afterEach(() => house.close());
  const post = async (path: string, bearer: string, body?: unknown, key?: string) => {
    const answer = await fetch(`${house.url}${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${bearer}`,
        'content-type': 'application/json',
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const replayed = answer.headers.get('idempotency-replayed');
    const told = (await answer.json()) as Record<string, string>;
    return { status: answer.status, replayed, location: answer.headers.get('location'), body: told };
  };

  test('a webinar and a link are made once, and each time they are asked for answered the same', async () => {
    const plan = { title: 'Town hall' };
    const [first, second] = [
      await post('/api/v1/webinars', secret, plan, 'one'),
      await post('/api/v1/webinars', secret, plan, 'one'),
    ];
    expect([first.replayed, second.replayed]).toEqual([null, 'true']);
    expect(second).toEqual({ ...first, replayed: 'true' });
    const at = `/api/v1/webinars/${first.body.webinarId}/links`;
    const pia = { role: 'panelist', name: 'Pia' };
    const [link, same, another] = [
      await post(at, secret, pia, 'two'),
      await post(at, secret, pia, 'two'),
      await post(at, secret, pia, 'three'),
    ];
    expect(same).toEqual({ ...link, replayed: 'true' });
    expect(another.body.linkId).not.toBe(link.body.linkId);
    const client = house.client({ token: same.body.token });
    await client.synced();
    expect((await post('/api/v1/webinars', secret, { title: 'Other' }, 'one')).body).toMatchObject({
      code: 'idempotency-key-reused',
      status: 422,
    });
    expect((await post(at, secret, pia, 'one')).status).toBe(422);
    const long = await post(at, secret, pia, 'x'.repeat(256));
    expect(long).toMatchObject({ status: 400, body: { field: 'Idempotency-Key' } });
  });

  test('what says how something is to be is kept too', async () => {
    const made = await post('/api/v1/webinars', secret, { title: 'Town hall' });
    const at = `/api/v1/webinars/${made.body.webinarId}`;
    const live = await post(`${at}/go-live`, secret, undefined, 'go');
    expect(live).toMatchObject({ status: 200, body: { phase: 'live' } });
    await post(`${at}/end`, secret);
    expect(await post(`${at}/go-live`, secret, undefined, 'go')).toEqual({ ...live, replayed: 'true' });
  });
});
