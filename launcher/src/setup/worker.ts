import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { release } from 'node:os';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { checkout, toolsDir } from '../paths.ts';
import type { Report } from '../report.ts';
import { run } from '../run.ts';

const packageDir = `${checkout}/node_modules/mediasoup`;
const shimsDir = `${checkout}/launcher/worker-build/subprojects`;

/** The release page has to answer within the first, and the whole file be here within the second. */
const downloadLimits = { answerMs: 5_000, wholeMs: 120_000 };

/** The worker exits with this when it runs well and MEDIASOUP_VERSION is not in its environment. */
const exitWithoutVersion = 41;

/** What has to change in a copy of the worker's source before it works with Debian's libraries. */
export const sourceMends = [
  {
    file: 'meson.build',
    from: "meson_version: '>= 1.1.0'",
    to: "meson_version: '>= 1.0.0'",
    why: 'Debian 12 has meson 1.0.1, which builds it as well.',
  },
  {
    file: 'src/RTC/DtlsTransport.cpp',
    from: '(operationType == BIO_CB_RETURN)',
    to: '((operationType & BIO_CB_RETURN) != 0)',
    why:
      'BIO_CB_RETURN is a flag beside the operation. Compared for equality, the callback answers 1 to every ' +
      'control call; an OpenSSL built with kernel TLS takes that for "kernel TLS is on", never allocates its ' +
      'write buffer and crashes in the first DTLS handshake.',
  },
];

async function mediasoupPackage(): Promise<{ version: string; repository: { url: string } }> {
  return JSON.parse(await readFile(`${packageDir}/package.json`, 'utf8'));
}

/** Where the worker for the installed mediasoup is, or will be. MEDIASOUP_WORKER_BIN goes before ours. */
export async function workerPath(): Promise<string> {
  const given = process.env.MEDIASOUP_WORKER_BIN;
  if (given) return given;
  return `${toolsDir}/worker/${(await mediasoupPackage()).version}/mediasoup-worker`;
}

/** Whether the file is a worker that runs on this machine. */
export function workerRuns(path: string): Promise<boolean> {
  if (!existsSync(path)) return Promise.resolve(false);
  const { promise, resolve } = Promise.withResolvers<boolean>();
  execFile(path, { env: {}, timeout: 5_000 }, (error) => resolve(error?.code === exitWithoutVersion));
  return promise;
}

/**
 * The address of the worker that mediasoup's authors built for this machine: the same that the package's own
 * install script asks for.
 */
export async function prebuiltUrl(): Promise<string> {
  const { version, repository } = await mediasoupPackage();
  const base =
    process.env.MEDIASOUP_WORKER_PREBUILT_DOWNLOAD_BASE_URL ??
    `${repository.url.replace(/^git\+/, '').replace(/\.git$/, '')}/releases/download`;
  const kernel = process.platform === 'linux' ? `-kernel${release().split('.')[0]}` : '';
  return `${base}/${version}/mediasoup-worker-${version}-${process.platform}-${process.arch}${kernel}.tgz`;
}

/** Puts the prebuilt worker into `dir`; throws when it is out of reach or does not run here. */
export async function downloadWorker(dir: string, limits = downloadLimits): Promise<string> {
  if (process.env.MEDIASOUP_SKIP_WORKER_PREBUILT_DOWNLOAD) {
    throw new Error('MEDIASOUP_SKIP_WORKER_PREBUILT_DOWNLOAD is set');
  }
  const url = await prebuiltUrl();
  const slow = AbortSignal.timeout(limits.wholeMs);
  const unanswered = new AbortController();
  const timer = setTimeout(
    () => unanswered.abort(new Error(`no answer within ${limits.answerMs / 1000} s`)),
    limits.answerMs,
  );
  const response = await fetch(url, { signal: AbortSignal.any([slow, unanswered.signal]) }).finally(() =>
    clearTimeout(timer),
  );
  if (!response.ok || !response.body) throw new Error(`${url} answered ${response.status}`);
  const untar = spawn('tar', ['-xzf', '-', '-C', dir], { stdio: ['pipe', 'ignore', 'ignore'] });
  const closed = once(untar, 'close');
  await pipeline(Readable.fromWeb(response.body), untar.stdin, { signal: slow });
  const [exitCode] = await closed;
  if (exitCode !== 0) throw new Error(`${url} is not a tar archive`);
  const path = `${dir}/mediasoup-worker`;
  if (!(await workerRuns(path))) throw new Error('the prebuilt worker does not run on this machine');
  return path;
}

