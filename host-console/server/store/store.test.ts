import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { EMPTY_PLAN, type WebinarEvent } from '@rostrum/contracts';
import { pino } from 'pino';
import { type DatabasePlace, placeForEachTest, sqlitePlace } from '../testing/database-places.ts';
import { mailsOf, makeOutbox } from '../testing/outbox.ts';
import { startPostgres } from '../testing/postgres-server.ts';
import { FencedError, openStore, type Store } from './index.ts';

const logger = pino({ level: 'silent' });
const WRITER = fileURLToPath(new URL('../testing/append-forever.ts', import.meta.url));

const created: Extract<WebinarEvent, { type: 'webinar.created' }> = {
  type: 'webinar.created',
  title: 'A \u0000 title — with everything ☃ \ud83d',
  startsAtUnixMs: 1_900_000_000_000,
  profile: 'fast',
};
/** The log keeps what it was given; who reads it gets what can be shown. */
const createdAsRead = { ...created, title: 'A title — with everything ☃' };
const voted = (i: number): { atUnixMs: number; event: WebinarEvent } => ({
  atUnixMs: 1_800_000_000_000 + i,
  event: { type: 'question.upvoted', questionId: 'question', personId: `person-${i}` },
});

const settled = (recorded: boolean) => ({ type: 'webinar.recordingSettled', recorded }) as const;

