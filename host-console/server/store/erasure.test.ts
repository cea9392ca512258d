import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WebinarEvent } from '@rostrum/contracts';
import { sql } from 'kysely';
import { pino } from 'pino';
import { randomIds, systemClock } from '../ports.ts';
import { type DatabasePlace, placeForEachTest } from '../testing/database-places.ts';
import { WebinarActor } from '../webinars/actor.ts';
import { emptyState, foldAll } from '../webinars/fold.ts';
import { SNAPSHOT_VERSION, writeSnapshot } from '../webinars/snapshot.ts';
import { erasing, type Store } from './index.ts';

const WEBINAR = 'webinar-1';
const ZOE = 'person-zoe';
/** Everything by which somebody would know that it was she. */
const HERS = [
  'Zoë Quartermain',
  'Zoe Q.',
  'zoe.quartermain@example.org',
  'Why did my pension shrink',
  'Ich antworte Frau Q',
];
const T0 = 1_800_000_000_000;

const EVENTS: readonly WebinarEvent[] = [
  { type: 'webinar.created', title: 'Pensions', startsAtUnixMs: null, profile: 'standard' },
  {
    type: 'link.made',
    linkId: 'link-1',
    personId: ZOE,
    name: 'Zoë Quartermain',
    role: 'panelist',
    expiresUnixMs: T0,
  },
  { type: 'person.admitted', personId: ZOE, name: 'Zoë Quartermain', role: 'panelist' },
  { type: 'person.admitted', personId: 'person-bo', name: 'Bo', role: 'panelist' },
  { type: 'person.muted', personId: 'person-bo', byPersonId: ZOE, byName: 'Zoë Quartermain' },
  { type: 'hand.raised', personId: ZOE, name: 'Zoe Q.' },
  { type: 'hand.raised', personId: 'person-guest', name: 'Guest' },
  {
    type: 'question.asked',
    questionId: 'question-1',
    personId: ZOE,
    name: 'Zoe Q.',
    role: 'attendee',
    text: 'Why did my pension shrink by half in the last year, and who decided that?',
    status: 'new',
  } as WebinarEvent,
  {
    type: 'question.asked',
    questionId: 'question-2',
    personId: 'person-bo',
    name: 'Bo',
    role: 'panelist',
    text: 'Why?',
    status: 'new',
  } as WebinarEvent,
  { type: 'question.upvoted', questionId: 'question-2', personId: ZOE },
  { type: 'question.answered', questionId: 'question-1', answer: 'Ich antworte Frau Q. im Einzelnen.' },
  { type: 'question.answered', questionId: 'question-2', answer: 'Because.' },
];

