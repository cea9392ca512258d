import { copyFile, cp, mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import pg from 'pg';
import { pino } from 'pino';
import { openStore } from '../store/index.ts';
import { SCHEMA } from '../store/migrations.ts';
import { SQLITE_FILE } from '../store/sqlite.ts';
import { askForCopy, COPY_PREFIX, durable, SOCKET_FILE } from './control.ts';
import {
  BackupError,
  DATABASE_FILE,
  described,
  FILES_FOLDER,
  filesBelow,
  MANIFEST_FILE,
  type Manifest,
} from './manifest.ts';
import { dump } from './postgres.ts';
import { readAll } from './read-all.ts';

export interface Place {
  readonly dataDir: string;
  /** null: SQLite in the data folder. */
  readonly databaseUrl: string | null;
}

const silent = pino({ level: 'silent' });

/** Made by the launcher where they are not set, each a file of its own. */
export const SECRET_FILES: ReadonlySet<string> = new Set([
  'secret',
  'node-token',
  'media-key',
  'edge-secret',
  'turn-secret',
]);
/** Of the data folder what no backup has: recordings have tools of their own, and the edge's memory is made anew. */
const LEFT_OUT = (name: string): boolean =>
  name === 'channels' ||
  name === 'edge' ||
  name === SOCKET_FILE ||
  name.startsWith(SQLITE_FILE) ||
  name.startsWith(COPY_PREFIX);

export const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/**
 * A new folder with the database of one moment, while everything runs, and with the files of the data folder. What its logs say
 * was read from it before this resolves. Throws `BackupError`; nothing is left then.
 */
export async function makeBackup(
  { dataDir, databaseUrl }: Place,
  folder: string,
  options: { readonly secrets: boolean; readonly nowUnixMs: number },
): Promise<Manifest> {
  if (await exists(folder)) throw new BackupError(`${folder} is there already`);
  await mkdir(dirname(folder), { recursive: true });
  const partial = await mkdtemp(`${folder}.partial-`);
  try {
    const engine = databaseUrl === null ? 'sqlite' : 'postgres';
    const database = join(partial, DATABASE_FILE[engine]);
    if (databaseUrl !== null) await dump(databaseUrl, database);
    else if (!(await askForCopy(dataDir, database))) await copyAtRest(dataDir, database);
    await mkdir(join(partial, FILES_FOLDER));
    await copyFiles(dataDir, join(partial, FILES_FOLDER), options.secrets);
    // A dump tells what its logs are when it is restored: only a server can read it.
    const read = databaseUrl === null ? await readCopy(database, partial) : await readServer(databaseUrl);
    const files = await Promise.all((await filesBelow(partial)).map((path) => described(partial, path)));
    const manifest: Manifest = {
      format: 1,
      madeAt: new Date(options.nowUnixMs).toISOString(),
      engine,
      secrets: options.secrets,
      ...read,
      files,
    };
    await writeFile(join(partial, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`);
    for (const path of await filesBelow(partial)) await durable(join(partial, path));
    await rename(partial, folder);
    await durable(dirname(folder));
    return manifest;
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
}

/** Of a database that no process has open. */
async function copyAtRest(dataDir: string, file: string): Promise<void> {
  const from = join(dataDir, SQLITE_FILE);
  if (!(await exists(from))) throw new BackupError(`there is no database in ${dataDir}`);
  const database = new Database(from, { fileMustExist: true, timeout: 0 });
  try {
    database.prepare('vacuum into ?').run(file);
  } catch (error) {
    if (!(error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY'))) throw error;
    throw new BackupError(`a process uses ${from} and gives no copies: its log says why`, { cause: error });
  } finally {
    database.close();
  }
}

async function copyFiles(dataDir: string, to: string, secrets: boolean): Promise<void> {
  if (!(await exists(dataDir))) return;
  for (const path of await filesBelow(dataDir)) {
    const [top = ''] = path.split('/');
    if (LEFT_OUT(top) || (SECRET_FILES.has(top) && !secrets)) continue;
    await mkdir(dirname(join(to, path)), { recursive: true });
    // Files of the data folder are written beside and renamed: one that goes away meanwhile was not to stay.
    await cp(join(dataDir, path), join(to, path), { preserveTimestamps: true }).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
      },
    );
  }
}

/** Opened beside the backup, as a restored one would be: opening may bring its schema forward, and the copy stays as it was. */
export async function readCopy(
  file: string,
  scratch: string,
): Promise<Pick<Manifest, 'schema' | 'webinars' | 'events'>> {
  const dataDir = await mkdtemp(join(scratch, 'reading-'));
  try {
    await copyFile(file, join(dataDir, SQLITE_FILE));
    const raw = new Database(join(dataDir, SQLITE_FILE));
    try {
      const damage = raw.pragma('integrity_check', { simple: true });
      if (damage !== 'ok') throw new BackupError(`the copy of the database is damaged: ${String(damage)}`);
      const had = raw.prepare('select max(name) as name from kysely_migration').get() as { name: string };
      const store = await reading(raw, dataDir);
      return { schema: had.name, ...store };
    } finally {
      raw.close();
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function reading(raw: Database.Database, dataDir: string) {
  raw.close();
  const store = await openStore({ databaseUrl: null, dataDir }, silent);
  try {
    return await readAll(store);
  } finally {
    await store.close();
  }
}

async function readServer(databaseUrl: string): Promise<Pick<Manifest, 'schema' | 'webinars' | 'events'>> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ schema: string; webinars: string; events: string }>(
      `select (select max(name) from kysely_migration) as schema,
        (select count(*) from webinars) as webinars, (select count(*) from events) as events`,
    );
    const [row] = rows;
    return { schema: row?.schema ?? SCHEMA, webinars: Number(row?.webinars), events: Number(row?.events) };
  } finally {
    await client.end();
  }
}