/** The folder name under which meson looks for a subproject before it would download it. */
async function subprojectDirectory(wrapFile: string): Promise<string> {
  const name = /^directory\s*=\s*(\S+)/m.exec(await readFile(wrapFile, 'utf8'))?.[1];
  if (!name) throw new Error(`${wrapFile} names no directory`);
  return name;
}

/** A copy of the worker's source in which the system's libraries stand in for those it would download. */
async function prepareSource(source: string): Promise<void> {
  await cp(`${packageDir}/worker`, source, { recursive: true });
  for (const { file, from, to } of sourceMends) {
    const text = await readFile(`${source}/${file}`, 'utf8');
    if (text.split(from).length !== 2) {
      throw new Error(`the worker's ${file} has changed: see whether the mend of "${from}" is still needed`);
    }
    await writeFile(`${source}/${file}`, text.replace(from, to));
  }
  for (const name of await readdir(shimsDir)) {
    const directory = await subprojectDirectory(`${source}/subprojects/${name}.wrap`);
    await cp(`${shimsDir}/${name}`, `${source}/subprojects/${directory}`, { recursive: true });
  }
}

async function compileWorker(dir: string, report: Report, signal?: AbortSignal): Promise<string> {
  const source = `${dir}/source`;
  const build = `${dir}/build`;
  const abort = signal ? { signal } : {};
  await prepareSource(source);
  await run(
    'meson',
    ['setup', build, source, '--wrap-mode=nodownload', '--buildtype=release', '-Db_ndebug=true'],
    abort,
  );
  await run('ninja', ['-C', build, 'mediasoup-worker'], {
    hasTime: true,
    ...abort,
    env: { ...process.env, NINJA_STATUS: '%f of %t, %p ' },
    onLine: (line) => {
      const done = /^\d+ of \d+,\s+\d+%/.exec(line)?.[0];
      if (done) report.progress(`compiled ${done}`);
    },
  });
  const path = `${build}/mediasoup-worker`;
  if (!(await workerRuns(path))) throw new Error('the worker was built but does not run');
  return path;
}

/** Lets `make` make a worker in a folder of its own, and puts it in its place in one step. */
async function keepWorker(make: (dir: string) => Promise<string>): Promise<void> {
  const path = await workerPath();
  const versionDir = path.slice(0, path.lastIndexOf('/'));
  await mkdir(versionDir, { recursive: true });
  const work = await mkdtemp(`${versionDir}/making-`);
  try {
    await rename(await make(work), path);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Whether there is nothing to bring. */
export async function haveWorker(): Promise<boolean> {
  return workerRuns(await workerPath());
}

/**
 * Tries the prebuilt worker; out of reach is no error, only a line in the report. mediasoup's own install
 * script is not used: where the release page is out of reach it goes on to fetch Python packages.
 */
export async function fetchPrebuiltWorker(report: Report): Promise<void> {
  const given = process.env.MEDIASOUP_WORKER_BIN;
  if (given) {
    throw new Error(
      `MEDIASOUP_WORKER_BIN=${given} is not a worker that runs here; unset it to have one made`,
    );
  }
  try {
    await keepWorker((dir) => downloadWorker(dir));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const reason = error.cause instanceof Error ? error.cause.message : error.message;
    report.say(`no prebuilt mediasoup worker (${reason}); one will be built from source, in 2 to 4 minutes`);
  }
}

/** Builds the worker from the package's source against the system's libraries. */
export function buildWorker(report: Report, signal?: AbortSignal): Promise<void> {
  return keepWorker((dir) => compileWorker(dir, report, signal));
}
