import type { Result } from '@rostrum/contracts/errors';
import type { MediaSource } from '@rostrum/contracts/media';
import { CommandError } from '@rostrum/room-client/command';
import type { RoomClient } from '@rostrum/room-client/room';
import { createStore } from '@rostrum/room-client/store';
import { codeOf, mayPass } from './errors.ts';
import { markFirstFrame } from './first-frame.ts';
import { createLoop } from './loop.ts';
import { createSampler, qualityOf, type Sampler } from './quality.ts';
import type { Receiver } from './receiver.ts';
import type { LocalIntent } from './sender.ts';
import { openSession, type Session } from './session.ts';
import type { LocalTrack, StageClient, StageState } from './stage-types.ts';
import { tileKey } from './tiles.ts';

export type * from './stage-types.ts';

export interface StageOptions {
  readonly room: RoomClient;
  /** Codec of camera and screen. VP8 by default: every browser sends it in simulcast. */
  readonly videoCodec?: 'VP8' | 'H264';
}

const SOURCES: readonly MediaSource[] = ['camera', 'mic', 'screen', 'screenAudio'];
const REJOIN = { firstDelayMs: 150, maxDelayMs: 5000, steadyAfterMs: 10_000 } as const;
/** So often a browser may fail to set up its side before that is taken for what it is: it cannot. */
const BROWSER_TRIES = 3;
const QUALITY_INTERVAL_MS = 2000;
const NOBODY: StageState['speakers'] = { dominant: null, levels: [] };

const LATE: Result<null> = {
  ok: false,
  error: { code: 'conflict', message: 'left, or joined again, meanwhile' },
};

interface Joined {
  readonly session: Session;
  readonly sampler: Sampler;
  readonly sinceMs: number;
  /** A command was cut off with the connection: what the server made of it is unknown, so the session cannot resume. */
  broken: boolean;
}

