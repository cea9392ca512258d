import { pino } from 'pino';
import type { StayRow, Store } from '../store/index.ts';
import { type DatabasePlace, placeForEachTest } from '../testing/database-places.ts';
import { type Arrival, LOST_AFTER_MS, Presence, SEEN_EVERY_MS, WRITE_EVERY_MS } from './presence.ts';

const BO: Arrival = {
  ...{ webinarId: 'webinar-1', personId: 'bo-1', name: 'Bo', role: 'attendee' },
  ...{ device: 'phone', browser: 'safari', region: 'DE' },
};
const ANN: Arrival = { ...BO, personId: 'ann-1', name: 'Ann \0 "Zoë"', role: 'panelist', region: null };
const T0 = 1_800_000_000_000;

class Process {
  nowMs = 0;
  readonly presence: Presence;
  stage: { node: string | null; people: string[] } = { node: null, people: [] };
  readonly written: StayRow[] = [];
  failing = false;

  constructor(store: Store, name: string, alone: boolean, startMs = 0) {
    this.nowMs = startMs;
    let made = 0;
    this.presence = new Presence({
      stays: {
        isAlone: alone,
        closeOfLost: (before) => store.stays.closeOfLost(before),
        write: async (...args) => {
          if (this.failing) throw new Error('the disk is full');
          this.written.push(...args[2]);
          return store.stays.write(...args);
        },
      },
      clock: { nowMs: () => this.nowMs, nowUnixMs: () => T0 + this.nowMs },
      ids: { next: () => `${name}-${++made}` },
      logger: pino({ level: 'silent' }),
      stageOf: () => this.stage,
    });
  }
}

