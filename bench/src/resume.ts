/**
 * How long the start of a webinar with a million events takes. They are 700,000 votes of 8,000 people on 200 questions, and
 * hands, scenes and people; then come the most events that a start can find after a snapshot. Each start is a process of its
 * own that opens the SQLite database and loads the webinar, and counts what it reads. ROSTRUM_BENCH_EVENTS (default 1000000),
 * ROSTRUM_BENCH_ROUNDS starts (default 10).
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { emptyScene, type WebinarEvent } from '@rostrum/contracts';
import { systemClock } from '@rostrum/host-console/ports';
import { openStore, type Store } from '@rostrum/host-console/store';
import { TAIL_EVENTS, WebinarActor } from '@rostrum/host-console/webinars/actor';
import { SNAPSHOT_POLICY, type SnapshotPolicy } from '@rostrum/host-console/webinars/snapshots';
import { pino } from 'pino';
import { figure as figureOf, progress, quantile, report } from './lib/result.ts';

const EVENTS = Number(process.env.ROSTRUM_BENCH_EVENTS ?? 1_000_000);
const ROUNDS = Number(process.env.ROSTRUM_BENCH_ROUNDS ?? 10);
const WEBINAR = 'webinar-1';
const figure = figureOf('');
const QUESTIONS = 200;
const VOTERS = 8000;
const APPEND_AT_ONCE = 5000;
const logger = pino({ level: 'warn' }, pino.destination(2));
const NO_SNAPSHOTS: SnapshotPolicy = { everyEvents: Number.POSITIVE_INFINITY, logKeepMs: 0 };

/** What is told of one start. */
interface Start {
  /** From before the database was opened. */
  readonly tookMs: number;
  /** Of the processors, on all threads: what it takes however much else runs. */
  readonly processorMs: number;
  readonly seq: number;
  readonly votes: number;
  readonly eventsRead: number;
  /** How far clients may come back. */
  readonly tail: number;
  readonly heapMiB: number;
}

/** As long as those of real people are. */
const personId = (n: number): string => `person-of-the-audience-${n}`;

function eventAt(seq: number): WebinarEvent {
  const question = `question-${seq % QUESTIONS}`;
  if (seq <= 1 + QUESTIONS) {
    const asked = { questionId: `question-${seq % QUESTIONS}`, personId: personId(seq) };
    return {
      type: 'question.asked',
      ...asked,
      name: 'Ada',
      text: 'Why is it as it is, and not another way?',
    };
  }
  switch (seq % 10) {
    case 0:
      return { type: 'scene.changed', scene: emptyScene(`Scene ${seq}`) };
    case 1:
      // One voter after the other, each for all questions.
      return { type: 'hand.raised', personId: personId(seq % 500), name: 'Ben' };
    case 2:
      return { type: 'hand.lowered', personId: personId((seq - 1) % 500) };
    default:
      return {
        type: 'question.upvoted',
        questionId: question,
        personId: personId(Math.floor(seq / QUESTIONS) % VOTERS),
      };
  }
}

const load = async (store: Store, snapshots: SnapshotPolicy): Promise<WebinarActor> => {
  const events = { committed: () => undefined, fenced: () => undefined };
  const options = { webinarId: WEBINAR, store, clock: systemClock, logger, events, snapshots };
  const actor = await WebinarActor.load(options);
  if (!actor) throw new Error('there is no such webinar');
  return actor;
};

async function append(store: Store, from: number, to: number): Promise<void> {
  const claim = await store.events.claim(WEBINAR);
  if (!claim) throw new Error('there is no such webinar');
  for (let seq = from; seq <= to; seq += APPEND_AT_ONCE) {
    const events = Array.from({ length: Math.min(APPEND_AT_ONCE, to - seq + 1) }, (_, i) => ({
      atUnixMs: 1_800_000_000_000 + seq + i,
      event: eventAt(seq + i),
    }));
    await store.events.append({ webinarId: WEBINAR, epoch: claim.epoch, expectedSeq: seq - 1, events });
  }
}

