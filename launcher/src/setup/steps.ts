import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { toolsDir } from '../paths.ts';
import type { Report } from '../report.ts';
import { CommandError } from '../run.ts';
import { AlreadyRunningError, takeLock } from '../state.ts';
import { type Build, builds, isBuilt, make } from './builds.ts';
import { installLine, installPackages, missingPackages, type PackageGroup } from './packages.ts';
import { buildWorker, fetchPrebuiltWorker, haveWorker } from './worker.ts';

/** What the set-up is for beside running it: each needs packages of its own. */
export type Purpose = readonly ('demo' | 'edge' | 'turn' | 'test')[];
export const TESTS: Purpose = ['demo', 'edge', 'turn', 'test'];

export interface Step {
  name: string;
  /** Whether all works without it too, by a later step. */
  optional?: true;
  /** What is missing, in words; undefined when nothing is. Needs no network and changes nothing. */
  missing(purpose: Purpose): Promise<string | undefined>;
  /** Brings it. */
  bring(report: Report, purpose: Purpose, signal?: AbortSignal): Promise<void>;
  /** What to do when that fails, or by hand. */
  remedy(purpose: Purpose): Promise<string>;
}

async function neededPackages(purpose: Purpose): Promise<string[]> {
  const groups: PackageGroup[] = ['run', 'addon', ...purpose];
  if (!(await haveWorker())) groups.push('worker');
  return missingPackages(groups);
}

/** @param only the purpose that needs it; without one, every one does */
const buildStep = (build: Build, only?: Purpose[number]): Step => ({
  name: build.name,
  missing: async (purpose) =>
    (only !== undefined && !purpose.includes(only)) || (await isBuilt(build))
      ? undefined
      : 'is not built from the sources as they are now',
  bring: (report, _purpose, signal) => make(build, report, signal),
  remedy: async () => `./rostrum setup${only === undefined ? '' : ` --${only}`}`,
});

/** In the order in which they have to be done. */
export const steps: Step[] = [
  {
    name: 'the prebuilt mediasoup worker',
    optional: true,
    missing: async () => ((await haveWorker()) ? undefined : 'is not here'),
    bring: (report) => fetchPrebuiltWorker(report),
    remedy: async () => './rostrum setup',
  },
  {
    name: 'Debian packages',
    missing: async (purpose) => {
      const packages = await neededPackages(purpose);
      return packages.length === 0 ? undefined : `not installed: ${packages.join(' ')}`;
    },
    bring: async (report, purpose, signal) => installPackages(await neededPackages(purpose), report, signal),
    remedy: async (purpose) => `as root: ${installLine(await neededPackages(purpose))}`,
  },
  {
    name: "mediasoup's worker",
    missing: async () => ((await haveWorker()) ? undefined : 'is not here'),
    bring: (report, _purpose, signal) => buildWorker(report, signal),
    remedy: async () =>
      './rostrum setup; or set MEDIASOUP_WORKER_BIN to a worker of the version in node_modules/mediasoup/package.json',
  },
  {
    name: "Node's headers",
    missing: async () =>
      existsSync(`${dirname(dirname(process.execPath))}/include/node/node_api.h`)
        ? undefined
        : `are not beside ${process.execPath}`,
    bring: async () => {
      throw new Error('this Node came without its C++ headers');
    },
    remedy: async () => 'start by ./rostrum, which brings a Node that has them',
  },
  buildStep(builds.addon),
  buildStep(builds.console),
  buildStep(builds.watch),
  buildStep(builds.people, 'demo'),
];

/** A step that could not be done; the message says which, why, and what to do. */
export class SetupError extends Error {
  readonly code = 'setup_failed';
}

async function doSteps(report: Report, purpose: Purpose, signal?: AbortSignal): Promise<void> {
  for (const step of steps) {
    if ((await step.missing(purpose)) === undefined) continue;
    const startMs = performance.now();
    report.say(`${step.name} …`);
    try {
      await step.bring(report, purpose, signal);
    } catch (error) {
      signal?.throwIfAborted();
      const output = error instanceof CommandError ? `\n${error.output}` : '';
      const reason = error instanceof Error ? error.message : String(error);
      throw new SetupError(`${step.name}: ${reason}${output}\nWhat would do: ${await step.remedy(purpose)}`, {
        cause: error,
      });
    }
    report.say(`${step.name}: ${((performance.now() - startMs) / 1000).toFixed(0)} s`);
  }
}

/**
 * Does every step that has something missing; of several launchers of one checkout, one at a time.
 * Throws a SetupError.
 */
export async function setUp(report: Report, purpose: Purpose, signal?: AbortSignal): Promise<void> {
  if ((await diagnose(purpose)).length === 0) return;
  let release: (() => void) | undefined;
  while (!release) {
    try {
      release = takeLock(`${toolsDir}/setup.lock`);
    } catch (error) {
      if (!(error instanceof AlreadyRunningError)) throw error;
      report.progress(`waiting for the set-up that runs already (pid ${error.pid})`);
      await delay(500, undefined, signal ? { signal } : {});
    }
  }
  try {
    await doSteps(report, purpose, signal);
  } finally {
    release();
  }
}

/** What is missing and the mend, one line each; empty when nothing is. */
export async function diagnose(purpose: Purpose): Promise<string[]> {
  const found: string[] = [];
  for (const step of steps.filter(({ optional }) => !optional)) {
    const missing = await step.missing(purpose);
    if (missing !== undefined) found.push(`${step.name}: ${missing} — ${await step.remedy(purpose)}`);
  }
  return found;
}
