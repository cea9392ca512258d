/**
 * The time to an acknowledgement at 500 events a second, beside a bare loop of fdatasync; and what a crash costs. Processes
 * that append to the event log and to an archive are killed with SIGKILL at random moments, and what they acknowledged is
 * looked for. Then the file system calls of such processes are recorded (strace), and of the recording power cuts are made:
 * whatever was not synced is dropped, torn or put in another order, and the folder opened as after a crash.
 * ROSTRUM_BENCH_KILLS and ROSTRUM_BENCH_CUTS of each (default 100; R5 asks for 1000), ROSTRUM_BENCH_SEED to repeat one,
 * ROSTRUM_BENCH_FOLDER on the disk in question (default the system's folder for temporary files).
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { measureAcks } from './lib/durability/ack-time.ts';
import { checkArchive, segmentsOf } from './lib/durability/archive-check.ts';
import { DiskModel, type Random } from './lib/durability/disk-model.ts';
import { acknowledgedOf, checkLog } from './lib/durability/log-check.ts';
import { type FileOp, readRecording, record } from './lib/durability/recording.ts';
import { NOTHING, plus, type Verdict } from './lib/durability/verdict.ts';
import { type Figure, figure as figureOf, progress, quantile, report } from './lib/result.ts';

const KILLS = Number(process.env.ROSTRUM_BENCH_KILLS ?? 100);
const CUTS = Number(process.env.ROSTRUM_BENCH_CUTS ?? 100);
const SEED = Number(process.env.ROSTRUM_BENCH_SEED ?? Date.now() % 1_000_000);
/** Kills in one folder, which each process takes over from the one before; then a new one. */
const KILLS_PER_FOLDER = 20;
/** Cuts on a disk whose syncs do nothing, which have to lose something: else the bench would see no loss. */
const PROOFS = 20;

interface Kind {
  readonly name: 'events' | 'segments';
  readonly writer: string;
  /** How much the recorded one writes. */
  readonly recordedAmount: number;
  check(folder: string, said: readonly string[]): Promise<Verdict>;
}
const program = (name: string): string =>
  fileURLToPath(new URL(`./lib/durability/${name}.ts`, import.meta.url));
const KINDS: readonly Kind[] = [
  {
    name: 'events',
    writer: program('log-writer'),
    recordedAmount: 700,
    check: (folder, said) => checkLog(folder, acknowledgedOf(said)),
  },
  {
    name: 'segments',
    writer: program('archive-writer'),
    recordedAmount: 400,
    check: (folder, said) => checkArchive(folder, segmentsOf(said)),
  },
];

/** Mulberry32: good enough, and the same again for the same seed. */
function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Runs a writer, kills it at a random moment, most often while it writes; answers the lines it said. */
async function killed(kind: Kind, folder: string, random: Random): Promise<string[]> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', kind.writer, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  let output = '';
  const ended = once(child, 'close');
  const firstWord = new Promise<void>((resolve) =>
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      resolve();
    }),
  );
  const early = random() < 0.2;
  const afterMs = random() * (early ? 600 : 250);
  if (!early) await Promise.race([firstWord, ended]);
  await Promise.race([sleep(afterMs), ended]);
  if (child.exitCode !== null) throw new Error(`the writer of ${kind.name} ended by itself`);
  child.kill('SIGKILL');
  await ended;
  return output.split('\n').slice(0, -1);
}

async function killRounds(kind: Kind, root: string, random: Random): Promise<Verdict> {
  let sum = NOTHING;
  for (let round = 0; round < KILLS; ) {
    const folder = await mkdtemp(join(root, `${kind.name}-`));
    const said: string[] = [];
    let last = NOTHING;
    for (let i = 0; i < KILLS_PER_FOLDER && round < KILLS; i += 1, round += 1) {
      said.push(...(await killed(kind, folder, random)));
      last = await kind.check(folder, said);
      if (last.lost + last.doubled > 0) {
        progress(`${kind.name}, kill ${round + 1}: ${last.lost} lost, ${last.doubled} doubled in ${folder}`);
        return plus(sum, last);
      }
    }
    sum = plus(sum, last);
    progress(`${kind.name}: ${round} kills, ${sum.acknowledged} acknowledged, nothing lost`);
    await rm(folder, { recursive: true });
  }
  return sum;
}

/** Moments of a recording: half of them anywhere, half just when something was said or a sync is about to end. */
function momentsOf(ops: readonly FileOp[], count: number, random: Random): number[] {
  const telling = ops.flatMap(({ op }, i) => (op === 'said' || op === 'syncEnded' ? [i] : []));
  const pick = (): number =>
    random() < 0.5
      ? Math.floor(random() * ops.length)
      : (telling[Math.floor(random() * telling.length)] ?? 0);
  return Array.from({ length: count }, pick).toSorted((a, b) => a - b);
}

