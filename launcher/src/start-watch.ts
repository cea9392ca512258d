import { type Life, readLife, withChildren } from '@rostrum/service-kit/life';

export interface StartLimits {
  /** How often one that starts is looked at. */
  lookEveryMs: number;
  /** Without a sign of life for so long it hangs: no output, no processor time, and nothing that it waits for. */
  silentMs: number;
  /** With so much processor time of its own and still not ready it runs in circles. */
  enoughMs: number;
  /** When it is first said that a start is slow; from then on each time twice as much has passed. */
  slowMs: number;
}

/** What a start did since it was last looked at. */
export interface StartSign {
  readonly elapsedMs: number;
  readonly printed: boolean;
  /** Processor time of it and what it started, and how long any of their threads waited for some. */
  readonly ranMs: number;
  readonly waitedMs: number;
  /** Something in it waits for a disk. */
  readonly onDisk: boolean;
}

/** Whether that was life: slow is not dead. What only sleeps wakes for a moment now and then. */
export const isAlive = ({ elapsedMs, printed, ranMs, waitedMs, onDisk }: StartSign): boolean =>
  printed || onDisk || ranMs >= elapsedMs / 50 || waitedMs >= elapsedMs / 5;

export interface StartWatch {
  /** It printed something. */
  printed(): void;
  end(): void;
}

/**
 * Watches a process from its start until `end`. `onSlow` is called now and then with the time it takes; `onHung` once, with
 * what is wrong, after its name.
 */
export function watchStart(
  pid: number,
  limits: StartLimits,
  { onSlow, onHung }: { onSlow: (forMs: number) => void; onHung: (how: string) => void },
): StartWatch {
  const startMs = performance.now();
  let aliveMs = startMs;
  let sayAtMs = limits.slowMs;
  let hasPrinted = false;
  let lookedMs = startMs;
  let lives = familyOf(pid);
  const timer = setInterval(() => {
    const nowMs = performance.now();
    const now = familyOf(pid);
    const sign = signOf(lives, now, nowMs - lookedMs, hasPrinted);
    // Where the kernel tells nothing, the time alone is no ground to end it.
    if (now.size === 0 || isAlive(sign)) aliveMs = nowMs;
    hasPrinted = false;
    lookedMs = nowMs;
    lives = now;
    const ranMs = now.get(pid)?.leader.ranMs ?? 0;
    if (nowMs - aliveMs >= limits.silentMs) {
      clearInterval(timer);
      onHung(`showed no sign of life for ${limits.silentMs / 1000} s`);
    } else if (ranMs >= limits.enoughMs) {
      clearInterval(timer);
      onHung(`was not ready after ${Math.round(ranMs / 1000)} s of processor time`);
    } else if (nowMs - startMs >= sayAtMs) {
      onSlow(nowMs - startMs);
      sayAtMs = 2 * (nowMs - startMs);
    }
  }, limits.lookEveryMs);
  return {
    printed() {
      hasPrinted = true;
    },
    end: () => clearInterval(timer),
  };
}

function familyOf(pid: number): Map<number, Life> {
  const lives = new Map<number, Life>();
  for (const member of withChildren(pid)) {
    const life = readLife(member);
    if (life) lives.set(member, life);
  }
  return lives;
}

function signOf(
  before: ReadonlyMap<number, Life>,
  now: ReadonlyMap<number, Life>,
  elapsedMs: number,
  printed: boolean,
): StartSign {
  let ranMs = 0;
  let waitedMs = 0;
  for (const [member, life] of now) {
    for (const [id, thread] of life.threads) {
      const then = before.get(member)?.threads.get(id);
      ranMs += thread.ranMs - (then?.ranMs ?? 0);
      waitedMs = Math.max(waitedMs, thread.waitedMs - (then?.waitedMs ?? 0));
    }
  }
  const onDisk = [...now.values()].some(({ state }) => state === 'D');
  return { elapsedMs, printed, ranMs, waitedMs, onDisk };
}
