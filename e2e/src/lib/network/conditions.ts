/** What can be wrong with the line between somebody and the media node. */
export interface Condition {
  /** As it stands in results. */
  readonly name: string;
  /** Share of all packets that get lost, 0 to 1. */
  readonly loss?: number;
  /** What gets through, kbit/s; what is more waits for up to `QUEUE_MS`, then it is lost. */
  readonly kbits?: number;
  /** Added to each packet's way, ms, give or take up to `jitterMs`; with jitter packets overtake each other, unless they come in `bursts`. */
  readonly delayMs?: number;
  readonly jitterMs?: number;
  /** What comes within twice `jitterMs` leaves together, in order, as radio lets it. */
  readonly bursts?: boolean;
  /** The one way that all of it holds for: what they send, or what they are sent. Absent: both. */
  readonly only?: Way;
}

export type Way = 'up' | 'down';

/** As long as a router of a home lets packets wait. */
export const QUEUE_MS = 200;

export const CONDITIONS: readonly Condition[] = [
  { name: 'none' },
  { name: 'loss-1', loss: 0.01 },
  { name: 'loss-5', loss: 0.05 },
  { name: 'loss-10', loss: 0.1 },
  { name: 'loss-25', loss: 0.25 },
  { name: '300-kbit', kbits: 300 },
  { name: '1000-kbit', kbits: 1000 },
  { name: 'rtt-150', delayMs: 75 },
  { name: 'rtt-500', delayMs: 250 },
  { name: 'jitter-30', delayMs: 30, jitterMs: 30 },
  { name: 'bursts-60', delayMs: 30, jitterMs: 30, bursts: true },
];

export function conditionOf(name: string): Condition {
  const found = CONDITIONS.find((condition) => condition.name === name);
  if (!found) throw new Error(`no condition ${name}: there are ${CONDITIONS.map((c) => c.name).join(', ')}`);
  return found;
}
