import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pino } from 'pino';
import { openStore, type Store } from '../store/index.ts';
import { type DatabasePlace, postgresPlace, sqlitePlace } from '../testing/database-places.ts';
import { mailsOf, makeOutbox } from '../testing/outbox.ts';
import { type PostgresServer, startPostgres } from '../testing/postgres-server.ts';
import { makeBackup } from './backup.ts';
import { MANIFEST_FILE, Manifest } from './manifest.ts';
import { libpqEnvironment } from './postgres.ts';
import { restoreBackup } from './restore.ts';

const BACKUPS = 20;
const silent = pino({ level: 'silent' });
const IDS = ['webinar-1', 'webinar-2'];
const PROGRAM = new URL('../testing/append-forever.ts', import.meta.url).pathname;

let dir: string;
let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'rostrum-backup-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

async function filled(place: DatabasePlace): Promise<void> {
  const store = await place.open();
  await makeOutbox(store);
  for (const webinarId of IDS) {
    const event = { type: 'webinar.created', title: 'T', startsAtUnixMs: null, profile: 'standard' } as const;
    await store.events.create(webinarId, { atUnixMs: 1, event });
  }
  await store.close();
}

/** A process that writes, and what of it was acknowledged so far. */
async function writer(
  place: DatabasePlace,
): Promise<{ process: ChildProcess; acknowledged: Map<string, number> }> {
  const { dataDir, databaseUrl } = place.settings;
  const process = spawn(globalThis.process.execPath, [PROGRAM, dataDir, databaseUrl ?? '', ...IDS], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const acknowledged = new Map<string, number>();
  const lines = createInterface({ input: process.stdout as NonNullable<typeof process.stdout> });
  lines.on('line', (line) => {
    const [webinarId = '', seq] = line.split(' ');
    acknowledged.set(webinarId, Number(seq));
  });
  while (acknowledged.size < IDS.length) await once(lines, 'line');
  return { process, acknowledged };
}

describe.each(['sqlite', 'postgres'] as const)('a backup of %s', (engine) => {
  let place: DatabasePlace;
  const placeOf = (): Promise<DatabasePlace> | DatabasePlace =>
    engine === 'sqlite' ? sqlitePlace() : postgresPlace(server);
  const restored = async (folder: string): Promise<{ place: DatabasePlace; store: Store }> => {
    const target = await placeOf();
    await restoreBackup(
      folder,
      { ...target.settings, dataDir: target.settings.dataDir || join(dir, 'data') },
      dir,
    );
    return { place: target, store: await target.open() };
  };
  beforeEach(async () => {
    place = await placeOf();
    await filled(place);
  });
  afterEach(() => place.remove());
  const options = { secrets: false, nowUnixMs: Date.UTC(2027, 0, 1) };

  test(`made ${BACKUPS} times under a running writer has all that was acknowledged before, whole appends, and nothing half`, async () => {
    const { process, acknowledged } = await writer(place);
    try {
      for (let made = 0; made < BACKUPS; made += 1) {
        const before = new Map(acknowledged);
        const folder = join(dir, `backup-${made}`);
        const manifest = await makeBackup(place.settings, folder, options);
        expect(manifest).toMatchObject({ engine, webinars: 2, madeAt: '2027-01-01T00:00:00.000Z' });
        const { place: target, store } = await restored(folder);
        for (const webinarId of IDS) {
          const events = await store.events.read(webinarId, 0);
          expect(events.length).toBeGreaterThanOrEqual(before.get(webinarId) ?? 0);
          // A first event, and pairs that were appended together; with every other pair a row of another table.
          expect(events.length % 2).toBe(1);
          const pairs = Array.from({ length: (events.length - 1) / 2 }, (_, at) => 1 + 2 * at);
          const carried = pairs.filter((seq) => seq % 4 === 1).map((seq) => `${webinarId}/${seq}`);
          expect((await mailsOf(store, webinarId)).toSorted()).toEqual(carried.toSorted());
        }
        await store.close();
        target.remove();
        rmSync(folder, { recursive: true });
        rmSync(join(dir, 'data'), { recursive: true, force: true });
      }
      // It was not held up: it wrote on.
      expect(process.exitCode).toBeNull();
    } finally {
      process.kill('SIGKILL');
    }
  }, 240_000);

  test('goes on where it was: writers claim and append after what it has', async () => {
    await makeBackup(place.settings, join(dir, 'backup'), options);
    const { place: target, store } = await restored(join(dir, 'backup'));
    const claim = await store.events.claim('webinar-1');
    expect(claim?.lastSeq).toBe(1);
    const events = [{ atUnixMs: 2, event: { type: 'links.revoked' } as const }];
    await store.events.append({ webinarId: 'webinar-1', epoch: claim?.epoch ?? 0, expectedSeq: 1, events });
    await store.close();
    target.remove();
  });

  test('is restored into nothing but an empty place, by no earlier version, and not where any of it is another', async () => {
    const folder = join(dir, 'backup');
    await makeBackup(place.settings, folder, options);
    const again = { ...place.settings, dataDir: place.settings.dataDir || join(dir, 'data') };
    await expect(restoreBackup(folder, again, dir)).rejects.toThrow(/not empty/);

    const file = join(folder, MANIFEST_FILE);
    const manifest = Manifest.parse(JSON.parse(readFileSync(file, 'utf8')));
    const target = await placeOf();
    const settings = { ...target.settings, dataDir: join(dir, 'fresh') };
    const refused = async (written: unknown, why: RegExp) => {
      writeFileSync(file, typeof written === 'string' ? written : JSON.stringify(written));
      await expect(restoreBackup(folder, settings, dir)).rejects.toThrow(why);
    };
    await refused(
      { ...manifest, schema: '999_later' },
      /of a later version \(its database has had 999_later\)/,
    );
    await refused({ ...manifest, format: 2 }, /damaged, or of a later version/);
    await refused('{', /damaged, or of a later version/);
    await refused(
      { ...manifest, files: [...manifest.files, { ...manifest.files[0], path: '../x' }] },
      /damaged/,
    );
    await refused({ ...manifest, files: [] }, /is not of this backup/);
    await refused(
      manifest.engine === 'sqlite' ? { ...manifest, engine: 'postgres' } : { ...manifest, engine: 'sqlite' },
      /this backup is of/,
    );
    await refused(
      { ...manifest, files: [...manifest.files, { ...manifest.files[0], path: 'files/gone' }] },
      /files\/gone is missing/,
    );
    writeFileSync(file, JSON.stringify(manifest));
    appendFileSync(join(folder, engine === 'sqlite' ? 'database.sqlite' : 'database.dump'), '\0');
    await expect(restoreBackup(folder, settings, dir)).rejects.toThrow(/is damaged/);
    expect(existsSync(join(dir, 'fresh'))).toBe(false);
    target.remove();
  });
});

describe('files of the data folder', () => {
  const options = { secrets: false, nowUnixMs: 0 };
  let dataDir: string;
  let place: DatabasePlace<null>;
  beforeEach(async () => {
    place = sqlitePlace();
    dataDir = place.settings.dataDir;
    await filled(place);
    mkdirSync(join(dataDir, 'assets', 'ab'), { recursive: true });
    writeFileSync(join(dataDir, 'assets', 'ab', 'logo.png'), 'a picture');
    mkdirSync(join(dataDir, 'channels', 'webinar-1'), { recursive: true });
    writeFileSync(join(dataDir, 'channels', 'webinar-1', 'seg.mp4'), 'a recording');
    writeFileSync(join(dataDir, 'secret'), 'the secret', { mode: 0o600 });
  });
  afterEach(() => place.remove());

  test('are in it, but for recordings; secrets only where that is wanted', async () => {
    const manifest = await makeBackup({ dataDir, databaseUrl: null }, join(dir, 'plain'), options);
    expect(manifest.files.map((f) => f.path)).toEqual(['database.sqlite', 'files/assets/ab/logo.png']);
    const all = await makeBackup({ dataDir, databaseUrl: null }, join(dir, 'all'), {
      ...options,
      secrets: true,
    });
    expect(all).toMatchObject({ secrets: true });
    const to = join(dir, 'new');
    await restoreBackup(join(dir, 'all'), { dataDir: to, databaseUrl: null }, dir);
    expect(readdirSync(to).sort()).toEqual(['assets', 'rostrum.sqlite', 'secret']);
    expect(readFileSync(join(to, 'secret'), 'utf8')).toBe('the secret');
  });

  test('a damaged database makes no backup, and leaves nothing', async () => {
    const store = await place.open();
    await store.close();
    const raw = place.raw();
    await raw.deleteFrom('events').where('webinar_id', '=', 'webinar-1').execute();
    await raw.destroy();
    await expect(makeBackup({ dataDir, databaseUrl: null }, join(dir, 'backup'), options)).rejects.toThrow(
      'the log of webinar-1 lacks its first 1 events',
    );
    expect(readdirSync(dir)).toEqual([]);
  });

  test('recordings that are there already are no hindrance; nothing there is touched', async () => {
    await makeBackup({ dataDir, databaseUrl: null }, join(dir, 'backup'), options);
    const to = join(dir, 'new');
    mkdirSync(join(to, 'channels'), { recursive: true });
    await restoreBackup(join(dir, 'backup'), { dataDir: to, databaseUrl: null }, dir);
    const store = await openStore({ dataDir: to, databaseUrl: null }, silent);
    expect(await store.webinars.list(10)).toHaveLength(2);
    await store.close();
    await expect(restoreBackup(join(dir, 'backup'), { dataDir: to, databaseUrl: null }, dir)).rejects.toThrow(
      /not empty/,
    );
  });
});

test('the command makes one file, and restores it', async () => {
  const place = sqlitePlace();
  await filled(place);
  const main = new URL('./main.ts', import.meta.url).pathname;
  const run = async (args: string[], dataDir: string): Promise<[number | null, string]> => {
    const env = { ...process.env, ROSTRUM_DATA_DIR: dataDir, DATABASE_URL: '' };
    const child = spawn(process.execPath, [main, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    const [code] = (await once(child, 'close')) as [number | null];
    return [code, said];
  };
  const file = join(dir, 'rostrum.tar.gz');
  expect(await run(['backup', file], place.settings.dataDir)).toEqual([
    0,
    expect.stringContaining('2 webinars'),
  ]);
  expect(await run(['backup', file], place.settings.dataDir)).toEqual([
    1,
    expect.stringContaining('is there already'),
  ]);
  expect(await run(['restore', file], join(dir, 'new'))).toEqual([0, expect.stringContaining('all read')]);
  expect(await run(['restore', file], join(dir, 'new'))).toEqual([1, expect.stringContaining('not empty')]);
  expect((await run(['backup'], dir))[0]).toBe(2);
  expect((await run(['backup', join(dir, 'x')], join(dir, 'nowhere')))[0]).toBe(1);
  expect(readdirSync(dir).sort()).toEqual(['new', 'rostrum.tar.gz']);
  place.remove();
});

test('a password of a database stands in no argument', () => {
  expect(libpqEnvironment('postgres://u:p%40ss@db.test:5433/na%20me?sslmode=require&host=/run/x')).toEqual({
    PGUSER: 'u',
    PGPASSWORD: 'p@ss',
    PGHOST: '/run/x',
    PGPORT: '5433',
    PGDATABASE: 'na me',
    PGSSLMODE: 'require',
  });
});
