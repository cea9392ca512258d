/** When a message is sent again, and when an address is given up. Pure. */
import type { WebhookRow } from '../store/index.ts';
import type { Outcome } from './delivery.ts';

const S = 1000;
const MIN = 60 * S;
const HOUR = 60 * MIN;
export const DAY_MS = 24 * HOUR;

/** After each failure; together a day, within which whoever has a fault mends it. */
const DELAYS_MS = [
  5 * S,
  30 * S,
  2 * MIN,
  10 * MIN,
  30 * MIN,
  2 * HOUR,
  5 * HOUR,
  7 * HOUR,
  9 * HOUR,
] as const;
/** Up to so much of a delay more or less, so that what failed together does not come back together. */
const JITTER = 0.2;
/** An address to which nothing arrived for so long is turned off. */
export const GIVE_UP_MS = 5 * DAY_MS;

export type Next =
  | { readonly state: 'delivered' | 'failed' }
  | { readonly state: 'waiting'; readonly nextUnixMs: number };

/** @param attempts that were made, with this one */
export function nextOf(outcome: Outcome, attempts: number, nowUnixMs: number, random: () => number): Next {
  if (outcome.kind === 'delivered') return { state: 'delivered' };
  const delayMs = DELAYS_MS[attempts - 1];
  if (delayMs === undefined) return { state: 'failed' };
  const jittered = delayMs * (1 - JITTER + 2 * JITTER * random());
  const askedMs = outcome.kind === 'refused' ? (outcome.retryAfterMs ?? 0) : 0;
  return {
    state: 'waiting',
    nextUnixMs: nowUnixMs + Math.round(Math.max(jittered, Math.min(askedMs, DAY_MS))),
  };
}

/** What an attempt says of its address. The same row: nothing new. */
export function webhookAfter(row: WebhookRow, outcome: Outcome, nowUnixMs: number): WebhookRow {
  if (outcome.kind === 'delivered') {
    return row.failingSinceUnixMs === null ? row : { ...row, failingSinceUnixMs: null };
  }
  const failingSinceUnixMs = row.failingSinceUnixMs ?? nowUnixMs;
  if (row.state !== 'enabled') return row;
  if (outcome.kind === 'refused' && outcome.status === 410)
    return { ...row, state: 'gone', failingSinceUnixMs };
  if (nowUnixMs - failingSinceUnixMs >= GIVE_UP_MS) return { ...row, state: 'failing', failingSinceUnixMs };
  return row.failingSinceUnixMs === null ? { ...row, failingSinceUnixMs } : row;
}

export const wordOf = (outcome: Outcome): string =>
  outcome.kind === 'unreached' ? outcome.reason : `HTTP ${outcome.status}`;