/** In a process of its own. */
async function startOnce(dataDir: string): Promise<void> {
  const startMs = performance.now();
  const used = process.cpuUsage();
  const store = await openStore({ dataDir, databaseUrl: null }, logger);
  const read = store.events.read.bind(store.events);
  let eventsRead = 0;
  store.events.read = async (...asked) => {
    const events = await read(...asked);
    eventsRead += events.length;
    return events;
  };
  const actor = await load(store, NO_SNAPSHOTS);
  const tookMs = performance.now() - startMs;
  const { user, system } = process.cpuUsage(used);
  const processorMs = (user + system) / 1000;
  const { seq, questions } = actor.state;
  const votes = [...questions.values()].reduce((sum, q) => sum + q.voters.size, 0);
  const tail = actor.eventsAfter(seq - TAIL_EVENTS)?.length ?? 0;
  const heapMiB = process.memoryUsage().heapUsed / 2 ** 20;
  const start: Start = { tookMs, processorMs, seq, votes, eventsRead, tail, heapMiB };
  process.stdout.write(JSON.stringify(start));
  await store.close();
}

async function started(dataDir: string): Promise<Start> {
  const args = ['--disable-warning=ExperimentalWarning', fileURLToPath(import.meta.url), 'start', dataDir];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  await once(child, 'close');
  return JSON.parse(output) as Start;
}

async function measure(): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'rostrum-resume-'));
  let store = await openStore({ dataDir, databaseUrl: null }, logger);
  const created = { type: 'webinar.created', title: 'T', startsAtUnixMs: null, profile: 'standard' } as const;
  await store.events.create(WEBINAR, { atUnixMs: 1, event: created });
  // The last ones come after the snapshot: one fewer than would make the next.
  const snapshotAt = EVENTS - SNAPSHOT_POLICY.everyEvents + 1;
  await append(store, 2, snapshotAt);
  await store.close();
  progress(`${snapshotAt} events appended`);
  const whole = await started(dataDir);
  progress(`without a snapshot: ${whole.tookMs.toFixed(0)} ms`);

  store = await openStore({ dataDir, databaseUrl: null }, logger);
  const plain = await load(store, NO_SNAPSHOTS);
  const expected = plain.state;
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const writeStartMs = performance.now();
  // A start that finds so many events writes the snapshot that was missing.
  const actor = await load(store, SNAPSHOT_POLICY);
  const loadedMs = performance.now() - writeStartMs;
  delay.reset();
  while (!actor.idle) await sleep(5);
  const writtenMs = performance.now() - writeStartMs - loadedMs;
  const longestMs = delay.max / 1e6;
  const [head] = await store.snapshots.heads(WEBINAR);
  let bytes = 0;
  if (head) for await (const part of store.snapshots.read(head)) bytes += part.length;
  await append(store, snapshotAt + 1, EVENTS);
  await store.close();

  const starts: Start[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const start = await started(dataDir);
    starts.push(start);
    progress(`start ${round + 1}: ${start.tookMs.toFixed(0)} ms, ${start.eventsRead} events read`);
  }
  await rm(dataDir, { recursive: true });
  tell(whole, starts, { bytes, writtenMs, longestMs, seq: expected.seq });
}

function tell(
  whole: Start,
  starts: readonly Start[],
  snapshot: { bytes: number; writtenMs: number; longestMs: number; seq: number },
): void {
  const took = starts.map(({ tookMs }) => tookMs);
  const last = starts.at(-1) ?? whole;
  const worst = Math.max(...took);
  const most = SNAPSHOT_POLICY.everyEvents + TAIL_EVENTS;
  report(
    'resume',
    [
      figure('events in the log', last.seq, ''),
      figure('votes that count', last.votes, ''),
      figure(
        `start, p50 of ${starts.length}`,
        quantile(took, 0.5),
        'ms',
        '<= 1000 ms',
        quantile(took, 0.5) <= 1000,
      ),
      figure('start, worst', worst, 'ms', '<= 1000 ms', worst <= 1000),
      figure(
        'its processor time, p50',
        quantile(
          starts.map((s) => s.processorMs),
          0.5,
        ),
        'ms',
      ),
      figure('events read by it', last.eventsRead, '', `<= ${most}`, last.eventsRead <= most),
      figure(
        'events kept for clients that come back',
        last.tail,
        '',
        `${TAIL_EVENTS}`,
        last.tail === TAIL_EVENTS,
      ),
      figure('memory after it', last.heapMiB, 'MiB'),
      figure('start without a snapshot', whole.tookMs, 'ms'),
      figure('without to with a snapshot', whole.tookMs / quantile(took, 0.5), 'times'),
      figure('snapshot', snapshot.bytes / 2 ** 20, 'MiB'),
      figure('written in', snapshot.writtenMs, 'ms'),
      figure('load average of the machine', loadavg()[0] ?? Number.NaN, ''),
      figure('longest turn of the event loop meanwhile', snapshot.longestMs, 'ms'),
    ],
    { startMs: took },
  );
}

if (process.argv[2] === 'start') await startOnce(process.argv[3] ?? '');
else await measure();
