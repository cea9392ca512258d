import type { Result } from '@rostrum/contracts/errors';
import type { MutedView } from '@rostrum/contracts/view';
import type { RoomClient } from '@rostrum/room-client/room';
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
