/**
 * `./rostrum archive`: looks at recordings, mends them, and carries them to other machines. Exit codes: 0 all is well, or done; 1 something
 * is wrong, or failed; 2 wrong usage or settings.
 */
import { readdir, stat } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { Id } from '@rostrum/contracts/ids';
import { SettingsError } from '@rostrum/service-kit/settings';
import { pino } from 'pino';
import { type FolderLock, lockFolder } from '../lock.ts';
import { PublishError } from '../publish/target.ts';
import type { BucketReader } from './bucket.ts';
import { exportRecording, importRecording } from './carry.ts';
import { isWrong, wordsOf } from './findings.ts';
import { inspect } from './inspect.ts';
import { CarryError } from './manifest.ts';
import { progressTo } from './progress.ts';
import { type Change, RepairError, repair } from './repair.ts';
import { readToolSettings, type ToolPlaces } from './settings.ts';
import { changeWords, size } from './words.ts';

const USAGE = `./rostrum archive verify [ID...] [--bucket] [--deep] [--json]
                                            what is missing, short, torn or not in the bucket; also while it runs
./rostrum archive repair ID... | --all [--bucket] [--end] [--dry-run]
                                            mend what can be mended, while no broadcaster runs there:
                                            --bucket fetches what is missing, --end ends what never was,
                                            --dry-run says what would be done
./rostrum archive export ID FOLDER          an ended recording with everything of it, into a new folder
./rostrum archive import FOLDER             such a folder into this data folder, checked file by file

Of the data folder ROSTRUM_DATA_DIR; the bucket is the broadcaster's (docs/archive-tools.md).`;

class UsageError extends Error {}

const out = (text: string) => process.stdout.write(`${text}\n`);
const say = (text: string) => process.stderr.write(`${text}\n`);
const nowUnixMs = (): number => Date.now();
const progress = progressTo(say, () => performance.now());

interface Flags {
  readonly all: boolean;
  readonly bucket: boolean;
  readonly deep: boolean;
  readonly end: boolean;
  readonly json: boolean;
  readonly 'dry-run': boolean;
}

async function runVerify(ids: readonly string[], flags: Flags, places: ToolPlaces): Promise<number> {
  const bucket = await bucketOf(flags, places);
  let wrong = 0;
  let looked = 0;
  try {
    for (const channelId of ids.length > 0 ? ids : await allIn(places.archiveDir)) {
      const { archiveDir } = places;
      const report = await inspect({ archiveDir, channelId, bucket, deep: flags.deep, progress, nowUnixMs });
      // Deleted while it was looked at, where nobody asked for it.
      if (!report && ids.length === 0) continue;
      if (!report) throw new UsageError(`there is no recording ${channelId} in ${archiveDir}`);
      looked += 1;
      const found = report.findings.filter(isWrong).length;
      if (found > 0) wrong += 1;
      if (flags.json) {
        out(JSON.stringify({ ...report, wrong: found > 0 }));
        continue;
      }
      const state = report.ended ? 'ended' : 'not ended';
      const up = report.notUpYet ? `, ${report.notUpYet} not in the bucket yet` : '';
      const verdict = found === 0 ? 'all there' : `${found} WRONG`;
      out(`${channelId}  ${verdict}: ${report.files} files, ${size(report.bytes)}, ${state}${up}`);
      for (const finding of report.findings) out(`    ${isWrong(finding) ? '!' : ' '} ${wordsOf(finding)}`);
    }
  } finally {
    bucket?.close();
  }
  if (!flags.json && looked === 0) out(`There are no recordings in ${places.archiveDir}.`);
  return wrong === 0 ? 0 : 1;
}

