import type { LoggedEvent, WebinarEvent } from '@rostrum/contracts';
import fc from 'fast-check';
import { Migrator } from 'kysely/migration';
import { pino } from 'pino';
import { systemClock } from '../ports.ts';
import type { Store } from '../store/index.ts';
import { migrations } from '../store/migrations.ts';
import { arbitrarySteps, play } from '../testing/arbitrary-history.ts';
import {
  type DatabasePlace,
  placeForEachTest,
  postgresPlace,
  sqlitePlace,
} from '../testing/database-places.ts';
import { startPostgres } from '../testing/postgres-server.ts';
import { TAIL_EVENTS, WebinarActor } from './actor.ts';
import { emptyState, type FoldedState, foldAll } from './fold.ts';
import { WebinarRegistry } from './registry.ts';
import { SNAPSHOT_VERSION, SnapshotReader, writeSnapshot } from './snapshot.ts';
import { SNAPSHOT_POLICY, type SnapshotPolicy } from './snapshots.ts';

const logger = pino({ level: 'silent' });
const DAY_MS = 86_400_000;

function readAgain(state: FoldedState): FoldedState {
  const reader = new SnapshotReader(state.webinarId, state.seq);
  for (const part of writeSnapshot(state)) reader.add(part);
  return reader.state();
}

/** Maps and sets have an order too, which views show. */
const ordered = (state: FoldedState): string =>
  JSON.stringify(Object.entries(state).toSorted(), (_key, value: unknown) =>
    value instanceof Map || value instanceof Set ? [...value] : value,
  );

describe('a snapshot', () => {
  test('and the events after it lead to what the whole log leads to', () => {
    fc.assert(
      fc.property(arbitrarySteps, fc.nat(), (script, at) => {
        const { start, history } = play(script);
        const cut = at % (history.length + 1);
        const then = history[cut - 1]?.state ?? start;
        const rest = history.slice(cut).map((h) => h.logged);
        const state = foldAll(readAgain(then), rest);
        const last = history.at(-1)?.state ?? start;
        expect(state).toEqual(last);
        expect(ordered(readAgain(then))).toBe(ordered(then));
      }),
      { numRuns: 200 },
    );
  });

  test('from before there was consent is read as one in which nobody was asked', () => {
    const state = { ...emptyState('webinar-1'), title: 'T' };
    const reader = new SnapshotReader(state.webinarId, state.seq);
    for (const part of writeSnapshot(state)) reader.add(part.replace('"keepsTracks":false,', ''));
    expect(reader.state()).toEqual(state);
  });

  test('of version 1 says this: when it says something else, raise the version', () => {
    expect(SNAPSHOT_VERSION).toBe(1);
    const ada = { personId: 'person-1', name: 'Ada' };
    const events: WebinarEvent[] = [
      { type: 'webinar.created', title: 'T', startsAtUnixMs: null, profile: 'fast' },
      { type: 'person.admitted', ...ada, role: 'panelist' },
      { type: 'link.made', linkId: 'link-1', ...ada, role: 'panelist', expiresUnixMs: 1_900_000_000_000 },
      { type: 'question.asked', questionId: 'question-1', personId: 'person-2', name: 'Ben', text: 'Why?' },
      { type: 'question.upvoted', questionId: 'question-1', personId: 'person-3' },
      { type: 'question.upvoted', questionId: 'question-1', personId: 'person-4' },
      { type: 'question.voteWithdrawn', questionId: 'question-1', personId: 'person-4' },
      { type: 'hand.raised', personId: 'person-2', name: 'Ben' },
      { type: 'hand.raised', personId: 'person-3', name: 'Cy' },
      { type: 'hand.declined', personId: 'person-3' },
    ];
    const state = foldAll(
      emptyState('webinar-1'),
      events.map((event, i) => ({ seq: i + 1, atUnixMs: 1_800_000_000_000 + i, event })),
    );
    expect([...writeSnapshot(state)].map((part) => JSON.parse(part))).toMatchInlineSnapshot(`
[
  {
    "frame": {
      "airsAtUnixMs": null,
      "backstageClosed": false,
      "backstageSaid": 0,
      "backstageUnsaid": [],
      "direction": "manual",
      "doorRules": {
        "bed": false,
        "openMinutes": null,
        "untilUnixMs": null,
      },
      "doorsOpenedFor": null,
      "generation": 0,
      "hands": [
        {
          "name": "Ben",
          "personId": "person-2",
          "raisedUnixMs": 1800000000007,
        },
      ],
      "keepsTracks": false,
      "mayUnmute": true,
      "moderation": "open",
      "phase": {
        "phase": "scheduled",
      },
      "plan": {
        "branding": {
          "accent": "#1f6feb",
          "background": null,
          "holdingText": null,
          "logo": null,
        },
        "capacity": null,
        "consentText": null,
        "cover": null,
        "join": "open",
        "lengthMinutes": 60,
        "registrationQuestions": [],
        "series": null,
        "start": null,
        "text": null,
        "visibility": "published",
        "whoMaySpeak": "hands",
      },
      "planRevisions": {},
      "profile": "fast",
      "runningOrder": [],
      "scene": {
        "focus": null,
        "layout": "grid",
        "lowerThird": null,
        "nameCards": true,
        "onAir": [],
        "screen": null,
        "slide": null,
        "title": "T",
      },
      "startsAtUnixMs": null,
      "title": "T",
    },
    "kind": "frame",
  },
  {
    "kind": "people",
    "people": [
      {
        "guest": false,
        "mutedBy": null,
        "name": "Ada",
        "personId": "person-1",
        "removed": false,
        "role": "panelist",
        "sentOutUnixMs": null,
      },
    ],
  },
  {
    "kind": "links",
    "links": [
      {
        "expiresUnixMs": 1900000000000,
        "linkId": "link-1",
        "madeUnixMs": 1800000000002,
        "name": "Ada",
        "personId": "person-1",
        "revoked": false,
        "role": "panelist",
      },
    ],
  },
  {
    "kind": "questions",
    "questions": [
      {
        "answer": null,
        "askedUnixMs": 1800000000003,
        "name": "Ben",
        "personId": "person-2",
        "questionId": "question-1",
        "role": "attendee",
        "status": "new",
        "text": "Why?",
      },
    ],
  },
  {
    "ids": [
      "person-3",
    ],
    "kind": "ids",
  },
  {
    "kind": "voters",
    "voters": [
      [
        0,
        [
          0,
        ],
      ],
    ],
  },
  {
    "declined": [
      0,
    ],
    "kind": "declined",
  },
  {
    "ids": [
      "person-4",
    ],
    "kind": "ids",
  },
  {
    "kind": "takenBack",
    "takenBack": [
      [
        1,
        1,
      ],
      [
        0,
        1,
      ],
    ],
  },
]
`);
  });
});

