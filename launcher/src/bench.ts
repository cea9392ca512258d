import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { checkout } from './paths.ts';
import { workerPath } from './setup/worker.ts';

const benchDir = `${checkout}/bench`;

/** The benchmarks there are: every program directly in bench/src, with how its first doc comment begins. */
export function listBenchmarks(): { name: string; about: string }[] {
  if (!existsSync(`${benchDir}/src`)) return [];
  return readdirSync(`${benchDir}/src`)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .sort()
    .map((file) => {
      const comment = /\/\*\*([\s\S]*?)\*\//.exec(readFileSync(`${benchDir}/src/${file}`, 'utf8'))?.[1] ?? '';
      const text = comment
        .replace(/^\s*\*/gm, ' ')
        .replace(/\s+/g, ' ')
        .trim();
      return { name: file.slice(0, -3), about: /^.*?\.(?= |$)/.exec(text)?.[0] ?? text };
    });
}

/** Runs a benchmark in the foreground, its output passed through; resolves with its exit code. */
export const runBenchmark = async (name: string, args: string[], signal: AbortSignal): Promise<number> =>
  runProgram(benchDir, [`src/${name}.ts`, ...args], { MEDIASOUP_WORKER_BIN: await workerPath() }, signal);

/** Runs the conformance suite likewise: what an LL-HLS origin holds, rule by rule. */
export const runConformance = (args: string[], signal: AbortSignal): Promise<number> =>
  runProgram(`${checkout}/conformance`, ['src/main.ts', ...args], {}, signal);

async function runProgram(
  cwd: string,
  args: string[],
  env: Record<string, string>,
  signal: AbortSignal,
): Promise<number> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
    cwd,
    env: { ...process.env, ...env, ROSTRUM_PARENT_PIPE: '1' },
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  const stop = () => child.kill('SIGTERM');
  signal.addEventListener('abort', stop, { once: true });
  const [code] = (await once(child, 'exit')) as [number | null];
  signal.removeEventListener('abort', stop);
  return code ?? 1;
}