describe.each(['sqlite', 'postgres'] as const)('who is here, on %s', (engine) => {
  const placeOfTest = placeForEachTest(engine);
  let place: DatabasePlace;
  let store: Store;
  let one: Process;
  const alone = engine === 'sqlite';

  beforeEach(async () => {
    place = placeOfTest();
    store = await place.open();
    one = new Process(store, 'one', alone);
  });
  afterEach(() => store.close());

  const stays = async () =>
    (await store.stays.stays('webinar-1', null, 0)).map(({ personId, joinedUnixMs, leftUnixMs }) => [
      personId,
      joinedUnixMs - T0,
      leftUnixMs === null ? null : leftUnixMs - T0,
    ]);

  test('is written with what they came on, once however many connections they have, and until the last is gone', async () => {
    one.presence.came(BO);
    one.nowMs = 10;
    one.presence.came(ANN);
    one.presence.came(BO);
    await one.presence.write();
    one.nowMs = 20;
    one.presence.went('webinar-1', 'bo-1');
    one.nowMs = 30;
    one.presence.went('webinar-1', 'bo-1');
    // Once more than they came.
    one.presence.went('webinar-1', 'bo-1');
    await one.presence.write();
    expect(await stays()).toEqual([
      ['bo-1', 0, 30],
      ['ann-1', 10, null],
    ]);
    const page = { after: null, limit: 10, search: null };
    expect(await store.stays.attendants('webinar-1', page)).toEqual([
      { personId: 'bo-1', name: 'Bo', role: 'attendee', joinedUnixMs: T0 },
      { personId: 'ann-1', name: 'Ann \0 "Zoë"', role: 'panelist', joinedUnixMs: T0 + 10 },
    ]);
    expect((await store.stays.stays('webinar-1', ['bo-1'], 0))[0]).toMatchObject({
      ...{ device: 'phone', browser: 'safari', region: 'DE', node: null },
    });
  });

  test('is found by any part of a name, in pages, in the order in which they came', async () => {
    for (const [at, name] of ['Zoë Lee', 'ZOË_MÜLLER', 'Bo 100%', 'Bo'].entries()) {
      one.nowMs = at < 2 ? 0 : at;
      one.presence.came({ ...BO, personId: `person-${at}`, name });
    }
    await one.presence.write();
    const names = async (search: string | null, limit = 10, skip = 0) => {
      const found = await store.stays.attendants('webinar-1', { after: null, limit: 10, search });
      const last = found[skip - 1];
      const page = await store.stays.attendants('webinar-1', { after: last ?? null, limit, search });
      return page.map((a) => a.name);
    };
    expect(await names('zoë')).toEqual(['Zoë Lee', 'ZOË_MÜLLER']);
    expect(await names('_')).toEqual(['ZOË_MÜLLER']);
    expect(await names('0%')).toEqual(['Bo 100%']);
    expect(await names('\\')).toEqual([]);
    expect(await names(null, 1, 1)).toEqual(['ZOË_MÜLLER']);
    expect(await names(null, 2, 2)).toEqual(['Bo 100%', 'Bo']);
  });

  test('who came, left and came again before anything was written has two stays, and came when they first did', async () => {
    one.presence.came(BO);
    one.nowMs = 1;
    one.presence.went('webinar-1', 'bo-1');
    one.nowMs = 2;
    one.presence.came({ ...BO, name: 'Bo Two' });
    await one.presence.write();
    expect(await stays()).toEqual([
      ['bo-1', 0, 1],
      ['bo-1', 2, null],
    ]);
    const page = { after: null, limit: 10, search: null };
    expect(await store.stays.attendants('webinar-1', page)).toEqual([
      { personId: 'bo-1', name: 'Bo Two', role: 'attendee', joinedUnixMs: T0 },
    ]);
  });

  test('thousands at once are written whole', async () => {
    for (let at = 0; at < 1234; at += 1) one.presence.came({ ...BO, personId: `person-${at}` });
    await one.presence.write();
    expect(await store.stays.stays('webinar-1', null, 0)).toHaveLength(1234);
  });

  test('of a process that was killed ends when it last said that it was there; the next one writes that', async () => {
    one.presence.came(BO);
    await one.presence.write();
    one.nowMs = 10_000;
    one.presence.came(ANN);
    await one.presence.write();
    const two = new Process(store, 'two', alone, 20_000);
    await two.presence.closeOfLost('start');
    // Where others may write too, it may be alive.
    if (!alone) {
      expect(await stays()).toEqual([
        ['bo-1', 0, null],
        ['ann-1', 10_000, null],
      ]);
      two.nowMs = 10_000 + LOST_AFTER_MS + 1;
      await two.presence.closeOfLost('later');
    }
    expect(await stays()).toEqual([
      ['bo-1', 0, 10_000],
      ['ann-1', 10_000, 10_000],
    ]);
  });

  test('of a process that was taken for gone and is not, is here again as it was', async () => {
    one.presence.came(BO);
    await one.presence.write();
    await store.stays.closeOfLost(T0 + LOST_AFTER_MS);
    expect(await stays()).toEqual([['bo-1', 0, 0]]);
    one.nowMs = 2 * LOST_AFTER_MS;
    await one.presence.write();
    await one.presence.write();
    expect(await stays()).toEqual([['bo-1', 0, null]]);
  });

  test('when everything closes, everybody has left', async () => {
    one.presence.came(BO);
    one.nowMs = 70;
    await one.presence.close();
    expect(await stays()).toEqual([['bo-1', 0, 70]]);
  });

  test('what could not be written is written later, as it is then', async () => {
    one.presence.came(BO);
    one.failing = true;
    await one.presence.write();
    one.nowMs = 50;
    one.presence.went('webinar-1', 'bo-1');
    await one.presence.write();
    one.failing = false;
    await one.presence.write();
    expect(await stays()).toEqual([['bo-1', 0, 50]]);
  });

  test('is forgotten once they left long enough ago, with their name where they never came again', async () => {
    one.presence.came(BO);
    one.presence.came(ANN);
    await one.presence.write();
    one.nowMs = 100;
    one.presence.went('webinar-1', 'bo-1');
    one.presence.went('webinar-1', 'ann-1');
    one.nowMs = 5000;
    one.presence.came(ANN);
    await one.presence.write();
    expect(await store.stays.forget(T0 + 100)).toBe(0);
    expect(await store.stays.forget(T0 + 101)).toBe(2);
    expect(await stays()).toEqual([['ann-1', 5000, null]]);
    const page = { after: null, limit: 10, search: null };
    expect((await store.stays.attendants('webinar-1', page)).map((a) => a.personId)).toEqual(['ann-1']);
  });

  test('is written at its pace: changes after some seconds, that the process is there more seldom, and nothing of nobody', async () => {
    const tick = async (atMs: number): Promise<number> => {
      const before = one.written.length;
      one.nowMs = atMs;
      one.presence.tick();
      await one.presence.settled();
      return one.written.length - before;
    };
    one.presence.came(BO);
    expect(await tick(WRITE_EVERY_MS - 1)).toBe(0);
    expect(await tick(WRITE_EVERY_MS)).toBe(1);
    one.stage = { node: 'sfu-1', people: ['bo-1', 'stranger-1'] };
    expect(await tick(2 * WRITE_EVERY_MS)).toBe(1);
    expect((await store.stays.stays('webinar-1', null, 0))[0]?.node).toBe('sfu-1');
    expect(await tick(2 * WRITE_EVERY_MS + SEEN_EVERY_MS)).toBe(0);
    const later = new Process(store, 'later', alone, 10 * LOST_AFTER_MS);
    // It said that it was there although nothing changed.
    expect(await store.stays.closeOfLost(T0 + 2 * WRITE_EVERY_MS + SEEN_EVERY_MS)).toBe(0);
    await later.presence.close();
    expect(later.written).toEqual([]);
  });
});