describe.each(['sqlite', 'postgres'] as const)('a webinar on %s', (engine) => {
  const placeOfTest = placeForEachTest(engine);
  let place: DatabasePlace;
  let store: Store;
  let nowUnixMs = 1_800_000_000_000;
  const every: SnapshotPolicy = { everyEvents: 100, logKeepMs: 0 };
  const clock = { ...systemClock, nowUnixMs: () => nowUnixMs };

  beforeEach(async () => {
    nowUnixMs = 1_800_000_000_000;
    place = placeOfTest();
    store = await place.open();
    await store.events.create('webinar-1', {
      atUnixMs: nowUnixMs,
      event: { type: 'webinar.created', title: 'T', startsAtUnixMs: null, profile: 'standard' },
    });
  });
  afterEach(async () => {
    await store.close();
  });

  const load = async (snapshots: SnapshotPolicy = every): Promise<WebinarActor> => {
    const events = { committed: () => undefined, fenced: () => undefined };
    const actor = await WebinarActor.load({
      webinarId: 'webinar-1',
      store,
      clock,
      logger,
      events,
      snapshots,
    });
    if (!actor) throw new Error('no webinar');
    return actor;
  };
  const add = async (actor: WebinarActor, people: number): Promise<void> => {
    for (let i = 0; i < people; i += 50) {
      await actor.submit((state) =>
        Array.from({ length: 50 }, (_, n) => ({
          type: 'person.admitted',
          personId: `person-${state.seq + n}`,
          name: 'Ada',
          role: 'panelist',
        })),
      );
    }
  };
  const idle = async (actor: WebinarActor): Promise<void> => {
    while (!actor.idle) await new Promise((resolve) => setTimeout(resolve, 2));
  };
  const seqs = async (): Promise<number[]> => (await store.snapshots.heads('webinar-1')).map((h) => h.seq);
  /** What was read of the log, by the first event asked for. */
  const readsOf = async (work: () => Promise<unknown>): Promise<LoggedEvent[]> => {
    const read = store.events.read.bind(store.events);
    const events: LoggedEvent[] = [];
    store.events.read = async (...asked) => {
      const page = await read(...asked);
      events.push(...page);
      return page;
    };
    await work();
    store.events.read = read;
    return events;
  };

  test('writes snapshots as its log grows, keeps two, and starts from the newest with the last events in memory', async () => {
    const actor = await load();
    for (let i = 0; i < 12; i += 1) {
      await add(actor, 100);
      await idle(actor);
    }
    const [newest = 0, older = 0, ...more] = await seqs();
    expect(actor.state.seq - newest).toBeLessThan(every.everyEvents + 50);
    expect(newest).toBeGreaterThan(older);
    expect(more).toEqual([]);
    await store.close();
    store = await place.open();
    let again = actor;
    const read = await readsOf(async () => {
      again = await load();
    });
    expect(again.state).toEqual(actor.state);
    expect(read.length).toBe(TAIL_EVENTS);
    expect(again.eventsAfter(again.state.seq - TAIL_EVENTS)).toEqual(read);
    // Of the right events, of which the log has the rest.
    const whole = await store.events.read('webinar-1', 0);
    expect(foldAll(emptyState('webinar-1'), whole)).toEqual(again.state);
  });

  test('reads the older snapshot when the newest is damaged, and the whole log when none fits', async () => {
    const actor = await load();
    for (let i = 0; i < 3; i += 1) {
      await add(actor, 100);
      await idle(actor);
    }
    const [newest, older] = await store.snapshots.heads('webinar-1');
    await store.close();
    const raw = place.raw();
    await raw
      .updateTable('snapshot_parts')
      .set({ body: '{"kind":"people","people":[]}' })
      .where('snapshot_id', '=', newest?.snapshotId ?? '')
      .where('part', '=', 1)
      .execute();
    await raw.destroy();
    store = await place.open();
    expect((await load()).state).toEqual(actor.state);

    await store.close();
    const again = place.raw();
    await again
      .updateTable('snapshots')
      .set({ version: SNAPSHOT_VERSION + 1 })
      .where('snapshot_id', '=', older?.snapshotId ?? '')
      .execute();
    await again.deleteFrom('snapshot_parts').where('part', '=', 0).execute();
    await again.destroy();
    store = await place.open();
    const read = await readsOf(async () => expect((await load()).state).toEqual(actor.state));
    expect(read[0]?.seq).toBe(1);
  });

  test('a snapshot that was not written to its end is none, and its parts go with the next', async () => {
    const actor = await load();
    await add(actor, 50);
    const claim = await store.events.claim('webinar-1');
    const snapshot = { webinarId: 'webinar-1', epoch: claim?.epoch ?? 0, seq: 51, version: SNAPSHOT_VERSION };
    function* cut(): Generator<string> {
      yield '{}';
      throw new Error('the process ended');
    }
    await expect(store.snapshots.write({ ...snapshot, snapshotId: 'half-1' }, cut())).rejects.toThrow(
      'ended',
    );
    expect(await seqs()).toEqual([]);
    expect(
      await store.snapshots.write({ ...snapshot, snapshotId: 'whole-1' }, writeSnapshot(actor.state)),
    ).toBe(true);
    // A writer that was fenced leaves nothing.
    await store.events.claim('webinar-1');
    expect(await store.snapshots.write({ ...snapshot, snapshotId: 'late-1' }, ['{}'])).toBe(false);
    expect(await seqs()).toEqual([51]);
    await store.close();
    const raw = place.raw();
    const parts = await raw.selectFrom('snapshot_parts').select('snapshot_id').distinct().execute();
    await raw.destroy();
    expect(parts).toEqual([{ snapshot_id: 'whole-1' }]);
    store = await place.open();
  });

  test('loses old events where the settings say so, never its state, and none that is younger', async () => {
    const keep: SnapshotPolicy = { ...every, logKeepMs: 30 * DAY_MS };
    const actor = await load(keep);
    await add(actor, 700);
    nowUnixMs += 20 * DAY_MS;
    await add(actor, 700);
    await idle(actor);
    expect((await store.events.read('webinar-1', 0, 1))[0]?.seq).toBe(1);
    nowUnixMs += 20 * DAY_MS;
    await add(actor, 200);
    await idle(actor);
    // 40 days old are the first 701 only.
    expect((await store.events.read('webinar-1', 0, 1))[0]?.seq).toBe(702);
    expect((await seqs()).length).toBe(2);
    await store.close();
    store = await place.open();
    const again = await load(keep);
    expect(again.state).toEqual(actor.state);
    await add(again, 50);
    await idle(again);
    expect((await store.events.read('webinar-1', 701)).map((e) => e.seq)).toEqual(
      Array.from({ length: again.state.seq - 701 }, (_, i) => 702 + i),
    );
  });

  test('one that has ended is shortened though nobody asks for it; what clients may come back for stays', async () => {
    const actor = await load(SNAPSHOT_POLICY);
    await add(actor, 600);
    await actor.submit(() => [{ type: 'webinar.ended', recording: 'none' }]);
    const registry = (logKeepMs: number) =>
      new WebinarRegistry({
        ...{ store, clock, logger, snapshots: { ...SNAPSHOT_POLICY, logKeepMs } },
        events: { committed: () => undefined, lost: () => undefined },
      });
    nowUnixMs += 31 * DAY_MS;
    await registry(0).retain();
    await registry(40 * DAY_MS).retain();
    expect((await store.events.read('webinar-1', 0)).length).toBe(602);
    await registry(30 * DAY_MS).retain();
    expect((await store.events.read('webinar-1', 0)).length).toBe(TAIL_EVENTS);
    expect(await seqs()).toEqual([602, 602]);
    expect((await load()).state).toEqual(actor.state);
    expect(await store.snapshots.prunable(nowUnixMs, TAIL_EVENTS, 10)).toEqual([]);
  });

  test('a log that is shorter than its snapshots can say is refused, not believed', async () => {
    const actor = await load({ ...every, logKeepMs: DAY_MS });
    await add(actor, 300);
    await store.close();
    const raw = place.raw();
    await raw.deleteFrom('snapshots').execute();
    await raw.deleteFrom('events').where('seq', '<=', 10).execute();
    await raw.destroy();
    store = await place.open();
    await expect(load()).rejects.toThrow('event 11 of webinar webinar-1 does not follow 0');
  });
});

