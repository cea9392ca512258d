import { jest } from '@jest/globals';
import { CommandError } from '@rostrum/room-client/command';
import type { types } from 'mediasoup-client';
import { endsSession } from './errors.ts';
import { keepConnected } from './ice.ts';
import { ICE } from './ice-machine.ts';

/** What the stage client does not give up for. */
const ICE_SERVERS = [{ urls: 'turn:t', username: 'later', credential: 'c' }];
beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

test('a command given up for coming too soon ends the session, which is joined again with a pause', () => {
  expect(endsSession(new CommandError('rate-limited', 'media:leave: slow down'))).toBe(true);
  expect(endsSession(new CommandError('media-unsupported', 'no codec'))).toBe(false);
});

/** A transport that is told its state, and a coordinator that answers as told: its word, nothing, or a refusal. */
function connection(connectionState = 'new') {
  let listener: (state: string) => void = () => undefined;
  const seen = { asked: 0, restarts: 0, lost: 0 };
  /** The servers that each restart went with. */
  const restartedWith: unknown[] = [];
  let servers: unknown = null;
  let answer: 'yes' | 'nothing' | 'no' = 'yes';
  const transport = {
    closed: false,
    connectionState,
    on(_event: string, heard: (state: string) => void) {
      listener = heard;
    },
    async updateIceServers({ iceServers }: { iceServers: unknown }) {
      servers = iceServers;
    },
    async restartIce() {
      seen.restarts += 1;
      restartedWith.push(servers);
    },
  };
  const keeper = keepConnected(
    transport as unknown as types.Transport,
    async () => {
      seen.asked += 1;
      if (answer === 'no') throw new CommandError('not-on-stage', 'who are you?');
      return answer === 'yes' ? { iceParameters: {} as types.IceParameters, iceServers: ICE_SERVERS } : null;
    },
    () => {
      seen.lost += 1;
    },
  );
  return {
    seen,
    restartedWith,
    keeper,
    answers(next: typeof answer) {
      answer = next;
    },
    become(state: string) {
      transport.connectionState = state;
      listener(state);
    },
    after: (ms: number) => jest.advanceTimersByTimeAsync(ms),
  };
}
const ALL_TRIES_MS = ICE.triesMs.reduce((sum, ms) => sum + ms, 0);

describe('a connection', () => {
  test('that never stands is restarted, as often as there are tries, and then lost, so that another takes its place', async () => {
    const it = connection();
    it.become('connecting');
    await it.after(ICE.connectMs - 1);
    expect(it.seen).toEqual({ asked: 0, restarts: 0, lost: 0 });
    await it.after(1);
    expect(it.seen).toEqual({ asked: 1, restarts: 1, lost: 0 });
    expect(it.restartedWith).toEqual([ICE_SERVERS]);
    await it.after(ALL_TRIES_MS - 1);
    expect(it.seen).toEqual({ asked: 5, restarts: 5, lost: 0 });
    await it.after(1);
    expect(it.seen.lost).toBe(1);
    it.become('failed');
    await it.after(60_000);
    expect(it.seen).toEqual({ asked: 5, restarts: 5, lost: 1 });
  });

  test('that stands in time is left alone, and one that wobbles for a moment too', async () => {
    const it = connection();
    it.become('connecting');
    await it.after(9000);
    it.become('connected');
    await it.after(60_000);
    it.become('disconnected');
    await it.after(ICE.graceMs - 1);
    it.become('connected');
    await it.after(60_000);
    expect(it.seen).toEqual({ asked: 0, restarts: 0, lost: 0 });
  });

  test('that breaks is restarted at once, again while that is no use, and each breach has all its tries', async () => {
    const it = connection();
    it.become('connected');
    for (const breach of [1, 2]) {
      it.become('disconnected');
      await it.after(ICE.graceMs);
      expect(it.seen.restarts).toBe(3 * (breach - 1) + 1);
      await it.after(ICE.triesMs[0]);
      it.become('failed');
      await it.after(0);
      expect(it.seen.restarts).toBe(3 * breach);
      it.become('connected');
      await it.after(60_000);
    }
    expect(it.seen).toEqual({ asked: 6, restarts: 6, lost: 0 });
  });

  test('that is silent is restarted without waiting for the browser to notice, once while that goes on', async () => {
    const it = connection();
    it.keeper.silent();
    it.become('connected');
    expect([it.seen.asked, it.keeper.steady()]).toEqual([0, true]);
    it.keeper.silent();
    it.keeper.silent();
    await it.after(0);
    it.keeper.silent();
    await it.after(0);
    expect([it.seen.restarts, it.keeper.steady()]).toEqual([1, false]);
    it.become('connected');
    expect(it.keeper.steady()).toBe(true);
  });

  test('that was on its way before anybody watched it is given no longer', async () => {
    const it = connection('connecting');
    await it.after(ICE.connectMs);
    expect(it.seen).toEqual({ asked: 1, restarts: 1, lost: 0 });
    it.keeper.stop();
  });

  test('that stood before anybody watched it is mended too', async () => {
    const it = connection('connected');
    it.become('disconnected');
    await it.after(ICE.graceMs);
    expect(it.seen).toEqual({ asked: 1, restarts: 1, lost: 0 });
    it.keeper.stop();
  });

  test('is not given up while nobody can be asked', async () => {
    const it = connection();
    it.become('connected');
    it.answers('nothing');
    it.become('disconnected');
    await it.after(60_000);
    expect(it.seen.asked).toBeGreaterThan(100);
    expect([it.seen.restarts, it.seen.lost]).toEqual([0, 0]);
    it.answers('yes');
    await it.after(ICE.againMs);
    expect(it.seen.restarts).toBe(1);
    it.become('connected');
    await it.after(60_000);
    expect([it.seen.restarts, it.seen.lost]).toEqual([1, 0]);
  });

  test('is lost at once when the far side has none such', async () => {
    const it = connection();
    it.become('connected');
    it.answers('no');
    it.become('disconnected');
    await it.after(ICE.graceMs);
    expect(it.seen).toEqual({ asked: 1, restarts: 0, lost: 1 });
  });

  test('is restarted when the network is another, without waiting for it to break; once, where it stands all along', async () => {
    const it = connection();
    it.keeper.networkChanged();
    await it.after(0);
    expect(it.seen.asked).toBe(0); // nothing stands yet that could break
    it.become('connected');
    it.keeper.networkChanged();
    await it.after(60_000);
    expect(it.seen).toEqual({ asked: 1, restarts: 1, lost: 0 });
    it.keeper.stop();
    it.keeper.networkChanged();
    it.become('failed');
    await it.after(60_000);
    expect(it.seen).toEqual({ asked: 1, restarts: 1, lost: 0 });
  });
});
