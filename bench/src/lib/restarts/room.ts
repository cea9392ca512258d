import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Api } from '@rostrum/e2e/api';
import type { Holes } from '@rostrum/e2e/panelist/arrivals';
import { monotonicMs } from '../monotonic.ts';
import type { FromRoom, ToRoom } from './room-messages.ts';

type First = Extract<FromRoom, { told: 'first' }>;

/** A webinar with two people on its stage, and what the one who listens hears. */
export class Room {
  readonly webinarId: string;
  readonly #child: ChildProcess;
  #firsts: First[] = [];
  #troubles: Extract<FromRoom, { told: 'trouble' }>[] = [];
  #look: () => void = () => undefined;
  readonly #exited: Promise<unknown>;

  private constructor(webinarId: string, child: ChildProcess) {
    this.webinarId = webinarId;
    this.#child = child;
    this.#exited = once(child, 'exit');
    child.on('message', (message: FromRoom) => {
      if (message.told === 'first') this.#firsts.push(message);
      else if (message.told === 'trouble') this.#troubles.push(message);
      this.#look();
    });
  }

  /** Resolves when sound and picture flow. */
  static async open(api: Api, title: string): Promise<Room> {
    const { webinarId } = await api.createWebinar({ title, profile: 'standard' });
    const [speaker, listener] = await Promise.all(
      ['Ada', 'Bo'].map((name) => api.createLink(webinarId, { role: 'panelist', name })),
    );
    const child = fork(
      fileURLToPath(new URL('./room-process.ts', import.meta.url)),
      [api.baseUrl, speaker?.token ?? '', listener?.token ?? ''],
      { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
    );
    const room = new Room(webinarId, child);
    await room.flowsAfter(0, 20_000);
    return room;
  }

  /** When sound and picture came of what was opened after `sinceMs`; rejects when they do not within so long. */
  async flowsAfter(sinceMs: number, withinMs: number): Promise<{ audioMs: number; videoMs: number }> {
    const first = (kind: First['kind']): First | undefined =>
      this.#firsts.find((f) => f.kind === kind && f.beganMs >= sinceMs);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#look = () => {
      if (first('audio') && first('video')) resolve();
    };
    this.#look();
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new Error(`${withinMs} ms without media`)), withinMs);
    const exited = this.#exited.then(() => Promise.reject(new Error('the room’s people are gone')));
    exited.catch(() => undefined);
    try {
      await Promise.race([promise, late.promise, exited]);
    } finally {
      clearTimeout(timer);
    }
    const [audio, video] = [first('audio'), first('video')];
    return { audioMs: audio?.atMs ?? Number.NaN, videoMs: video?.atMs ?? Number.NaN };
  }

  /** What troubled its people from then on, in words. */
  troublesAfter(sinceMs: number): string {
    return this.#troubles
      .filter(({ atMs }) => atMs >= sinceMs)
      .map(({ who, code, atMs }) => `${who} ${code} after ${(atMs - sinceMs).toFixed(0)} ms`)
      .join(', ');
  }

  /** Between two instants of `monotonicMs`. */
  async holes(fromMs: number, toMs: number): Promise<Holes> {
    const order: ToRoom = { ask: 'holes', fromMs, toMs };
    this.#child.send(order);
    for (;;) {
      const [message] = (await once(this.#child, 'message')) as [FromRoom];
      if (message.told === 'holes') return message;
    }
  }

  /** Forgets what is of no use any more. */
  forget(): void {
    const latest = Math.max(...this.#firsts.map(({ stay }) => stay));
    this.#firsts = this.#firsts.filter(({ stay }) => stay === latest);
    this.#troubles = [];
  }

  async close(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    await this.#exited;
  }
}

/** Resolves at an instant of `monotonicMs`. */
export const until = (atMs: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, Math.max(0, atMs - monotonicMs())));
