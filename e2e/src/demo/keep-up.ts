import type { DemoShow, Links } from './show.ts';
import { reasonOf, type Teller } from './trouble.ts';

export interface KeepUpParts {
  readonly look: DemoShow['look'];
  /** Called once. */
  readonly onLive: (links: Links) => void;
  readonly teller: Teller;
  readonly signal: AbortSignal;
  /** Rejects when `signal` says so. */
  readonly delay: (ms: number, signal: AbortSignal) => Promise<unknown>;
  /** 0..1 */
  readonly random: () => number;
}

const PREPARING_MS = 300;
const LIVE_MS = 2000;
const RETRY = { firstMs: 1000, maxMs: 15_000 } as const;

/**
 * Looks after the show until it is over or `signal` says so: at short intervals until it is live, now and then afterwards, and
 * again and again, with growing pauses, while something is wrong. Never rejects.
 */
export async function keepUp({ look, onLive, teller, signal, delay, random }: KeepUpParts): Promise<void> {
  let failures = 0;
  let announced = false;
  while (!signal.aborted) {
    let waitMs: number;
    try {
      const { phase, links } = await look();
      if (signal.aborted) return;
      failures = 0;
      teller.well('show', 'the demo goes on');
      if (links && !announced) {
        announced = true;
        onLive(links);
      }
      if (phase === 'over') {
        teller.info("the demo's webinar was ended; ./rostrum up --demo begins a new one");
        return;
      }
      waitMs = phase === 'live' ? LIVE_MS : PREPARING_MS;
    } catch (error) {
      if (signal.aborted) return;
      const ceilingMs = Math.min(RETRY.maxMs, RETRY.firstMs * 2 ** failures);
      failures = Math.min(failures + 1, 10);
      waitMs = ceilingMs * (0.5 + 0.5 * random());
      teller.trouble('show', `the demo cannot go on: ${reasonOf(error)}`, waitMs);
    }
    await delay(waitMs, signal).catch(() => undefined);
  }
}
