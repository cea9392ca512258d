/**
 * `./rostrum backup` and `./rostrum restore`. Exit codes: 0 done; 1 it failed, and nothing was left; 2 wrong usage.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { DataFolderInUse } from '../store/sqlite.ts';
import { exists, makeBackup } from './backup.ts';
import { BackupError } from './manifest.ts';
import { discard, restoreBackup } from './restore.ts';

const USAGE = `./rostrum backup PLACE [--secrets]     database and files of this instance, also while it runs, as a new folder, or
                                       as one file where PLACE ends with .tar.gz; --secrets with its keys
./rostrum restore PLACE                such a backup into an instance that has nothing yet

Of the data folder ROSTRUM_DATA_DIR, and of DATABASE_URL where that is set. Recordings are carried by
./rostrum archive export and import (docs/backup.md).`;

class UsageError extends Error {}

const run = promisify(execFile);
const say = (text: string) => process.stderr.write(`${text}\n`);
const isArchive = (place: string): boolean => /\.(tar\.gz|tgz)$/.test(place);

function placeOfInstance() {
  const { ROSTRUM_DATA_DIR, DATABASE_URL } = process.env;
  if (!ROSTRUM_DATA_DIR) throw new UsageError('ROSTRUM_DATA_DIR is not set');
  return { dataDir: resolve(ROSTRUM_DATA_DIR), databaseUrl: DATABASE_URL || null };
}

async function backup(to: string, secrets: boolean): Promise<void> {
  const place = placeOfInstance();
  if (await exists(to)) throw new BackupError(`${to} is there already`);
  await mkdir(dirname(to), { recursive: true });
  // Beside its place: renaming is not copying there.
  const scratch = await mkdtemp(join(dirname(to), '.rostrum-backup-'));
  try {
    const folder = join(scratch, 'backup');
    const { webinars, events, files } = await makeBackup(place, folder, { secrets, nowUnixMs: Date.now() });
    if (isArchive(to)) {
      await run('tar', ['-czf', join(scratch, 'backup.tar.gz'), '-C', folder, '.']);
      await rename(join(scratch, 'backup.tar.gz'), to);
    } else await rename(folder, to);
    say(
      `${to}: ${webinars} webinars with ${events} events, ${files.length} files. Recordings are not in it.`,
    );
    say(
      secrets
        ? 'Keys are in it: keep it as you keep them.'
        : 'Keys are not in it: keep them elsewhere (--secrets).',
    );
  } finally {
    await discard(scratch);
  }
}

async function restore(from: string): Promise<void> {
  const place = placeOfInstance();
  if (!(await exists(from))) throw new BackupError(`there is no ${from}`);
  const scratch = await mkdtemp(join(tmpdir(), 'rostrum-restore-'));
  try {
    let folder = from;
    if (isArchive(from)) {
      folder = join(scratch, 'backup');
      await mkdir(folder);
      await run('tar', ['-xzf', from, '-C', folder]);
    }
    const { manifest, webinars, events } = await restoreBackup(folder, place, scratch);
    say(
      `Restored what was backed up at ${manifest.madeAt}: ${webinars} webinars with ${events} events, all read.`,
    );
    if (!manifest.secrets)
      say('Keys were not in it: give those of then, or all links have to be made anew (docs/backup.md).');
  } finally {
    await discard(scratch);
  }
}

async function main(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { secrets: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
  });
  const [command, place, ...rest] = positionals;
  if (values.help) return void process.stdout.write(`${USAGE}\n`);
  if (place === undefined || rest.length > 0) throw new UsageError(USAGE);
  if (command === 'backup') return backup(resolve(place), values.secrets);
  if (command === 'restore') return restore(resolve(place));
  throw new UsageError(USAGE);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const wrongFlag =
    error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
  const known = [BackupError, UsageError, DataFolderInUse].some((kind) => error instanceof kind) || wrongFlag;
  say(known ? (error as Error).message : String((error as Error).stack));
  process.exitCode = error instanceof UsageError || wrongFlag ? 2 : 1;
}
