import { copyFile, cp, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { pino } from 'pino';
import { openStore } from '../store/index.ts';
import { migrations } from '../store/migrations.ts';
import { SQLITE_FILE } from '../store/sqlite.ts';
import { exists, type Place, readCopy } from './backup.ts';
import { durable } from './control.ts';
import {
  BackupError,
  DATABASE_FILE,
  described,
  FILES_FOLDER,
  filesBelow,
  MANIFEST_FILE,
  Manifest,
} from './manifest.ts';
import { load } from './postgres.ts';
import { readAll } from './read-all.ts';

export interface Restored {
  readonly manifest: Manifest;
  readonly webinars: number;
  readonly events: number;
}

/**
 * Puts a backup into a place that is empty. Before anything is there, every file was compared with the manifest and, of SQLite,
 * every log was read from a copy; of PostgreSQL they are read afterwards. Throws `BackupError`.
 */
export async function restoreBackup(folder: string, place: Place, scratch: string): Promise<Restored> {
  const manifest = await manifestOf(folder);
  const engine = place.databaseUrl === null ? 'sqlite' : 'postgres';
  if (manifest.engine !== engine) {
    throw new BackupError(
      `this backup is of ${manifest.engine}, and the place for it has ${engine} (DATABASE_URL)`,
    );
  }
  if (!(manifest.schema in migrations)) {
    throw new BackupError(
      `this backup is of a later version (its database has had ${manifest.schema}): restore it with that version`,
    );
  }
  await refuseUnlessWhole(folder, manifest);
  await refuseUnlessEmpty(place.dataDir);
  const database = join(folder, DATABASE_FILE[engine]);
  if (place.databaseUrl !== null) return restoreServer(folder, place.databaseUrl, place.dataDir, manifest);
  const { webinars, events } = await readCopy(database, scratch);
  await mkdir(place.dataDir, { recursive: true });
  await restoreFiles(folder, place.dataDir);
  // Last, under its name at once: without it the folder is no instance's.
  const arriving = join(place.dataDir, `${SQLITE_FILE}.arriving`);
  await copyFile(database, arriving);
  await durable(arriving);
  await rename(arriving, join(place.dataDir, SQLITE_FILE));
  await durable(place.dataDir);
  return { manifest, webinars, events };
}

async function manifestOf(folder: string): Promise<Manifest> {
  const text = await readFile(join(folder, MANIFEST_FILE), 'utf8').catch((error: unknown) => {
    throw new BackupError(`${folder} is no backup: it has no ${MANIFEST_FILE}`, { cause: error });
  });
  try {
    return Manifest.parse(JSON.parse(text));
  } catch (error) {
    throw new BackupError(`${MANIFEST_FILE} cannot be read: it is damaged, or of a later version`, {
      cause: error,
    });
  }
}

async function refuseUnlessWhole(folder: string, { files }: Manifest): Promise<void> {
  const there = new Set(await filesBelow(folder));
  there.delete(MANIFEST_FILE);
  for (const told of files) {
    if (!there.delete(told.path)) throw new BackupError(`${told.path} is missing`);
    const { bytes, sha256 } = await described(folder, told.path);
    if (bytes !== told.bytes || sha256 !== told.sha256) throw new BackupError(`${told.path} is damaged`);
  }
  const [stranger] = there;
  if (stranger !== undefined) throw new BackupError(`${stranger} is not of this backup`);
}

/** Recordings may be there before: `./rostrum archive import` brings them. */
async function refuseUnlessEmpty(dataDir: string): Promise<void> {
  if (!(await exists(dataDir))) return;
  const found = (await readdir(dataDir)).filter((name) => name !== 'channels');
  if (found.length > 0)
    throw new BackupError(`${dataDir} is not empty (${found[0]}): nothing is restored over anything`);
}

async function restoreFiles(folder: string, dataDir: string): Promise<void> {
  const from = join(folder, FILES_FOLDER);
  if (!(await exists(from))) return;
  for (const path of await filesBelow(from)) {
    await mkdir(dirname(join(dataDir, path)), { recursive: true });
    await cp(join(from, path), join(dataDir, path), {
      preserveTimestamps: true,
      errorOnExist: true,
      force: false,
    });
    await durable(join(dataDir, path));
  }
}

async function restoreServer(
  folder: string,
  databaseUrl: string,
  dataDir: string,
  manifest: Manifest,
): Promise<Restored> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query(
      `select table_name from information_schema.tables where table_schema = 'public' limit 1`,
    );
    if (rows.length > 0)
      throw new BackupError('the database is not empty: nothing is restored over anything');
    await load(databaseUrl, join(folder, DATABASE_FILE.postgres));
    try {
      const store = await openStore({ databaseUrl, dataDir }, pino({ level: 'silent' }));
      const read = await readAll(store).finally(() => store.close());
      await mkdir(dataDir, { recursive: true });
      await restoreFiles(folder, dataDir);
      return { manifest, ...read };
    } catch (error) {
      // It was empty before, and is again.
      await client.query('drop schema public cascade; create schema public');
      throw error;
    }
  } finally {
    await client.end();
  }
}

/** A folder as it was before. */
export const discard = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });
