import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { HeadlessCast, HeadlessLink } from '../lib/show.ts';
import type { LiveClockOptions } from './live-clock.ts';
import type { Notice, Order } from './sender-messages.ts';

/** Panelists with live clocks, sent by one process of their own. */
export interface Senders {
  /** Somebody for a show's cast. */
  clock(name: string, options: Omit<LiveClockOptions, 'pacer'>): HeadlessCast;
  /** Ends the process. Idempotent. */
  close(): Promise<void>;
}

/**
 * @param warn is told what the senders lack, and when one of them is gone for good
 * @param env beside this process's own, for the certificates they trust, say
 */
export async function startSenders(
  warn: (line: string) => void,
  env: Readonly<Record<string, string>> = {},
): Promise<Senders> {
  const child = fork(fileURLToPath(new URL('./sender-process.ts', import.meta.url)), {
    // A session of its own, for a weight of its own.
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    execArgv: [],
    env: { ...process.env, ...env },
  });
  const exited = once(child, 'exit');
  await once(child, 'spawn');
  const listeners = new Set<(notice: Notice) => void>();
  child.on('message', (notice: Notice) => {
    if (notice.told === 'warning') warn(notice.line);
    else for (const listener of listeners) listener(notice);
  });
  let closed = false;
  let ids = 0;
  child.on('exit', (code, signal) => {
    if (!closed) warn(`the senders' process ended: ${signal ?? code}`);
  });
  const order = (message: Order): void => {
    if (child.connected) child.send(message);
  };

  const join = async (name: string, link: HeadlessLink, clock: Omit<LiveClockOptions, 'pacer'>) => {
    const id = ids++;
    const { promise: joined, resolve, reject } = Promise.withResolvers<void>();
    const { promise: left, resolve: gone } = Promise.withResolvers<void>();
    const listener = (notice: Notice): void => {
      if (notice.told === 'warning' || notice.id !== id) return;
      if (notice.told === 'joined') resolve();
      else if (notice.told === 'left') gone();
      else if (notice.told === 'progress') link.progress(notice.line);
      else {
        reject(new Error(`${name}: ${notice.why}`));
        warn(`${name} is off the stage: ${notice.why}`);
      }
    };
    const close = async (): Promise<void> => {
      order({ do: 'leave', id });
      await Promise.race([left, exited]);
      listeners.delete(listener);
    };
    listeners.add(listener);
    link.signal.addEventListener('abort', () => reject(link.signal.reason));
    void exited.then(() => reject(new Error("the senders' process ended")));
    order({ do: 'join', id, coordinatorUrl: link.coordinatorUrl, token: link.token, clock });
    try {
      await joined;
    } catch (error) {
      await close();
      throw error;
    }
    return { close };
  };

  return {
    clock: (name, options) => ({ kind: 'headless', name, join: (link) => join(name, link, options) }),
    async close() {
      closed = true;
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}
