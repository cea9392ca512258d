import { jest } from '@jest/globals';
import type { Result } from '@rostrum/contracts/errors';
import { ask, CommandError } from './command.ts';
import type { RoomClient } from './room.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

const roomThat = (answers: Result<unknown>[]): { room: Pick<RoomClient, 'command'>; asked: string[] } => {
  const asked: string[] = [];
  const command = async (name: string) => {
    asked.push(name);
    return answers.shift() ?? { ok: true, value: {} };
  };
  return { room: { command } as unknown as RoomClient, asked };
};
const tooSoon: Result<unknown> = { ok: false, error: { code: 'rate-limited', message: 'slow down' } };

test('a command that came too soon is asked again, and not held against what it was for', async () => {
  const { room, asked } = roomThat([tooSoon, tooSoon]);
  const answer = ask(room, 'media:leave', {});
  await jest.advanceTimersByTimeAsync(5000);
  await answer;
  expect(asked).toHaveLength(3);
});

test('one that comes too soon for ever is given up, by its code', async () => {
  const { room, asked } = roomThat(Array.from({ length: 9 }, () => tooSoon));
  const answer = ask(room, 'media:leave', {}).catch((error: unknown) => error);
  await jest.advanceTimersByTimeAsync(20_000);
  const error = await answer;
  expect(error).toBeInstanceOf(CommandError);
  expect([(error as CommandError).code, asked.length]).toEqual(['rate-limited', 5]);
});
