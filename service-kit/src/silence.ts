import type { ClientRequest } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { askService } from './ask.ts';
import { judgeSilence, type Life, readLife, spentBetween } from './life.ts';

export interface SilenceLimits {
  /** Between an answer and the next question. */
  readonly everyMs: number;
  /** How long an answer may take. */
  readonly withinMs: number;
  /** So many questions in a row without an answer are a silence: one may fall into a moment of a busy machine. */
  readonly misses: number;
  /** In so much processor time of its own it could have answered. */
  readonly enoughMs: number;
}

export interface SilenceWatch {
  readonly limits: SilenceLimits;
  /** Whose turns are looked at: of one that is kept from running, a silence means nothing. */
  readonly pids: () => readonly number[];
  /** It hangs. Called once, and nothing after it. */
  readonly onSilence: () => void;
  /** It is silent, but has not had the time to answer. Called once until it answers again. */
  readonly onLate?: (forMs: number) => void;
  /** It answers again after `onLate`. */
  readonly onBack?: (afterMs: number) => void;
}

/**
 * Asks a service whether it is there, over and over. Any answer will do, a refusal too, and one that comes late: those who
 * refuse do not hang, and those who are gone are seen by their exit. Returns what ends it.
 */
export function watchForSilence(
  url: string,
  { limits, pids, onSilence, onLate, onBack }: SilenceWatch,
): () => void {
  const { everyMs, withinMs, misses, enoughMs } = limits;
  let over = false;
  let timer: NodeJS.Timeout;
  /** The silence as it stands: what was asked and not answered, and how they did when it began. */
  const open: ClientRequest[] = [];
  let begin: { atMs: number; lives: Map<number, Life> } | undefined;
  let missed = 0;
  let late = false;

  const answered = (): void => {
    if (over || !begin) return;
    if (late) onBack?.(performance.now() - begin.atMs);
    hangUp();
    missed = 0;
    late = false;
    begin = undefined;
    askLater();
  };
  const hangUp = (): void => {
    clearTimeout(timer);
    for (const request of open.splice(0)) request.destroy();
  };
  const askLater = (): void => {
    timer = setTimeout(ask, everyMs);
  };
  const ask = (): void => {
    begin ??= { atMs: performance.now(), lives: livesOf(pids()) };
    // Each has an answer of its own, and the first that gets one speaks for all: those who hang up are not listened to.
    const request = askService(url);
    open.push(request);
    const heard = (): void => {
      if (open.includes(request)) answered();
    };
    request.on('error', heard).on('response', (response) => {
      response.resume();
      heard();
    });
    wait();
  };
  const wait = (): void => {
    const dueMs = performance.now() + withinMs;
    const silence = begin;
    timer = setTimeout(async () => {
      // What has come meanwhile is read before it is called missing.
      await setImmediate();
      if (over || begin !== silence) return;
      // We were late ourselves: who knows whether we have asked.
      if (performance.now() > dueMs + withinMs / 2) wait();
      else miss();
    }, withinMs);
  };
  const miss = (): void => {
    missed += 1;
    const since = begin;
    if (missed < misses || !since) {
      askLater();
      return;
    }
    if (hangs(since.lives, enoughMs)) {
      over = true;
      hangUp();
      onSilence();
      return;
    }
    if (!late) onLate?.(performance.now() - since.atMs);
    late = true;
    // One question is enough to hear that it is back.
    if (open.length < 2 * misses) askLater();
    else wait();
  };
  askLater();
  return () => {
    over = true;
    hangUp();
  };
}

/** What is said of one that is late, after its name. */
export const lateWords = (forMs: number): string =>
  `has not answered for ${Math.round(forMs / 1000)} s: it waits for a processor or a disk, and a new one would too`;

function livesOf(pids: readonly number[]): Map<number, Life> {
  const lives = new Map<number, Life>();
  for (const pid of pids) {
    const life = readLife(pid);
    if (life) lives.set(pid, life);
  }
  return lives;
}

/** Where the kernel tells nothing, a silence is all there is to go by. */
function hangs(before: ReadonlyMap<number, Life>, enoughMs: number): boolean {
  return ![...before].some(([pid, life]) => {
    const now = readLife(pid);
    return now !== null && judgeSilence(spentBetween(life, now), enoughMs) === 'late';
  });
}
