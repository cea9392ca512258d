import type { MediaSource } from '@rostrum/contracts/media';
import type { Keep } from '@rostrum/room-client/keep';
import type { RoomClient } from '@rostrum/room-client/room';
import type { Store } from '@rostrum/room-client/store';
import { ALL_LAYERS } from './adapt.ts';
import type { LocalIntent } from './sender.ts';
import type { LocalTrack, StageState } from './stage-types.ts';

export const SOURCES: readonly MediaSource[] = ['camera', 'mic', 'screen', 'screenAudio'];

/** What this person wants to send, in the stage's state: it outlives every session. */
export interface LocalMedia {
  /** What a session should send for a source now. */
  intentOf(source: MediaSource): LocalIntent | null;
  /** What came of it. */
  sent(source: MediaSource, change: Partial<LocalTrack>): void;
  /** No session: nothing is sent. */
  unsent(): void;
  setTrack(source: MediaSource, track: MediaStreamTrack | null): void;
  setMicMuted(muted: boolean): void;
  setCameraOff(off: boolean): void;
  /** The crew's mute is in the view, and so outlives this page and its connections. */
  followMute(): void;
  /** They left: how they were is no longer kept for a page that is loaded anew. */
  forget(): void;
}

const KEPT = { micMuted: 'muted', cameraOff: 'camera-off' } as const;

/** How somebody was before their page was loaded anew. */
export const keptIn = (keep: Keep): Pick<StageState, keyof typeof KEPT> => ({
  micMuted: keep.read(KEPT.micMuted) !== null,
  cameraOff: keep.read(KEPT.cameraOff) !== null,
});

/** `changed` is called when a session should look at what it sends. */
export function createLocalMedia(
  store: Store<StageState>,
  room: Pick<RoomClient, 'getState'>,
  keep: Keep,
  changed: () => void,
): LocalMedia {
  const pausedOf = (source: MediaSource): boolean => {
    const { micMuted, cameraOff, mutedBy } = store.get();
    switch (source) {
      case 'mic':
        return micMuted || mutedBy !== null;
      case 'screenAudio':
        return mutedBy !== null;
      case 'camera':
        return cameraOff;
      case 'screen':
        return false;
    }
  };

  const setKept = (change: Partial<ReturnType<typeof keptIn>>): void => {
    store.set(change);
    const { micMuted, cameraOff } = store.get();
    keep.write(KEPT.micMuted, micMuted ? 'yes' : null);
    keep.write(KEPT.cameraOff, cameraOff ? 'yes' : null);
  };

  const setLocal = (source: MediaSource, change: Partial<LocalTrack>): void => {
    const local = store.get()[source];
    if (!local) return;
    const keys = Object.keys(change) as (keyof LocalTrack)[];
    if (keys.some((key) => local[key] !== change[key])) store.set({ [source]: { ...local, ...change } });
  };

  const media: LocalMedia = {
    intentOf(source) {
      const { [source]: local, network } = store.get();
      if (!local) return null;
      const isVideo = source === 'camera' || source === 'screen';
      const layers = (isVideo ? network?.send.layers : undefined) ?? ALL_LAYERS;
      // Sound alone, for the network's sake, is no wish of the person: their camera counts as on.
      return { track: local.track, paused: pausedOf(source) || layers === 0, layers };
    },
    sent: setLocal,
    unsent() {
      for (const source of SOURCES) setLocal(source, { producerId: null });
    },
    setTrack(source, track) {
      const before = store.get()[source];
      if (before?.track === track || (track === null && before === null)) return;
      const local = track && {
        track,
        producerId: before?.producerId ?? null,
        paused: pausedOf(source),
        problem: null,
      };
      // Unplugged, or ended by the browser's own button.
      track?.addEventListener('ended', () => {
        if (store.get()[source]?.track === track) media.setTrack(source, null);
      });
      store.set({ [source]: local });
      changed();
    },
    setMicMuted(micMuted) {
      setKept({ micMuted });
      setLocal('mic', { paused: pausedOf('mic') });
      changed();
    },
    setCameraOff(cameraOff) {
      setKept({ cameraOff });
      setLocal('camera', { paused: cameraOff });
      changed();
    },
    followMute() {
      const mutedBy = room.getState().view?.self.muted?.byName ?? null;
      if (mutedBy === store.get().mutedBy) return;
      // Lifted, it still is for the person to open the microphone.
      store.set({ mutedBy });
      if (mutedBy !== null) setKept({ micMuted: true });
      for (const source of ['mic', 'screenAudio'] as const) setLocal(source, { paused: pausedOf(source) });
      changed();
    },
    forget() {
      for (const key of Object.values(KEPT)) keep.write(key, null);
    },
  };
  return media;
}
