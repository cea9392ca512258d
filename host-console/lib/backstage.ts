import type { BackstageMessage, WebinarView } from '@rostrum/contracts';
import { BACKSTAGE_AFTER_END_MS } from '@rostrum/contracts/backstage-limits';
import { keepIn } from '@rostrum/room-client/keep';
import { useEffect, useState } from 'react';
import { useNow } from './use-now.ts';

/** For this tab, over a reload: what one had written and not sent, and what one has read. */
const kept = keepIn(() => sessionStorage);

export const newMessageId = (): string => crypto.randomUUID();

/** A text that is being written. It outlives a lost connection, a closed panel and a reload of the page. */
export function useKeptText(key: string): readonly [string, (text: string) => void] {
  const [text, setText] = useState(() => kept.read(key) ?? '');
  const set = (next: string): void => {
    setText(next);
    kept.write(key, next === '' ? null : next);
  };
  return [text, set];
}

/** What others said since then. */
export const saidSince = (
  messages: readonly BackstageMessage[],
  selfId: string,
  sinceUnixMs: number,
): BackstageMessage[] =>
  messages.filter(({ personId, saidUnixMs }) => personId !== selfId && saidUnixMs > sinceUnixMs);

/** How many messages of others one has not read: with the chat open, none. */
export function useUnread({ webinarId, self, backstage }: WebinarView, open: boolean): number {
  const key = `backstage.read.${webinarId}`;
  const [readUnixMs, setRead] = useState(() => Number(kept.read(key) ?? 0));
  const messages = backstage?.messages ?? [];
  const newestUnixMs = messages.at(-1)?.saidUnixMs ?? 0;
  useEffect(() => {
    if (!open || newestUnixMs <= readUnixMs) return;
    setRead(newestUnixMs);
    kept.write(key, String(newestUnixMs));
  }, [open, key, newestUnixMs, readUnixMs]);
  return open ? 0 : saidSince(messages, self.personId, readUnixMs).length;
}

/** Until when crew and panelists stay together, Unix ms; null: the webinar has not ended. */
export const staysUntilUnixMs = ({ phase }: Pick<WebinarView, 'phase'>): number | null =>
  phase.phase === 'ended' ? phase.endedUnixMs + BACKSTAGE_AFTER_END_MS : null;

/** Whether they may be together now. The coordinator decides by the same rule. */
export function useBackstageOpen(view: WebinarView | null, serverOffsetMs: number): boolean {
  const nowUnixMs = useNow(2000, serverOffsetMs);
  if (!view) return false;
  const untilUnixMs = staysUntilUnixMs(view);
  return untilUnixMs === null || (view.backstage?.closed === false && nowUnixMs < untilUnixMs);
}

/** The list with the one at `from` put at `to`. */
export function reordered<T>(list: readonly T[], from: number, to: number): T[] {
  const [one] = list.slice(from, from + 1);
  if (one === undefined || to < 0 || to >= list.length) return [...list];
  return list.toSpliced(from, 1).toSpliced(to, 0, one);
}