async function runRepair(ids: readonly string[], flags: Flags, places: ToolPlaces): Promise<number> {
  if ((ids.length === 0) !== flags.all) throw new UsageError('repair what? Ids of recordings, or --all');
  const { archiveDir } = places;
  const dryRun = flags['dry-run'];
  const bucket = await bucketOf(flags, places);
  const lock = dryRun ? null : await lockOf(archiveDir);
  let failed = 0;
  try {
    for (const channelId of flags.all ? await allIn(archiveDir) : ids) {
      const tell = (change: Change): void => {
        out(`${channelId}  ${changeWords(change, dryRun)}`);
      };
      const logger = pino({ level: 'silent' });
      const options = { archiveDir, channelId, bucket, deep: flags.deep, progress, nowUnixMs };
      try {
        const changes = await repair({ ...options, end: flags.end, dryRun, logger, tell });
        if (changes === 0) out(`${channelId}  nothing to mend`);
      } catch (error) {
        if (!(error instanceof RepairError)) throw error;
        failed += 1;
        out(`${channelId}  cannot be mended: ${error.message}`);
      }
    }
  } finally {
    bucket?.close();
    await lock?.release();
  }
  return failed === 0 ? 0 : 1;
}

async function runExport([channelId, to, ...more]: readonly string[], places: ToolPlaces): Promise<number> {
  if (channelId === undefined || to === undefined || more.length > 0)
    throw new UsageError('export wants the id of a recording and the folder to write');
  const options = { archiveDir: places.archiveDir, progress, nowUnixMs, warn: say };
  const { files } = await exportRecording(channelId, to, options);
  out(`${channelId} is in ${to}: ${files.length} files, ${size(sum(files))}`);
  return 0;
}

async function runImport([from, ...more]: readonly string[], places: ToolPlaces): Promise<number> {
  if (from === undefined || more.length > 0) throw new UsageError('import wants the folder of an export');
  const options = { archiveDir: places.archiveDir, progress, nowUnixMs, warn: say };
  const { channelId, files } = await importRecording(from, options);
  out(`${channelId} is in ${places.archiveDir}: ${files.length} files, ${size(sum(files))}`);
  return 0;
}

/** A broadcaster that runs would write to the same files. */
function lockOf(archiveDir: string): Promise<FolderLock> {
  return lockFolder(archiveDir, 1).catch((error: unknown) => {
    throw new RepairError(error instanceof Error ? error.message : String(error), { cause: error });
  });
}

const sum = (files: readonly { readonly bytes: number }[]): number =>
  files.reduce((n, { bytes }) => n + bytes, 0);

async function bucketOf(flags: Flags, { s3 }: ToolPlaces): Promise<BucketReader | null> {
  if (!flags.bucket) return null;
  if (!s3) throw new UsageError('--bucket: there is none (ROSTRUM_S3_BUCKET)');
  // The SDK takes a second to load: only who asks for the bucket waits for it.
  return (await import('./bucket.ts')).bucketReader(s3);
}

async function allIn(archiveDir: string): Promise<string[]> {
  const names = await readdir(archiveDir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names.filter((name) => Id.safeParse(name).success).sort();
}

/** Files that root writes the broadcaster could not change: whoever has the folder has them. */
async function actAsOwnerOf(archiveDir: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = await stat(archiveDir);
  if (uid === 0) return;
  process.setgroups?.([gid]);
  process.setgid?.(gid);
  process.setuid?.(uid);
}

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      all: { type: 'boolean', default: false },
      bucket: { type: 'boolean', default: false },
      deep: { type: 'boolean', default: false },
      end: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      'dry-run': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const [command = 'help', ...words] = positionals;
  if (values.help || command === 'help') {
    out(USAGE);
    return 0;
  }
  if (!['verify', 'repair', 'export', 'import'].includes(command))
    throw new UsageError(`there is no command "archive ${command}"\n\n${USAGE}`);
  const places = readToolSettings(process.env);
  if (command === 'export') return runExport(words, places);
  if (command === 'import') {
    await actAsOwnerOf(places.archiveDir);
    return runImport(words, places);
  }
  for (const id of words)
    if (!Id.safeParse(id).success) throw new UsageError(`${JSON.stringify(id)} is no recording's id`);
  if (command === 'verify') return runVerify(words, values, places);
  await actAsOwnerOf(places.archiveDir);
  return runRepair(words, values, places);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const wrongFlag =
    error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
  const usage = wrongFlag || error instanceof UsageError || error instanceof SettingsError;
  const known =
    usage || error instanceof CarryError || error instanceof PublishError || error instanceof RepairError;
  const words =
    error instanceof Error ? (known ? error.message : (error.stack ?? error.message)) : String(error);
  process.stderr.write(`${words}\n`);
  process.exitCode = usage ? 2 : 1;
}
