import type { BackstageMessage, WebinarView } from '@rostrum/contracts';
import { keepIn } from '@rostrum/room-client/keep';
import { useEffect, useState } from 'react';

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