describe.each(['sqlite', 'postgres'] as const)('a log of the first version on %s', (engine) => {
  test('is read, written to and snapshotted after the migrations', async () => {
    const server = engine === 'postgres' ? await startPostgres() : null;
    const place = server ? await postgresPlace(server) : sqlitePlace();
    try {
      const old = place.raw();
      const first = migrations['001_event_log'];
      if (!first) throw new Error('no first migration');
      const provider = { getMigrations: async () => ({ '001_event_log': first }) };
      expect((await new Migrator({ db: old, provider }).migrateToLatest()).error).toBeUndefined();
      const events: Record<string, unknown>[] = [
        { type: 'webinar.created', title: 'Old', startsAtUnixMs: null, profile: 'standard' },
        { type: 'question.asked', questionId: 'question-1', personId: 'person-1', name: 'Ada', text: 'Why?' },
        { type: 'question.upvoted', questionId: 'question-1', personId: 'person-2' },
        { type: 'question.upvoted', questionId: 'question-1', personId: 'person-3' },
        { type: 'question.voteWithdrawn', questionId: 'question-1', personId: 'person-2' },
        { type: 'webinar.ended' },
      ];
      await old
        .insertInto('webinars')
        .values({
          webinar_id: 'webinar-1',
          created_unix_ms: 1,
          summary: JSON.stringify({ title: 'Old', startsAtUnixMs: null, profile: 'standard' }),
          phase: 'ended',
          epoch: 3,
          last_seq: events.length,
        } as never)
        .execute();
      for (const [i, event] of events.entries()) {
        const body = JSON.stringify(event);
        const row = {
          webinar_id: 'webinar-1',
          seq: i + 1,
          at_unix_ms: i + 1,
          type: String(event.type),
          body,
        };
        await old.insertInto('events').values(row).execute();
      }
      await old.destroy();

      const store = await place.open();
      // When it ended is known of the log.
      expect(await store.webinars.recordedBefore(events.length, 10)).toEqual([]);
      expect(await store.webinars.recordedBefore(events.length + 1, 10)).toEqual(['webinar-1']);
      const load = () =>
        WebinarActor.load({
          ...{ webinarId: 'webinar-1', store, clock: systemClock, logger },
          events: { committed: () => undefined, fenced: () => undefined },
          snapshots: { everyEvents: 3, logKeepMs: 0 },
        });
      const actor = await load();
      expect(actor?.state.questions.get('question-1')?.voters).toEqual(new Set(['person-3']));
      expect(actor?.state.phase.phase).toBe('ended');
      await actor?.submit(() => [{ type: 'question.answered', questionId: 'question-1', answer: 'So.' }]);
      while (actor && !actor.idle) await new Promise((resolve) => setTimeout(resolve, 2));
      expect((await store.snapshots.heads('webinar-1')).map((h) => h.seq)).toEqual([6]);
      expect((await load())?.state).toEqual(actor?.state);
      await store.close();
    } finally {
      place.remove();
      await server?.stop();
    }
  });
});
