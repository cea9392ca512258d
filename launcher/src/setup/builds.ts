import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { checkout, toolsDir } from '../paths.ts';
import type { Report } from '../report.ts';
import { run } from '../run.ts';

/** Something made from sources of the checkout. Paths are relative to it. */
export interface Build {
  name: string;
  /** Where it is made. */
  cwd: string;
  /** What it depends on; built output and tests in it are left out. */
  sources: string[];
  /** A file that is there when it has been made. */
  output: string;
  /** What Node runs to make it. */
  args: string[];
}

const nodePrefix = dirname(dirname(process.execPath));

export const builds = {
  addon: {
    name: 'node-gst (the binding to GStreamer)',
    cwd: 'broadcaster/node-gst',
    sources: ['broadcaster/node-gst/native', 'broadcaster/node-gst/binding.gyp'],
    output: 'broadcaster/node-gst/build/Release',
    // Without --nodedir it would download the headers that lie beside this very Node.
    args: [`${checkout}/node_modules/node-gyp/bin/node-gyp.js`, 'rebuild', '--nodedir', nodePrefix],
  },
  console: {
    name: 'the console',
    cwd: 'host-console',
    sources: ['host-console', 'contracts', 'room-client', 'panel-sfu/client', 'package-lock.json'],
    output: 'host-console/.next/BUILD_ID',
    args: [`${checkout}/node_modules/next/dist/bin/next`, 'build'],
  },
  watch: {
    name: 'the watch page',
    cwd: 'audience-web',
    sources: ['audience-web', 'contracts', 'room-client', 'panel-sfu/client', 'package-lock.json'],
    output: 'audience-web/dist',
    args: ['build.ts'],
  },
  people: {
    name: "the demo's panelists",
    cwd: 'e2e',
    sources: ['e2e/src/demo/people', 'e2e/src/panelist/clip.ts', 'contracts/src/camera-layers.ts'],
    output: '.rostrum/demo/people',
    args: ['src/demo/people/make.ts'],
  },
} satisfies Record<string, Build>;

const leftOut = new Set([
  'node_modules',
  '.next',
  '.turbo',
  'dist',
  'build',
  'coverage',
  'results',
  'next-env.d.ts',
]);

async function sourceFiles(path: string): Promise<string[]> {
  const entries = await readdir(`${checkout}/${path}`, { withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOTDIR') return undefined;
      throw error;
    },
  );
  if (!entries) return [path];
  const below = await Promise.all(
    entries
      .filter(({ name }) => !leftOut.has(name) && !/\.test\.tsx?$|\.tsbuildinfo$|\.md$/.test(name))
      .map((entry) =>
        entry.isDirectory() ? sourceFiles(`${path}/${entry.name}`) : [`${path}/${entry.name}`],
      ),
  );
  return below.flat();
}

/** A digest of all that a build is made from: names and contents of its sources, and how it is made. */
async function sourcesDigest(build: Build): Promise<string> {
  const digest = createHash('sha256').update(
    JSON.stringify(build.args.map((arg) => arg.replace(checkout, ''))),
  );
  const files = (await Promise.all(build.sources.map(sourceFiles))).flat().sort();
  for (const file of files) digest.update(`\0${file}\0`).update(await readFile(`${checkout}/${file}`));
  return digest.digest('hex');
}

const stampFile = (build: Build) => `${toolsDir}/built/${build.cwd.replaceAll('/', '-')}`;

/** Whether it was made by the launcher from exactly what lies there now. */
export async function isBuilt(build: Build): Promise<boolean> {
  if (!existsSync(`${checkout}/${build.output}`)) return false;
  const stamp = await readFile(stampFile(build), 'utf8').catch(() => '');
  return stamp !== '' && stamp === (await sourcesDigest(build));
}

/** Makes it, and notes from what once that has worked. */
export async function make(build: Build, report: Report, signal?: AbortSignal): Promise<void> {
  // Taken before: what changes while it is being made has to be made again.
  const digest = await sourcesDigest(build);
  await run(process.execPath, ['--disable-warning=ExperimentalWarning', ...build.args], {
    hasTime: true,
    cwd: `${checkout}/${build.cwd}`,
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', NO_COLOR: '1' },
    ...(signal ? { signal } : {}),
    onLine: (line) => {
      if (line.trim()) report.progress(line.trim().slice(0, 90));
    },
  });
  await mkdir(dirname(stampFile(build)), { recursive: true });
  await writeFile(stampFile(build), digest);
}
