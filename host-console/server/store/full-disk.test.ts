/** [R8] The event log on a disk that is full, a real one: refused is what did not fit, kept is what was acknowledged. */
import { chmod, chown, mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { WebinarEvent } from '@rostrum/contracts';
import { openSmallDisk, type SmallDisk } from '@rostrum/service-kit/testing/small-disk';
import { pino } from 'pino';
import { type PostgresServer, startPostgres } from '../testing/postgres-server.ts';
import { openStore, type Store } from './index.ts';

const logger = pino({ level: 'silent' });
const KIB = 1024;
const MIB = 1024 * KIB;

const created: Extract<WebinarEvent, { type: 'webinar.created' }> = {
  type: 'webinar.created',
  title: 'Town hall',
  startsAtUnixMs: null,
  profile: 'fast',
};
/** Some 50 KB. */
const batch = (first: number): { atUnixMs: number; event: WebinarEvent }[] =>
  Array.from({ length: 500 }, (_, i) => ({
    atUnixMs: 1_800_000_000_000,
    event: { type: 'question.upvoted', questionId: 'question', personId: `person-${first + i}` },
  }));

let disk: SmallDisk;
let server: PostgresServer | null = null;
let store: Store | null = null;
afterEach(async () => {
  await store?.close();
  await server?.stop();
  await disk.close();
});

/** A tablespace on the disk, of a server whose own files are elsewhere. */
async function onTablespace(): Promise<string> {
  disk = await openSmallDisk(32 * MIB);
  server = await startPostgres('own');
  const [{ data_directory: data } = {}] = await server.query(
    await server.createDatabase(),
    "select setting as data_directory from pg_settings where name = 'data_directory'",
  );
  const owner = await stat(String(data));
  await chmod(dirname(disk.folder), 0o755);
  const folder = join(disk.folder, 'space');
  await mkdir(folder);
  await chown(folder, owner.uid, owner.gid);
  return server.createDatabase(folder);
}

async function onFolder(): Promise<string> {
  disk = await openSmallDisk(4 * MIB);
  return join(disk.folder, 'data');
}

test.each(['sqlite', 'postgres'] as const)(
  'on %s a full disk refuses, loses nothing that was acknowledged, and goes on when there is room',
  async (engine) => {
    const place =
      engine === 'sqlite'
        ? { dataDir: await onFolder(), databaseUrl: null }
        : { dataDir: '', databaseUrl: await onTablespace() };
    store = await openStore(place, logger);
    await store.events.create('webinar-1', { atUnixMs: 5, event: created });
    const first = await store.events.claim('webinar-1');
    let acknowledged = 1;
    const append = async (epoch: number): Promise<void> => {
      const events = batch(acknowledged);
      await store?.events.append({ webinarId: 'webinar-1', epoch, expectedSeq: acknowledged, events });
      acknowledged += events.length;
    };
    const epoch = first?.epoch ?? 0;
    await append(epoch);
    await disk.leave(200 * KIB);
    const untilRefused = async (): Promise<void> => {
      for (let i = 0; i < 100; i += 1) await append(epoch);
    };
    await expect(untilRefused()).rejects.toMatchObject({ code: 'unavailable' });
    // And again, and with no room at all.
    await disk.leave(0);
    await expect(append(epoch)).rejects.toMatchObject({ code: 'unavailable' });
    // PostgreSQL extends its files by more than a row needs.
    await disk.leave((engine === 'sqlite' ? 1 : 4) * MIB);
    expect((await store.events.read('webinar-1', 0)).map(({ seq }) => seq)).toEqual(
      Array.from({ length: acknowledged }, (_, i) => i + 1),
    );
    await append(epoch);
    await store.close();
    store = await openStore(place, logger);
    expect(await store.events.claim('webinar-1')).toEqual({ epoch: epoch + 1, lastSeq: acknowledged });
    const people = (await store.events.read('webinar-1', 1)).map(
      ({ event }) => 'personId' in event && event.personId,
    );
    expect(people).toEqual(Array.from({ length: acknowledged - 1 }, (_, i) => `person-${i + 1}`));
  },
  120_000,
);
