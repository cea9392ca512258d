import type { ErrorCode } from '@rostrum/contracts/errors';
import type { RoomClient } from '@rostrum/room-client/room';
import { createRestarts } from './restarts.ts';

const NEW = { iceParameters: { usernameFragment: 'new' }, iceServers: [{ urls: 'turn:t' }] };

/** A room that writes down what it is asked, and answers with ICE parameters or a failure. */
function house() {
  const listeners = new Set<() => void>();
  let connection = 'connected';
  let failure: ErrorCode | null = null;
  const seen: string[] = [];
  const room = {
    getState: () => ({ connection }),
    subscribe(listener: () => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async command(name: string) {
      seen.push(name);
      return failure === null
        ? { ok: true, value: NEW }
        : { ok: false, error: { code: failure, message: '' } };
    },
    redial() {
      seen.push('redial');
      become('reconnecting');
    },
  };
  const become = (next: string): void => {
    connection = next;
    for (const listener of listeners) listener();
  };
  return {
    restarts: createRestarts(room as unknown as RoomClient),
    seen,
    become,
    fails(code: ErrorCode | null) {
      failure = code;
    },
  };
}

test('over a new connection nothing is asked until the session is resumed, since it would be refused', async () => {
  const { restarts, seen, become } = house();
  expect(await restarts.ask('t')).toEqual(NEW);
  become('reconnecting');
  become('connected');
  expect([await restarts.ask('t'), seen]).toEqual([null, ['media:restartIce']]);
  restarts.resumed();
  expect(await restarts.ask('t')).toEqual(NEW);
});

test('a socket on which nobody answers is dialled anew, once', async () => {
  const { restarts, seen, fails } = house();
  fails('unavailable');
  expect(await Promise.all([restarts.ask('send'), restarts.ask('recv')])).toEqual([null, null]);
  expect(seen).toEqual(['media:restartIce', 'media:restartIce', 'redial']);
  expect(await restarts.ask('send')).toBe(null);
  expect(seen).toHaveLength(3);
});

test('too soon is asked again later, and any other refusal ends it', async () => {
  const { restarts, fails } = house();
  fails('rate-limited');
  expect(await restarts.ask('t')).toBe(null);
  fails('not-on-stage');
  await expect(restarts.ask('t')).rejects.toMatchObject({ code: 'not-on-stage' });
});
