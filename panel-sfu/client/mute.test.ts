import type { Result } from '@rostrum/contracts/errors';
import type { MutedView } from '@rostrum/contracts/view';
import type { Keep } from '@rostrum/room-client/keep';
import type { RoomClient } from '@rostrum/room-client/room';
import { keepInMemory } from '@rostrum/room-client/testing/keep';
import { createStageClient } from './stage.ts';

/** A room whose view says what the crew settled, and which writes down what it is asked. */
function roomWith(muted: MutedView | null, mayUnmute: boolean) {
  const listeners = new Set<() => void>();
  const asked: string[] = [];
  let view = { self: { muted } };
  const room = {
    getState: () => ({ view, connection: 'connected' }),
    subscribe(listener: () => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    on: () => () => undefined,
    onSynced: () => () => undefined,
    async command(name: string): Promise<Result<null>> {
      asked.push(name);
      return mayUnmute
        ? { ok: true, value: null }
        : { ok: false, error: { code: 'muted', message: 'the crew muted you' } };
    },
  };
  return {
    room: room as unknown as RoomClient,
    asked,
    say(change: MutedView | null): void {
      view = { self: { muted: change } };
      for (const listener of listeners) listener();
    },
  };
}

const byHana: MutedView = { byName: 'Hana', asked: false };

test('a mute of the crew holds from the first moment of a page, and lifted leaves the microphone to its owner', () => {
  const { room, say } = roomWith(byHana, true);
  const stage = createStageClient({ room });
  expect(stage.getState()).toMatchObject({ micMuted: true, mutedBy: 'Hana' });
  say(null);
  expect(stage.getState()).toMatchObject({ micMuted: true, mutedBy: null });
  stage.setMicMuted(false);
  expect(stage.getState()).toMatchObject({ micMuted: false, mutedBy: null });
  say(byHana);
  expect(stage.getState()).toMatchObject({ micMuted: true, mutedBy: 'Hana' });
});

test('whoever may lifts it by unmuting', async () => {
  const { room, asked, say } = roomWith(byHana, true);
  const stage = createStageClient({ room });
  stage.setMicMuted(false);
  expect([asked, stage.getState().micMuted]).toEqual([['person:unmuteSelf'], true]);
  say(null);
  await Promise.resolve().then(() => undefined);
  expect(stage.getState()).toMatchObject({ micMuted: false, mutedBy: null });
});

test('whoever may not stays muted', async () => {
  const { room, asked } = roomWith(byHana, false);
  const stage = createStageClient({ room });
  stage.setMicMuted(false);
  await Promise.resolve().then(() => undefined);
  expect([asked, stage.getState().micMuted]).toEqual([['person:unmuteSelf'], true]);
});

describe('a page that is loaded anew', () => {
  const arrive = (kept: Keep, room = roomWith(null, true).room) => createStageClient({ room, kept });

  test('is as muted as before, and its camera as off', () => {
    const kept = keepInMemory();
    const before = arrive(kept);
    expect(before.getState()).toMatchObject({ micMuted: false, cameraOff: false });
    before.setMicMuted(true);
    before.setCameraOff(true);
    const after = arrive(kept);
    expect(after.getState()).toMatchObject({ micMuted: true, cameraOff: true, mutedBy: null });
    after.setMicMuted(false);
    expect(arrive(kept).getState()).toMatchObject({ micMuted: false, cameraOff: true });
  });

  test('does not open a microphone that the crew muted, though they lifted it meanwhile', () => {
    const kept = keepInMemory();
    arrive(kept, roomWith(byHana, true).room);
    expect(arrive(kept).getState()).toMatchObject({ micMuted: true, mutedBy: null });
  });

  test('of somebody who left the stage begins as any other', async () => {
    const kept = keepInMemory();
    const stage = arrive(kept);
    stage.setMicMuted(true);
    void stage.join();
    await stage.leave();
    expect(arrive(kept).getState().micMuted).toBe(false);
  });

  test('and is closed before anybody joined leaves to the next what it found', () => {
    const kept = keepInMemory();
    arrive(kept).setMicMuted(true);
    arrive(kept).close();
    expect(arrive(kept).getState().micMuted).toBe(true);
  });
});