interface Cuts {
  readonly verdict: Verdict;
  /** Cuts after which something was missing, twice there, or the folder could not be opened at all. */
  readonly bad: number;
}

async function cutRounds(
  kind: Kind,
  ops: readonly FileOp[],
  moments: readonly number[],
  random: Random,
  syncsCount: boolean,
): Promise<Cuts> {
  const disk = new DiskModel(syncsCount);
  const said: string[] = [];
  let at = 0;
  let verdict = NOTHING;
  let bad = 0;
  const memory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
  for (const moment of moments) {
    for (; at < moment; at += 1) {
      const op = ops[at];
      if (!op) break;
      disk.apply(op);
      if (op.op === 'said') said.push(op.line);
    }
    const folder = await mkdtemp(join(memory, 'rostrum-cut-'));
    for (const [path, bytes] of disk.cut(random)) {
      const file = join(folder, path);
      await mkdir(bytes === null ? file : dirname(file), { recursive: true });
      if (bytes !== null) await writeFile(file, bytes);
    }
    let found: Verdict;
    try {
      found = await kind.check(folder, said);
    } catch (error) {
      if (syncsCount) progress(`${kind.name}, cut at ${moment} of ${ops.length}: ${String(error)}`);
      found = { acknowledged: 0, lost: Math.max(1, said.length), doubled: 0 };
    }
    if (found.lost + found.doubled > 0) {
      bad += 1;
      if (syncsCount)
        progress(`${kind.name}, cut at ${moment}: ${found.lost} lost, ${found.doubled} doubled`);
    }
    verdict = plus(verdict, found);
    await rm(folder, { recursive: true });
  }
  return { verdict, bad };
}

const figure = figureOf('R5');
const zero = (what: string, value: number): Figure => figure(what, value, '', '0', value === 0);

async function crashes(kind: Kind, root: string, random: Random): Promise<Figure[]> {
  const kills = await killRounds(kind, root, random);
  const folder = await mkdtemp(join(root, `recorded-${kind.name}-`));
  const trace = `${folder}.trace`;
  await record(trace, [
    '--disable-warning=ExperimentalWarning',
    kind.writer,
    folder,
    String(kind.recordedAmount),
  ]);
  const ops = await readRecording(trace, folder);
  progress(`${kind.name}: ${ops.length} calls recorded`);
  const cuts = await cutRounds(kind, ops, momentsOf(ops, CUTS, random), random, true);
  const proof = await cutRounds(kind, ops, momentsOf(ops, PROOFS, random), random, false);
  const { name } = kind;
  return [
    figure(`kills while ${name} were written`, KILLS, ''),
    figure(`${name} acknowledged before them`, kills.acknowledged, ''),
    zero(`acknowledged ${name} lost by kills`, kills.lost),
    zero(`${name} doubled by kills`, kills.doubled),
    figure(`power cuts while ${name} were written`, CUTS, ''),
    figure(`${name} acknowledged before them, in all`, cuts.verdict.acknowledged, ''),
    zero(`acknowledged ${name} lost by power cuts`, cuts.verdict.lost),
    zero(`${name} doubled by power cuts`, cuts.verdict.doubled),
    figure(
      `of ${PROOFS} cuts on a disk that syncs nothing, seen to lose`,
      proof.bad,
      '',
      '> 0',
      proof.bad > 0,
    ),
  ];
}

const root = await mkdtemp(join(process.env.ROSTRUM_BENCH_FOLDER ?? tmpdir(), 'rostrum-durability-'));
progress(`seed ${SEED}, in ${root}`);
// The time first: it wants a quiet machine, the rest of it (some forty minutes at a thousand of each) does not.
const { ackMs, bareMs } = await measureAcks(root, 500, 10);
const load = loadavg()[0] ?? Number.NaN;
const crashed: Figure[] = [];
for (const kind of KINDS) crashed.push(...(await crashes(kind, root, randomOf(SEED))));
const [ackP50, ackP99] = [quantile(ackMs, 0.5), quantile(ackMs, 0.99)];
const [bareP50, bareP99] = [quantile(bareMs, 0.5), quantile(bareMs, 0.99)];
const figures: readonly Figure[] = [
  figure(`acknowledgement at 500 events/s, p50 of ${ackMs.length}`, ackP50, 'ms'),
  figure('acknowledgement at 500 events/s, p99', ackP99, 'ms', '<= 20 ms', ackP99 <= 20),
  figure(`bare fdatasync of 4 KiB, p50 of ${bareMs.length}`, bareP50, 'ms'),
  figure('bare fdatasync of 4 KiB, p99', bareP99, 'ms'),
  figure('acknowledgement to bare fdatasync, p50', ackP50 / bareP50, 'times'),
  figure('acknowledgement to bare fdatasync, p99', ackP99 / bareP99, 'times'),
  figure('load average of the machine meanwhile', load, ''),
  ...crashed,
];
report('durability', figures, { seed: [SEED] });
await rm(root, { recursive: true });