/** Brings a person's camera, microphone and screen to the stage, and the others' to them. */
export function createStageClient({ room, videoCodec = 'VP8' }: StageOptions): StageClient {
  const store = createStore<StageState>({
    status: 'idle',
    camera: null,
    mic: null,
    screen: null,
    screenAudio: null,
    micMuted: false,
    cameraOff: false,
    mutedBy: null,
    remotes: [],
    speakers: NOBODY,
    quality: null,
  });
  const tiles = new Map<string, number>();
  /** Wanted is the tracks in the store; a session's loops bring the actual media there. */
  let current: Joined | null = null;
  let wanted = false;
  let attempts = 0;
  let browserFailures = 0;
  /** Counts joins and leaves, so that an answer to an earlier one is recognised as late. */
  let turn = 0;
  let rejoinTimer: ReturnType<typeof setTimeout> | undefined;
  let qualityTimer: ReturnType<typeof setInterval> | undefined;
  let stopFirstFrame: (() => void) | undefined;

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

  const setLocal = (source: MediaSource, change: Partial<LocalTrack>): void => {
    const local = store.get()[source];
    if (!local) return;
    const keys = Object.keys(change) as (keyof LocalTrack)[];
    if (keys.some((key) => local[key] !== change[key])) store.set({ [source]: { ...local, ...change } });
  };

  const onLoopError = (error: unknown): void => {
    if (!current) return; // a closed session's loop fails by design
    if (room.getState().connection === 'connected') lost(error);
    else current.broken = true; // its media flows on meanwhile
  };
  const kickSend = createLoop(async () => {
    const session = current?.session;
    if (!session) return;
    await Promise.all(
      SOURCES.map(async (source) => {
        const local = store.get()[source];
        const intent: LocalIntent | null = local ? { track: local.track, paused: pausedOf(source) } : null;
        const sent = await session.sender.apply(source, intent);
        if (current?.session === session && store.get()[source]?.track === local?.track)
          setLocal(source, sent);
      }),
    );
  }, onLoopError);
  const kickReceive = createLoop(async () => {
    await current?.session.receiver.apply(tiles);
    publishRemotes();
  }, onLoopError);

  /** Notices that come while a session opens are kept for it: its list of producers may be older than they are. */
  const early: ((receiver: Receiver) => void)[] = [];
  function tellReceiver(notice: (receiver: Receiver) => void): void {
    if (!current) {
      if (wanted) early.push(notice);
      return;
    }
    notice(current.session.receiver);
    publishRemotes();
    kickReceive();
  }

  function publishRemotes(): void {
    store.set({ remotes: current?.session.receiver.tracks() ?? [] });
  }

  function closeSession(): void {
    stopFirstFrame?.();
    clearInterval(qualityTimer);
    current?.session.close();
    current = null;
    for (const source of SOURCES) setLocal(source, { producerId: null });
    store.set({ remotes: [], speakers: NOBODY, quality: null });
  }

  function lost(_reason: unknown): void {
    if (current && performance.now() - current.sinceMs > REJOIN.steadyAfterMs) attempts = 0;
    turn += 1;
    closeSession();
    if (!wanted) return;
    store.set({ status: 'rejoining' });
    scheduleRejoin();
  }

  function scheduleRejoin(): void {
    clearTimeout(rejoinTimer);
    const ceilingMs = Math.min(REJOIN.maxDelayMs, REJOIN.firstDelayMs * 2 ** attempts);
    attempts += 1;
    rejoinTimer = setTimeout(() => {
      // Without a connection the next `sync` rejoins.
      if (room.getState().connection === 'connected') void connect();
    }, ceilingMs * Math.random());
  }

  /** One attempt at a time: an earlier one still asking would take the transports a later one is entitled to. */
  let attempt: Promise<unknown> = Promise.resolve();
  function connect(): Promise<Result<null>> {
    clearTimeout(rejoinTimer);
    turn += 1;
    const mine = turn;
    const result = attempt.then(() => (mine === turn ? tryOnce(mine) : LATE));
    attempt = result;
    return result;
  }

  /** Never throws. */
  async function tryOnce(mine: number): Promise<Result<null>> {
    early.length = 0;
    try {
      const session = await openSession({
        room,
        videoCodec,
        onChange: publishRemotes,
        onLost: () => current?.session === session && lost('network'),
      });
      if (mine !== turn) {
        session.close();
        return LATE;
      }
      current = {
        session,
        sampler: createSampler(session.transports),
        sinceMs: performance.now(),
        broken: false,
      };
      qualityTimer = setInterval(() => void measure(), QUALITY_INTERVAL_MS);
      stopFirstFrame = markFirstFrame(session);
      for (const notice of early.splice(0)) notice(session.receiver);
      browserFailures = 0;
      store.set({ status: 'joined' });
      publishRemotes();
      kickSend();
      kickReceive();
      return { ok: true, value: null };
    } catch (error) {
      const code = codeOf(error);
      const message = error instanceof Error ? error.message : String(error);
      if (mine === turn) {
        if (!(error instanceof CommandError)) browserFailures += 1;
        const byBrowser = !(error instanceof CommandError) && browserFailures < BROWSER_TRIES;
        if (mayPass(code) || byBrowser) {
          store.set({ status: 'rejoining' });
          scheduleRejoin();
        } else {
          wanted = false;
          store.set({ status: { failed: code } });
        }
      }
      return { ok: false, error: { code, message } };
    }
  }

  /** After a new connection: goes on with the media that stands, or joins anew. */
  async function resume(before: Joined | null): Promise<void> {
    if (before && !before.broken) {
      const answer = await room.command('media:join', { resume: true });
      if (current !== before) return; // left, or lost, meanwhile
      if (!answer.ok && room.getState().connection !== 'connected') return; // the next `sync` asks again
      if (answer.ok && answer.value.resumed) {
        before.session.receiver.replaceAll(answer.value.producers);
        publishRemotes();
        kickSend();
        kickReceive();
        return;
      }
    }
    turn += 1;
    closeSession();
    store.set({ status: 'rejoining' });
    await connect();
  }

  async function measure(): Promise<void> {
    const measured = current;
    const stats = await client.stats().catch(() => null);
    if (stats && current === measured) store.set({ quality: qualityOf(stats) });
  }

  function setTrack(source: MediaSource, track: MediaStreamTrack | null): void {
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
      if (store.get()[source]?.track === track) setTrack(source, null);
    });
    store.set({ [source]: local });
    kickSend();
  }

  /** The crew's mute is in the view, and so outlives this page and its connections. */
  function followMute(): void {
    const mutedBy = room.getState().view?.self.muted?.byName ?? null;
    if (mutedBy === store.get().mutedBy) return;
    // Lifted, it still is for the person to open the microphone.
    store.set(mutedBy === null ? { mutedBy } : { mutedBy, micMuted: true });
    for (const source of ['mic', 'screenAudio'] as const) setLocal(source, { paused: pausedOf(source) });
    kickSend();
  }

  function setMicMuted(micMuted: boolean): void {
    store.set({ micMuted });
    setLocal('mic', { paused: pausedOf('mic') });
    kickSend();
  }

  /** Whatever took the stage away for good, until the page asks again. */
  function end(status: StageState['status']): void {
    wanted = false;
    turn += 1;
    clearTimeout(rejoinTimer);
    closeSession();
    store.set({ status });
  }

  const unsubscribe = [
    room.on('media.producerAdded', (producer) => tellReceiver((r) => r.added(producer))),
    room.on('media.producerPaused', ({ producerId, paused }) =>
      tellReceiver((r) => r.paused(producerId, paused)),
    ),
    room.on('media.producerClosed', ({ producerId }) => tellReceiver((r) => r.closed(producerId))),
    room.on('media.consumerClosed', ({ consumerId }) => tellReceiver((r) => r.consumerClosed(consumerId))),
    room.on('media.consumerLayer', ({ consumerId, spatialLayer }) =>
      tellReceiver((r) => r.consumerLayer(consumerId, spatialLayer)),
    ),
    room.on('media.speakers', (speakers) => store.set({ speakers })),
    room.on('media.muted', () => setMicMuted(true)),
    room.subscribe(followMute),
    room.on('media.reset', ({ reason }) => {
      if (!wanted) return;
      if (reason === 'node-lost') {
        // Told when there is another to go to, or when this one is gone for certain: no reason to wait longer than at first.
        attempts = 0;
        lost(reason);
      } else if (reason === 'replaced') {
        // Our own newer connection replaces the older one while we rejoin; another tab's replaces one that stands.
        if (current) end({ failed: 'conflict' });
      } else end(reason === 'removed' ? { failed: 'forbidden' } : 'idle');
    }),
    room.onSynced(() => {
      if (!wanted || store.get().status === 'joining') return;
      void resume(current);
    }),
  ];

  followMute();

  const client: StageClient = {
    getState: store.get,
    subscribe: store.subscribe,
    async join(tracks = {}) {
      if (tracks.camera !== undefined) setTrack('camera', tracks.camera);
      if (tracks.mic !== undefined) setTrack('mic', tracks.mic);
      if (wanted) return { ok: true, value: null };
      wanted = true;
      attempts = 0;
      browserFailures = 0;
      performance.mark('rostrum:stage-join');
      store.set({ status: 'joining' });
      return connect();
    },
    async leave() {
      const told = wanted;
      end('idle');
      if (told) await room.command('media:leave', {});
    },
    setCamera: (track) => setTrack('camera', track),
    setMic: (track) => setTrack('mic', track),
    setMicMuted(micMuted) {
      if (micMuted || store.get().mutedBy === null) {
        setMicMuted(micMuted);
        return;
      }
      void room.command('person:unmuteSelf', {}).then(({ ok }) => ok && setMicMuted(false));
    },
    setCameraOff(cameraOff) {
      store.set({ cameraOff });
      setLocal('camera', { paused: cameraOff });
      kickSend();
    },
    shareScreen(stream) {
      setTrack('screen', stream.getVideoTracks()[0] ?? null);
      setTrack('screenAudio', stream.getAudioTracks()[0] ?? null);
    },
    stopScreen() {
      const { screen, screenAudio } = store.get();
      setTrack('screen', null);
      setTrack('screenAudio', null);
      screen?.track.stop();
      screenAudio?.track.stop();
    },
    showTile(personId, source, tileHeightDevicePx) {
      if (tileHeightDevicePx === null) tiles.delete(tileKey(personId, source));
      else tiles.set(tileKey(personId, source), tileHeightDevicePx);
      kickReceive();
    },
    stats: async () => (current ? current.sampler.sample(current.session.receiver.consumers()) : null),
    close() {
      for (const off of unsubscribe) off();
      void client.leave();
    },
  };
  return client;
}
