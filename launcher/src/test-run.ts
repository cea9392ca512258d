import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { checkout, toolsDir } from './paths.ts';
import { startTestDatabase } from './postgres.ts';
import type { Report } from './report.ts';
import { CommandError, run } from './run.ts';
import { workerPath } from './setup/worker.ts';

export interface Tally {
  passed: number;
  failed: number;
}

/**
 * Adds up Jest's own summaries ("Tests: 1 failed, 2 skipped, 3 passed, 6 total") in the output of one or many
 * runs. A suite that could not even be loaded has no failed test in it: it counts as one.
 */
export function tallyJest(lines: string[]): Tally {
  const tally = { passed: 0, failed: 0 };
  let brokenSuites = 0;
  for (const line of lines.map(stripVTControlCharacters)) {
    const [, what, counts] = /(?:^|\s)(Test Suites|Tests):\s+(.*\d+ total)\s*$/.exec(line) ?? [];
    if (!counts) continue;
    const count = (word: string) => Number(new RegExp(`(\\d+) ${word}\\b`).exec(counts)?.[1] ?? 0);
    if (what === 'Test Suites') {
      brokenSuites = count('failed');
    } else {
      tally.passed += count('passed');
      tally.failed += Math.max(count('failed'), brokenSuites > 0 ? 1 : 0);
      brokenSuites = 0;
    }
  }
  return tally;
}

/** What Jest says of the tests that failed, out of the output of one or many runs; of other tools, the end of what they said. */
export function failuresIn(lines: string[], most = 80): string[] {
  let inside = false;
  const told = lines.filter((line) => {
    const bare = stripVTControlCharacters(line);
    if (/\s●\s/.test(bare)) inside = true;
    else if (/\b(PASS|FAIL) |Test Suites:/.test(bare)) inside = false;
    return inside;
  });
  return told.length > 0 ? told.slice(0, most) : lines.slice(-most);
}

interface Stage {
  name: string;
  command: string;
  args: string[];
}

const npmScript = (name: string, script: string, ...more: string[]): Stage => ({
  name,
  command: 'npm',
  args: ['run', '--silent', script, ...more],
});

const turboTests = (name: string, task: string, concurrency: number): Stage => ({
  name,
  command: `${checkout}/node_modules/.bin/turbo`,
  args: [
    'run',
    task,
    '--only',
    '--force',
    '--continue=always',
    `--concurrency=${concurrency}`,
    '--output-logs=full',
    '--log-order=grouped',
  ],
});

/**
 * The rings, in the order of what fails soonest. The unit tests run anew each time (--force), and without the
 * builds they depend on (--only): the set-up has made those, and knows where this Node's headers are.
 */
export const stages: Stage[] = [
  npmScript('format and lint', 'format:check'),
  npmScript('types', 'typecheck'),
  turboTests('unit tests', 'test', 2),
  // Tests of time itself get the machine to themselves.
  turboTests('media in real time', 'test:media', 1),
  npmScript('end to end', 'e2e', '-w', 'e2e'),
];

/** A line worth showing while a stage runs; the rest is in its log. */
const telling = /\b(PASS|FAIL)\b|●|✕|✓|Tests:|error TS|^\s*×/;

/**
 * Runs everything CI runs, after the set-up, with a PostgreSQL of its own. Every stage runs, also after one has
 * failed. Resolves with what the test runs themselves counted; a stage that failed without a failed test (types,
 * format) counts as one failure.
 */
export async function runTests(report: Report, signal: AbortSignal): Promise<Tally> {
  const database = await startTestDatabase();
  const sum = { passed: 0, failed: 0 };
  const failures: string[] = [];
  try {
    const env = {
      ...process.env,
      PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
      MEDIASOUP_WORKER_BIN: await workerPath(),
      ROSTRUM_TEST_DATABASE_URL: database.url,
      TURBO_TELEMETRY_DISABLED: '1',
      NO_UPDATE_NOTIFIER: '1',
      NO_COLOR: '1',
    };
    for (const { name, command, args } of stages) {
      signal.throwIfAborted();
      const startMs = performance.now();
      const lines: string[] = [];
      report.say(`${name} …`);
      let error: unknown;
      await run(command, args, {
        cwd: checkout,
        env,
        signal,
        onLine: (line) => {
          lines.push(line);
          if (telling.test(line)) process.stderr.write(`           ${line}\n`);
        },
      }).catch((reason: unknown) => {
        if (!(reason instanceof CommandError)) throw reason;
        error = reason;
      });
      signal.throwIfAborted();
      const logFile = `${toolsDir}/log/test-${name.replaceAll(' ', '-')}.log`;
      await mkdir(dirname(logFile), { recursive: true });
      await writeFile(logFile, `${lines.join('\n')}\n`);
      const tally = tallyJest(lines);
      if (error && tally.failed === 0) tally.failed = 1;
      sum.passed += tally.passed;
      sum.failed += tally.failed;
      const seconds = ((performance.now() - startMs) / 1000).toFixed(0);
      if (error) failures.push(`${name}:`, ...failuresIn(lines));
      report.say(`${name}: ${error ? `FAILED, all of it is in ${logFile}` : 'good'} (${seconds} s)`);
    }
    // At the very end, where a reader of a long log looks first.
    for (const line of failures) process.stderr.write(`${line}\n`);
    return sum;
  } finally {
    await database.stop();
  }
}
