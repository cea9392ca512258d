import { RostrumError, type WebinarEvent } from '@rostrum/contracts';
import { sql } from 'kysely';
import { type DatabasePlace, placeForEachTest } from '../testing/database-places.ts';
import { mailed, mailsOf, makeOutbox } from '../testing/outbox.ts';
import { type Also, FencedError, type Store } from './index.ts';

const created: Extract<WebinarEvent, { type: 'webinar.created' }> = {
  type: 'webinar.created',
  title: 'Town hall',
  startsAtUnixMs: null,
  profile: 'standard',
};
const voted = (i: number): { atUnixMs: number; event: WebinarEvent } => ({
  atUnixMs: 1_800_000_000_000 + i,
  event: { type: 'question.upvoted', questionId: 'question', personId: `person-${i}` },
});

describe.each(['sqlite', 'postgres'] as const)('rows that an append carries on %s', (engine) => {
  const placeOfTest = placeForEachTest(engine);
  let place: DatabasePlace;
  let store: Store;

  beforeEach(async () => {
    place = placeOfTest();
    store = await place.open();
  });
  afterEach(async () => {
    await store.close();
  });

  const start = async (webinarId: string) => {
    await store.events.create(webinarId, { atUnixMs: 5, event: created });
    const claim = await store.events.claim(webinarId);
    if (!claim) throw new Error('not claimed');
    return claim;
  };

  test.each(['before', 'after'] as const)(
    'are durable with its events, or neither is, where its commit fails (%s it took effect)',
    async (when) => {
      await start('webinar-1');
      await makeOutbox(store);
      await store.close();
      store = await place.failing(async (failing) => {
        const epoch = (await failing.events.claim('webinar-1'))?.epoch ?? 0;
        await failing.events.append({
          ...{ webinarId: 'webinar-1', epoch, expectedSeq: 1, events: [voted(2)] },
          also: mailed('webinar-1', 'mail-1'),
        });
      }, when);
      const tookEffect = engine === 'sqlite' && when === 'after';
      expect(await store.events.read('webinar-1', 1)).toHaveLength(tookEffect ? 1 : 0);
      expect(await mailsOf(store, 'webinar-1')).toEqual(tookEffect ? ['mail-1'] : []);
    },
  );

  test('leave nothing of a whole commit, where the disk or the connection fails at one of them', async () => {
    await start('webinar-a');
    await start('webinar-b');
    await makeOutbox(store);
    await store.close();
    const ids = ['webinar-a', 'webinar-b'];
    /** Both at once, in one commit; the second carries a mail. */
    const appendToBoth = async (to: Store): Promise<PromiseSettledResult<void>[]> => {
      const claims = await Promise.all(ids.map((id) => to.events.claim(id)));
      const appends = ids.map((webinarId, i) => ({
        ...{ webinarId, epoch: claims[i]?.epoch ?? 0, expectedSeq: 1, events: [voted(2)] },
        ...(webinarId === 'webinar-b' ? { also: mailed(webinarId, 'mail-b') } : {}),
      }));
      return Promise.allSettled(appends.map((append) => to.events.append(append)));
    };
    const lengths = () => Promise.all(ids.map(async (id) => (await store.events.read(id, 1)).length));
    store = await place.failing(async (failing) => {
      const [a, b] = await appendToBoth(failing);
      expect(b).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } });
      if (a?.status === 'rejected') throw a.reason;
    }, 'row');
    expect(await lengths()).toEqual([0, 0]);
    expect(await mailsOf(store, 'webinar-b')).toEqual([]);
    await appendToBoth(store);
    expect(await lengths()).toEqual([1, 1]);
    expect(await mailsOf(store, 'webinar-b')).toEqual(['mail-b']);
  });

  test('keep its events out where they are refused, and nobody else’s of the same commit', async () => {
    await store.close();
    const commits: { appends: number; events: number }[] = [];
    store = await place.open({
      committed: ({ appends, events }) => commits.push({ appends, events }),
      commitFailed: () => undefined,
    });
    await makeOutbox(store);
    const taken = { atUnixMs: 5, event: created };
    await store.events.create('webinar-0', taken, mailed('webinar-0', 'taken'));
    const alsos: Record<string, Also | null> = {
      plain: null,
      mailed: mailed('mailed', 'mail-1'),
      taken: async (tx) => {
        await mailed('taken', 'mail-2')(tx);
        await mailed('taken', 'taken')(tx);
      },
      dangling: mailed('nowhere', 'mail-3'),
      refused: async (tx) => {
        await mailed('refused', 'mail-4')(tx);
        throw new RostrumError('limit-reached', 'the webinar is full');
      },
      mistaken: async (tx) => {
        await mailed('mistaken', 'mail-5')(tx);
        throw new TypeError('a mistake');
      },
      senseless: async (tx) => {
        await sql`insert into outbox (no_such_column) values (1)`.execute(tx);
      },
      'mailed-last': mailed('mailed-last', 'mail-6'),
    };
    const ids = Object.keys(alsos);
    const epochs = new Map<string, number>();
    for (const id of ids) epochs.set(id, (await start(id)).epoch);
    const append = (webinarId: string, also: Also | null): Promise<void> => {
      const plain = {
        ...{ webinarId, epoch: epochs.get(webinarId) ?? 0, expectedSeq: 1 },
        events: [voted(2)],
      };
      return store.events.append(also ? { ...plain, also } : plain);
    };
    const outcome = (p: Promise<void>): Promise<string> =>
      p.then(
        () => 'appended',
        (error: RostrumError) => error.code,
      );
    expect(await Promise.all(ids.map((id) => outcome(append(id, alsos[id] ?? null))))).toEqual([
      'appended',
      'appended',
      'conflict',
      'conflict',
      'limit-reached',
      'unavailable',
      'unavailable',
      'appended',
    ]);
    expect(commits).toEqual([{ appends: 3, events: 3 }]);
    const lengths = async () => Promise.all(ids.map(async (id) => (await store.events.read(id, 1)).length));
    expect(await lengths()).toEqual([1, 1, 0, 0, 0, 0, 0, 1]);
    const mails = await Promise.all(['webinar-0', ...ids].map((id) => mailsOf(store, id)));
    expect(mails.flat()).toEqual(['taken', 'mail-1', 'mail-6']);
    // Nothing was appended, and the same may be tried otherwise.
    for (const id of ids.slice(2, 7)) await append(id, mailed(id, `again-${id}`));
    expect(await lengths()).toEqual(ids.map(() => 1));
    // A fenced append carries nothing.
    await expect(append('plain', mailed('plain', 'late'))).rejects.toBeInstanceOf(FencedError);
    expect(await mailsOf(store, 'plain')).toEqual([]);
  });

  test('keep a webinar from being created, where they are refused', async () => {
    await makeOutbox(store);
    const first = { atUnixMs: 5, event: created };
    const refused = store.events.create('webinar-1', first, async () => {
      throw new RostrumError('conflict', 'there is one on that day');
    });
    await expect(refused).rejects.toMatchObject({ code: 'conflict' });
    expect(await store.webinars.find('webinar-1')).toBeNull();
    await store.events.create('webinar-1', first, mailed('webinar-1', 'mail-1'));
    expect(await store.events.read('webinar-1', 0)).toHaveLength(1);
    expect(await mailsOf(store, 'webinar-1')).toEqual(['mail-1']);
  });

  test('follow from events, whoever writes them, and are durable with them or neither is', async () => {
    await makeOutbox(store);
    const asked: [string, number, string][] = [];
    store.follow((webinarId, events) => {
      for (const e of events) asked.push([webinarId, e.seq, e.event.type]);
      return events.some((e) => e.event.type === 'webinar.created')
        ? null
        : mailed(webinarId, `${events[0]?.seq}`);
    });
    const { epoch } = await start('webinar-1');
    const append = { webinarId: 'webinar-1', epoch, expectedSeq: 1, events: [voted(2)] };
    await store.events.append({ ...append, also: mailed('webinar-1', 'own') });
    await expect(store.events.append(append)).rejects.toThrow(FencedError);
    expect(asked.slice(0, 2)).toEqual([
      ['webinar-1', 1, 'webinar.created'],
      ['webinar-1', 2, 'question.upvoted'],
    ]);
    expect((await mailsOf(store, 'webinar-1')).toSorted()).toEqual(['2', 'own']);

    store.follow(() => async () => {
      throw new RostrumError('conflict', 'what follows cannot be written');
    });
    await expect(store.events.append({ ...append, expectedSeq: 2 })).rejects.toThrow('cannot be written');
    await expect(store.events.create('webinar-2', { atUnixMs: 5, event: created })).rejects.toThrow();
    expect(await store.events.read('webinar-1', 0)).toHaveLength(2);
    expect(await store.webinars.find('webinar-2')).toBeNull();
  });
});
