import { jest } from '@jest/globals';
import type { Result } from '@rostrum/contracts/errors';
import { CommandError } from '@rostrum/room-client/command';
import type { RoomClient } from '@rostrum/room-client/room';
import { endsSession } from './errors.ts';
import { watchIce } from './session.ts';

/** What the stage client does not give up for. */
beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

const roomThat = (
  answers: Result<unknown>[],
): { room: Pick<RoomClient, 'command' | 'getState'>; asked: string[] } => {
  const asked: string[] = [];
  const command = async (name: string) => {
    asked.push(name);
    return answers.shift() ?? { ok: true, value: { iceParameters: {} } };
  };
  return { room: { command, getState: () => ({ connection: 'connected' }) } as unknown as RoomClient, asked };
};
test('a command given up for coming too soon ends the session, which is joined again with a pause', () => {
  expect(endsSession(new CommandError('rate-limited', 'media:leave: slow down'))).toBe(true);
  expect(endsSession(new CommandError('media-unsupported', 'no codec'))).toBe(false);
});

class FakeTransport {
  readonly id = 'transport1';
  closed = false;
  restarts = 0;
  #listener: (state: string) => void = () => undefined;
  on(_event: string, listener: (state: string) => void): void {
    this.#listener = listener;
  }
  become(state: string): void {
    this.#listener(state);
  }
  async restartIce(): Promise<void> {
    this.restarts += 1;
  }
}

test('a connection that never stands is restarted, and then lost, so that another takes its place', async () => {
  const transport = new FakeTransport();
  const { room } = roomThat([]);
  let lost = 0;
  const unwatch = watchIce(transport as unknown as Parameters<typeof watchIce>[0], room, () => {
    lost += 1;
  });
  transport.become('connecting');
  await jest.advanceTimersByTimeAsync(14_000);
  expect([transport.restarts, lost]).toEqual([0, 0]);
  await jest.advanceTimersByTimeAsync(2000);
  expect([transport.restarts, lost]).toEqual([1, 0]);
  await jest.advanceTimersByTimeAsync(7000);
  expect(lost).toBe(1);
  unwatch();
});

test('a connection that stands in time is left alone', async () => {
  const transport = new FakeTransport();
  const { room } = roomThat([]);
  let lost = 0;
  const unwatch = watchIce(transport as unknown as Parameters<typeof watchIce>[0], room, () => {
    lost += 1;
  });
  transport.become('connecting');
  await jest.advanceTimersByTimeAsync(9000);
  transport.become('connected');
  await jest.advanceTimersByTimeAsync(60_000);
  expect([transport.restarts, lost]).toEqual([0, 0]);
  unwatch();
});