describe.each(['sqlite', 'postgres'] as const)('a person who was deleted, on %s', (engine) => {
  const placeOfTest = placeForEachTest(engine);
  let place: DatabasePlace;
  let store: Store;

  beforeEach(async () => {
    place = placeOfTest();
    store = await place.open();
    store.follow(erasing);
    const [first, ...more] = EVENTS;
    if (first?.type !== 'webinar.created') throw new Error('it begins with that');
    await store.events.create(WEBINAR, { atUnixMs: T0, event: first });
    await append(more);
    const row = { webinarId: WEBINAR, device: 'phone', browser: 'safari', region: 'DE', node: null } as const;
    const times = { joinedUnixMs: T0, leftUnixMs: T0 + 60_000 };
    await store.stays.write('writer-1', T0, [
      { ...row, ...times, stayId: 'stay-1', personId: ZOE, name: 'Zoë Quartermain', role: 'panelist' },
      { ...row, ...times, stayId: 'stay-2', personId: 'person-guest', name: 'Guest', role: 'attendee' },
    ]);
    await store.database.transact(async (tx) => {
      await tx
        .insertInto('webhooks')
        .values({
          ...{
            webhook_id: 'webhook-1',
            url: 'https://hooks.test',
            description: '""',
            events: '[]',
            secrets: '[]',
          },
          ...{ state: 'enabled', failing_since_unix_ms: null, created_unix_ms: T0 },
        })
        .execute();
      const told = (message_id: string, name: string) => ({
        ...{
          webhook_id: 'webhook-1',
          message_id,
          type: 'person.joined',
          state: 'waiting' as const,
          attempts: 0,
        },
        ...{ next_unix_ms: T0, created_unix_ms: T0, outcome: null },
        body: JSON.stringify({ data: { webinarId: WEBINAR, name } }),
      });
      await tx
        .insertInto('webhook_deliveries')
        .values([told('message-1', 'Zoë Quartermain'), told('message-2', 'Bo')])
        .execute();
      await tx
        .insertInto('speaker_invitations')
        .values({
          ...{ link_id: 'link-1', webinar_id: WEBINAR, invited_unix_ms: T0 },
          details: JSON.stringify({
            ...{
              role: 'panelist',
              name: 'Zoë Quartermain',
              address: 'zoe.quartermain@example.org',
              locale: 'de',
            },
          }),
        })
        .execute();
      await sql`insert into registration_desks (webinar_id, last_number, sequence) values (${WEBINAR}, 1, 0)`.execute(
        tx,
      );
      await tx
        .insertInto('registrations')
        .values({
          ...{
            registration_id: 'registration-1',
            webinar_id: WEBINAR,
            number: 1,
            person_id: ZOE,
            link_id: 'link-2',
          },
          ...{
            address: 'zoe.quartermain@example.org',
            search: 'zoë quartermain\nzoe.quartermain@example.org',
          },
          details: JSON.stringify({ name: 'Zoë Quartermain', answers: [] }),
          ...{ locale: 'en', state: 'approved', created_unix_ms: T0, changed_unix_ms: T0 },
          ...{ joined_unix_ms: null, unsubscribed_unix_ms: null },
        })
        .execute();
    });
  });
  afterEach(() => store.close());

  async function append(events: readonly WebinarEvent[]): Promise<void> {
    const claim = await store.events.claim(WEBINAR);
    if (!claim) throw new Error('it is there');
    const { epoch, lastSeq: expectedSeq } = claim;
    await store.events.append({
      ...{ webinarId: WEBINAR, epoch, expectedSeq },
      events: events.map((event, at) => ({ atUnixMs: T0 + expectedSeq + at, event })),
    });
  }
  async function snapshot(): Promise<void> {
    const claim = await store.events.claim(WEBINAR);
    const state = foldAll(emptyState(WEBINAR), await store.events.read(WEBINAR, 0));
    const head = { snapshotId: `snapshot-${claim?.epoch}`, webinarId: WEBINAR, epoch: claim?.epoch ?? 0 };
    const written = { ...head, seq: state.seq, version: SNAPSHOT_VERSION };
    expect(await store.snapshots.write(written, writeSnapshot(state))).toBe(true);
  }
  const load = () =>
    WebinarActor.load({
      webinarId: WEBINAR,
      ...{ store, clock: systemClock, ids: randomIds, logger: pino({ level: 'silent' }) },
      events: { committed: () => undefined, fenced: () => undefined },
    });
  /** Every row of every table as text. */
  async function everything(): Promise<string> {
    const tables =
      engine === 'sqlite'
        ? sql<{ name: string }>`select name from sqlite_master where type = 'table'`
        : sql<{
            name: string;
          }>`select table_name as name from information_schema.tables where table_schema = 'public'`;
    return store.database.transact(async (tx) => {
      const texts: string[] = [];
      for (const { name } of (await tables.execute(tx)).rows) {
        texts.push(JSON.stringify((await sql`select * from ${sql.table(name)}`.execute(tx)).rows));
      }
      return texts.join('\n');
    });
  }
  const found = (text: string): string[] => HERS.filter((hers) => text.includes(hers));

  test('is nowhere in the database, and nobody else is touched', async () => {
    await snapshot();
    expect(found(await everything())).toEqual(HERS);
    await append([{ type: 'person.erased', personId: ZOE }]);
    await store.database.scrub(true);
    expect(found(await everything())).toEqual([]);

    const state = (await load())?.state;
    expect(state?.people.get(ZOE)).toMatchObject({ name: 'Deleted person', removed: true });
    expect(state?.people.get('person-bo')).toMatchObject({ name: 'Bo', mutedBy: 'Deleted person' });
    expect(state?.hands.map((hand) => hand.name)).toEqual(['Guest']);
    expect(state?.questions.get('question-1')).toMatchObject({
      name: 'Deleted person',
      text: '…',
      answer: '…',
    });
    expect(state?.questions.get('question-2')).toMatchObject({
      name: 'Bo',
      text: 'Why?',
      answer: 'Because.',
    });
    expect([...(state?.questions.get('question-2')?.voters ?? [])]).toEqual([ZOE]);
    const page = { after: null, limit: 10, search: null };
    expect(await store.stays.attendants(WEBINAR, page)).toMatchObject([{ name: 'Guest' }]);
    expect(await store.stays.stays(WEBINAR, null, 0)).toHaveLength(1);
    expect(await everything()).toContain('message-2');
    await store.close();
    if (engine === 'postgres') return;
    // Not a byte of it is in the files either.
    const { dataDir } = place.settings;
    for (const name of readdirSync(dataDir)) {
      const bytes = readFileSync(join(dataDir, name));
      expect([name, HERS.filter((hers) => bytes.includes(hers))]).toEqual([name, []]);
    }
  });

  test('is not in snapshots either that have what the log no longer has, and these are read as before', async () => {
    await snapshot();
    await snapshot();
    await store.database.transact((tx) =>
      tx.deleteFrom('events').where('webinar_id', '=', WEBINAR).where('seq', '<', 12).execute(),
    );
    await append([{ type: 'person.erased', personId: ZOE }]);
    expect(found(await everything())).toEqual([]);
    expect(await store.snapshots.heads(WEBINAR)).toHaveLength(2);
    const state = (await load())?.state;
    expect(state?.people.get(ZOE)?.name).toBe('Deleted person');
    expect(state?.questions.get('question-1')).toMatchObject({
      name: 'Deleted person',
      text: '…',
      answer: '…',
    });
    expect(state?.questions.get('question-2')).toMatchObject({ text: 'Why?', answer: 'Because.' });
  });

  test('whose name others bear too takes it from nobody', async () => {
    await append([{ type: 'person.erased', personId: 'person-guest' }]);
    await append([{ type: 'hand.raised', personId: 'person-other', name: 'Guest' }]);
    await append([{ type: 'hand.raised', personId: 'person-guest', name: 'Guest' }]);
    await append([{ type: 'person.erased', personId: 'person-guest' }]);
    const state = (await load())?.state;
    expect(state?.hands.find((hand) => hand.personId === 'person-other')?.name).toBe('Guest');
    expect(state?.people.get('person-guest')?.name).toBe('Deleted person');
  });

  test('who wrote to the webinar meanwhile reads it anew', async () => {
    const actor = await load();
    await append([{ type: 'person.erased', personId: ZOE }]);
    await expect(actor?.submit(() => [{ type: 'links.revoked' }])).rejects.toMatchObject({
      code: 'unavailable',
    });
  });
});