describe.each(['sqlite', 'postgres'] as const)('the event log on %s', (engine) => {
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

  test('what was appended is read back after closing and opening, in order, and in words that can be shown', async () => {
    const { epoch } = await start('webinar-1');
    await store.events.append({
      webinarId: 'webinar-1',
      epoch,
      expectedSeq: 1,
      events: [voted(2), voted(3)],
    });
    await store.events.append({ webinarId: 'webinar-1', epoch, expectedSeq: 3, events: [voted(4)] });
    await store.close();
    store = await place.open();
    expect(await store.events.read('webinar-1', 0)).toEqual([
      { seq: 1, atUnixMs: 5, event: createdAsRead },
      { seq: 2, ...voted(2) },
      { seq: 3, ...voted(3) },
      { seq: 4, ...voted(4) },
    ]);
    expect(await store.events.read('webinar-1', 3)).toEqual([{ seq: 4, ...voted(4) }]);
    expect(await store.events.read('nowhere', 0)).toEqual([]);
    expect(await store.events.claim('nowhere')).toBeNull();
  });

  test('a webinar’s row follows it to its end: what is pending is found, what is cancelled is not listed', async () => {
    const live = { type: 'webinar.wentLive', channelId: 'channel-1', originUrl: 'http://localhost' } as const;
    const cases: readonly (readonly [WebinarEvent[], string, string])[] = [
      [[], 'scheduled', 'none'],
      [[live], 'live', 'none'],
      [[live, { type: 'webinar.ended' }], 'ended', 'ready'],
      [[live, { type: 'webinar.ended', recording: 'pending' }], 'ended', 'pending'],
      [[live, { type: 'webinar.ended', recording: 'pending' }, settled(true)], 'ended', 'ready'],
      [[live, { type: 'webinar.ended', recording: 'pending' }, settled(false)], 'ended', 'none'],
      [[{ type: 'webinar.ended', recording: 'none' }], 'ended', 'none'],
      [[{ type: 'webinar.cancelled' }], 'ended', 'none'],
      [[live, { type: 'webinar.ended' }, { type: 'recording.deleted' }], 'ended', 'deleting'],
      [
        [live, { type: 'webinar.ended' }, { type: 'recording.deleted' }, { type: 'recording.erased' }],
        'ended',
        'deleted',
      ],
      [
        [
          live,
          { type: 'webinar.ended' },
          { type: 'recording.deleted' },
          { type: 'webinar.cancelled', recording: 'deleted' },
        ],
        'ended',
        'deleted',
      ],
    ];
    for (const [at, [events]] of cases.entries()) {
      const webinarId = `webinar-${at}`;
      const { epoch } = await start(webinarId);
      for (const [i, event] of events.entries()) {
        await store.events.append({ webinarId, epoch, expectedSeq: 1 + i, events: [{ atUnixMs: 6, event }] });
      }
    }
    const rows = await Promise.all(cases.map((_case, at) => store.webinars.find(`webinar-${at}`)));
    expect(rows.map((row) => [row?.phase, row?.recording])).toEqual(
      cases.map(([, phase, recording]) => [phase, recording]),
    );
    expect(await store.webinars.live()).toEqual(['webinar-1']);
    expect((await store.webinars.unsettled()).toSorted()).toEqual(['webinar-3', 'webinar-8']);
    expect((await store.webinars.list(10)).map((w) => w.webinarId).toSorted()).toEqual(
      [0, 1, 2, 3, 4, 5, 6, 8, 9].map((at) => `webinar-${at}`),
    );
  });

  test('recordings of webinars that ended before a moment are found, the oldest first', async () => {
    const live = { type: 'webinar.wentLive', channelId: 'channel-1', originUrl: 'http://localhost' } as const;
    const ends: readonly (readonly [number, WebinarEvent[]])[] = [
      [300, [live, { type: 'webinar.ended', recording: 'pending' }, settled(true)]],
      [100, [live, { type: 'webinar.ended', recording: 'pending' }, settled(true)]],
      [100, [live, { type: 'webinar.ended', recording: 'pending' }]],
      [
        100,
        [live, { type: 'webinar.ended', recording: 'pending' }, settled(true), { type: 'recording.deleted' }],
      ],
      [200, [live, { type: 'webinar.ended' }]],
      [100, [{ type: 'webinar.ended', recording: 'none' }]],
    ];
    for (const [at, [atUnixMs, events]] of ends.entries()) {
      const { epoch } = await start(`webinar-${at}`);
      const append = { webinarId: `webinar-${at}`, epoch, expectedSeq: 1 };
      await store.events.append({ ...append, events: events.map((event) => ({ atUnixMs, event })) });
    }
    expect(await store.webinars.recordedBefore(300, 10)).toEqual(['webinar-1', 'webinar-4']);
    expect(await store.webinars.recordedBefore(301, 10)).toEqual(['webinar-1', 'webinar-4', 'webinar-0']);
    expect(await store.webinars.recordedBefore(301, 1)).toEqual(['webinar-1']);
    expect(await store.webinars.recordedBefore(100, 10)).toEqual([]);
  });

  test('the list shows the newest first, with the phase the log led to', async () => {
    await store.events.create('webinar-1', { atUnixMs: 10, event: created });
    await store.events.create('webinar-2', { atUnixMs: 30, event: { ...created, title: 'Two' } });
    await store.events.create('webinar-3', { atUnixMs: 20, event: { ...created, title: 'Three' } });
    const claim = await store.events.claim('webinar-1');
    await store.events.append({
      webinarId: 'webinar-1',
      epoch: claim?.epoch ?? 0,
      expectedSeq: 1,
      events: [
        {
          atUnixMs: 40,
          event: { type: 'webinar.wentLive', channelId: 'channel-1', originUrl: 'http://localhost' },
        },
      ],
    });
    expect((await store.webinars.list(10)).map((w) => [w.webinarId, w.phase])).toEqual([
      ['webinar-2', 'scheduled'],
      ['webinar-3', 'scheduled'],
      ['webinar-1', 'live'],
    ]);
    expect(await store.webinars.list(1)).toHaveLength(1);
    expect(await store.webinars.live()).toEqual(['webinar-1']);
    expect(await store.webinars.find('webinar-1')).toEqual({
      webinarId: 'webinar-1',
      doorsOpen: false,
      linkGeneration: 0,
      plan: EMPTY_PLAN,
      title: createdAsRead.title,
      startsAtUnixMs: created.startsAtUnixMs,
      profile: 'fast',
      phase: 'live',
      recording: 'none',
      createdUnixMs: 10,
    });
    expect(await store.webinars.find('nowhere')).toBeNull();
  });

  test('the row follows what is planned, edit by edit', async () => {
    await store.events.create('webinar-1', {
      atUnixMs: 10,
      event: { ...created, plan: { lengthMinutes: 30 } },
    });
    expect((await store.webinars.find('webinar-1'))?.plan).toEqual({ ...EMPTY_PLAN, lengthMinutes: 30 });
    const claim = await store.events.claim('webinar-1');
    const edit = { type: 'plan.changed', fields: { branding: { accent: '#aa0000' } } } as const;
    await store.events.append({
      webinarId: 'webinar-1',
      epoch: claim?.epoch ?? 0,
      expectedSeq: 1,
      events: [
        { atUnixMs: 20, event: { ...edit, title: 'Two', startsAtUnixMs: null } },
        { atUnixMs: 20, event: { type: 'plan.changed', fields: { text: 'A \u0000 text' } } },
      ],
    });
    expect(await store.webinars.find('webinar-1')).toMatchObject({
      ...{ title: 'Two', profile: 'fast', startsAtUnixMs: null },
      plan: {
        ...EMPTY_PLAN,
        ...{ lengthMinutes: 30, text: EMPTY_PLAN.text },
        branding: { ...EMPTY_PLAN.branding, accent: '#aa0000' },
      },
    });
  });

  test('a claim fences the writer before it, whose append changes nothing', async () => {
    const first = await start('webinar-1');
    const second = await store.events.claim('webinar-1');
    await expect(
      store.events.append({ webinarId: 'webinar-1', epoch: first.epoch, expectedSeq: 1, events: [voted(2)] }),
    ).rejects.toBeInstanceOf(FencedError);
    expect(await store.events.read('webinar-1', 1)).toEqual([]);
    await store.events.append({
      webinarId: 'webinar-1',
      epoch: second?.epoch ?? 0,
      expectedSeq: 1,
      events: [voted(2)],
    });
    expect(await store.events.read('webinar-1', 1)).toHaveLength(1);
  });

  test('an append after an unexpected seq is refused, and does not spoil the others of its commit', async () => {
    const a = await start('webinar-a');
    const b = await start('webinar-b');
    const results = await Promise.allSettled([
      store.events.append({ webinarId: 'webinar-a', epoch: a.epoch, expectedSeq: 7, events: [voted(8)] }),
      store.events.append({ webinarId: 'webinar-b', epoch: b.epoch, expectedSeq: 1, events: [voted(2)] }),
    ]);
    expect(results.map((r) => r.status)).toEqual(['rejected', 'fulfilled']);
    expect(await store.events.read('webinar-a', 1)).toEqual([]);
    expect(await store.events.read('webinar-b', 1)).toHaveLength(1);
  });

  test('appends that arrive together share a commit', async () => {
    await store.close();
    const commits: number[] = [];
    store = await place.open({
      committed: ({ appends }) => commits.push(appends),
      commitFailed: () => undefined,
    });
    const ids = Array.from({ length: 40 }, (_, i) => `webinar-${i}`);
    const claims = await Promise.all(ids.map(start));
    const append = (seq: number) =>
      ids.map((webinarId, i) =>
        store.events.append({
          webinarId,
          epoch: claims[i]?.epoch ?? 0,
          expectedSeq: seq,
          events: [voted(seq + 1)],
        }),
      );
    await Promise.all(append(1));
    expect(commits).toEqual([40]);
    // While one commit runs, the next gathers.
    const first = append(2);
    await new Promise((resolve) => setImmediate(resolve));
    await Promise.all([...first, ...append(3)]);
    expect(commits.length).toBeLessThanOrEqual(3);
    expect(await store.events.read('webinar-39', 0)).toHaveLength(4);
  });

  test('a group of thousands of events is one commit without a hole', async () => {
    const { epoch } = await start('webinar-1');
    const events = Array.from({ length: 5000 }, (_, i) => voted(i + 2));
    await store.events.append({ webinarId: 'webinar-1', epoch, expectedSeq: 1, events });
    const log = await store.events.read('webinar-1', 1);
    expect(log.map((e) => e.seq)).toEqual(events.map((_, i) => i + 2));
  });

  test.each(['before', 'after'] as const)(
    'a commit that fails (%s it took effect) is not acknowledged, and writing goes on after claiming again',
    async (when) => {
      await start('webinar-1');
      await store.close();
      store = await place.failing(async (failing) => {
        const claim = await failing.events.claim('webinar-1');
        await failing.events.append({
          webinarId: 'webinar-1',
          epoch: claim?.epoch ?? 0,
          expectedSeq: 1,
          events: [voted(2)],
        });
      }, when);
      const claim = await store.events.claim('webinar-1');
      const log = await store.events.read('webinar-1', 0);
      expect(claim?.lastSeq).toBe(log.length);
      expect(log).toHaveLength(engine === 'sqlite' && when === 'after' ? 2 : 1);
      await store.events.append({
        webinarId: 'webinar-1',
        epoch: claim?.epoch ?? 0,
        expectedSeq: log.length,
        events: [voted(9)],
      });
      expect((await store.events.read('webinar-1', 0)).map((e) => e.seq)).toEqual(
        Array.from({ length: log.length + 1 }, (_, i) => i + 1),
      );
    },
  );

  test('the same webinar is not created twice', async () => {
    await start('webinar-1');
    await expect(store.events.create('webinar-1', { atUnixMs: 1, event: created })).rejects.toMatchObject({
      code: 'conflict',
    });
    expect(await store.events.read('webinar-1', 0)).toHaveLength(1);
  });

  test('where broadcasters serve pages is kept with when that was said last, and forgotten when it was long ago', async () => {
    await store.pageOrigins.keep({ origin: 'https://one.test', seenUnixMs: 1_800_000_000_000 }, 0);
    await store.pageOrigins.keep({ origin: 'https://two.test', seenUnixMs: 1_800_000_000_001 }, 0);
    await store.pageOrigins.keep({ origin: 'https://one.test', seenUnixMs: 1_800_000_000_002 }, 0);
    await store.close();
    store = await place.open();
    const since = async (unixMs: number) =>
      (await store.pageOrigins.seenSince(unixMs)).toSorted((a, b) => a.seenUnixMs - b.seenUnixMs);
    expect(await since(0)).toEqual([
      { origin: 'https://two.test', seenUnixMs: 1_800_000_000_001 },
      { origin: 'https://one.test', seenUnixMs: 1_800_000_000_002 },
    ]);
    expect(await since(1_800_000_000_002)).toHaveLength(1);
    const last = { origin: 'https://three.test', seenUnixMs: 1_800_000_000_003 };
    await store.pageOrigins.keep(last, 1_800_000_000_003);
    expect(await since(0)).toEqual([last]);
  });

  test('a closed store refuses, and closing twice is closing once', async () => {
    const { epoch } = await start('webinar-1');
    const last = store.events.append({ webinarId: 'webinar-1', epoch, expectedSeq: 1, events: [voted(2)] });
    await Promise.all([store.close(), store.close()]);
    await last;
    await expect(
      store.events.append({ webinarId: 'webinar-1', epoch, expectedSeq: 2, events: [voted(3)] }),
    ).rejects.toMatchObject({ code: 'unavailable' });
    await expect(store.check()).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('[R5] a writer killed at random moments loses and doubles no acknowledged event, nor a row that came with it', async () => {
    const ids = ['webinar-a', 'webinar-b', 'webinar-c'];
    await makeOutbox(store);
    for (const id of ids) await start(id);
    let acknowledgedInAll = 0;
    for (let round = 0; round < 6; round += 1) {
      await store.close();
      const acknowledged = await killedWriter(place, ids, 20 + 40 * round);
      store = await place.open();
      for (const id of ids) {
        const claim = await store.events.claim(id);
        const log = await store.events.read(id, 0);
        expect(log.map((e) => e.seq)).toEqual(log.map((_, i) => i + 1));
        expect(log.length).toBeGreaterThanOrEqual(acknowledged.get(id) ?? 0);
        expect(log.length).toBe(claim?.lastSeq);
        // Each append is whole or not there, and holds what was written.
        expect(log.length % 2).toBe(1);
        for (const { seq, event } of log.slice(1)) {
          expect(event).toMatchObject({ type: 'question.upvoted', personId: `person-${seq}` });
        }
        const carriers = log.map((e) => e.seq).filter((seq) => seq % 4 === 1 && seq < log.length);
        expect((await mailsOf(store, id)).toSorted()).toEqual(
          carriers.map((seq) => `${id}/${seq}`).toSorted(),
        );
        acknowledgedInAll += acknowledged.get(id) ?? 0;
      }
    }
    expect(acknowledgedInAll).toBeGreaterThan(100);
  });
});

describe('the data folder', () => {
  test('is refused to a second store while the first has it, and free once that is closed', async () => {
    const place = sqlitePlace();
    const store = await place.open();
    await expect(place.open()).rejects.toThrow(/another process uses the data folder .*ROSTRUM_DATA_DIR/);
    await store.close();
    const next = await place.open();
    await next.close();
    place.remove();
  });
});

describe('a PostgreSQL that may lose commits', () => {
  test('is refused with the setting that would do', async () => {
    const server = await startPostgres();
    try {
      const url = await server.createDatabase();
      const name = new URL(url).pathname.slice(1);
      await server.query(url, `alter database ${name} set synchronous_commit = off`);
      await expect(openStore({ dataDir: '', databaseUrl: url }, logger)).rejects.toThrow(
        /synchronous_commit=off.*synchronous_commit=on/,
      );
    } finally {
      await server.stop();
    }
  });
});

/** Runs a writer, kills it `afterMs` after its first acknowledgement; answers the last acknowledged seq of each webinar. */
async function killedWriter(
  place: DatabasePlace,
  webinarIds: readonly string[],
  afterMs: number,
): Promise<Map<string, number>> {
  const { dataDir, databaseUrl } = place.settings;
  const child = spawn(process.execPath, [WRITER, dataDir, databaseUrl ?? '', ...webinarIds], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  let output = '';
  const ended = new Promise((resolve) => child.once('close', resolve));
  await new Promise<void>((resolve, reject) => {
    child.once('exit', () => reject(new Error('the writer ended by itself')));
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      resolve();
    });
  });
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  child.kill('SIGKILL');
  await ended;
  const acknowledged = new Map<string, number>();
  for (const line of output.split('\n').slice(0, -1)) {
    const [webinarId = '', seq] = line.split(' ');
    acknowledged.set(webinarId, Number(seq));
  }
  return acknowledged;
}
