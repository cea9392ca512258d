import { jest } from '@jest/globals';
import type { RoomClient } from '@rostrum/room-client/room';
import { createPreparation } from './preparation.ts';

/** What happens where nothing can be prepared. With a browser and an SFU: `src/prepare.media.ts`. */
beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

function refusing() {
  const asked: number[] = [];
  const commands: string[] = [];
  const listeners = new Set<() => void>();
  const state = { connection: 'connected' };
  const room = {
    getState: () => state,
    subscribe: (listener: () => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    on: () => () => undefined,
    command: async (name: string) => {
      commands.push(name);
      if (name !== 'media:prepare') return { ok: true, value: null };
      asked.push(performance.now());
      return { ok: false, error: { code: 'conflict', message: 'on stage already' } };
    },
  } as unknown as RoomClient;
  const become = (connection: string): void => {
    state.connection = connection;
    for (const listener of listeners) listener();
  };
  return { room, asked, commands, become };
}

test('who was refused is tried again three times, and then with the next sign of somebody', async () => {
  const { room, asked } = refusing();
  const preparation = createPreparation(room);
  const startMs = performance.now();
  preparation.start();
  await jest.advanceTimersByTimeAsync(1000);
  preparation.start();
  await jest.advanceTimersByTimeAsync(60_000);
  expect(asked.map((atMs) => atMs - startMs)).toEqual([0, 2500, 5000, 7500]);
  preparation.start();
  await jest.advanceTimersByTimeAsync(1);
  expect(asked).toHaveLength(5);
  preparation.close();
});

test('who joins, or was cut off, is not prepared any more', async () => {
  for (const act of ['join', 'cut'] as const) {
    const { room, asked, become } = refusing();
    const preparation = createPreparation(room);
    preparation.start();
    if (act === 'join') expect(await preparation.take()).toBe(null);
    else become('reconnecting');
    await jest.advanceTimersByTimeAsync(60_000);
    expect(asked).toHaveLength(1);
    preparation.close();
  }
});

test('whoever goes without joining gives their place back, and nobody else does', async () => {
  const { room, commands } = refusing();
  const gone = createPreparation(room);
  gone.start();
  gone.close();
  expect(commands).toEqual(['media:prepare', 'media:leave']);
  const joined = createPreparation(room);
  joined.start();
  await joined.take();
  joined.close();
  expect(commands).toEqual(['media:prepare', 'media:leave', 'media:prepare']);
});
