import type { Result } from '@rostrum/contracts/errors';
import { CommandError } from '@rostrum/room-client/command';
import { type Keep, keepIn } from '@rostrum/room-client/keep';
import type { RoomClient } from '@rostrum/room-client/room';
import { createStore } from '@rostrum/room-client/store';
import { ALL_LAYERS } from './adapt.ts';
import { codeOf } from './errors.ts';
import { markFirstFrame } from './first-frame.ts';
import { createLocalMedia, keptIn, SOURCES } from './local-media.ts';
import { createLoop } from './loop.ts';
import { watchNetwork } from './network-watch.ts';
import { createPreparation } from './preparation.ts';
import type { Receiver } from './receiver.ts';
import { openSession, type Session } from './session.ts';
import { statusOf, step } from './stage-machine.ts';
import { INITIAL, type StageEffect, type StageEvent, type Ticket, type Turn } from './stage-phase.ts';
import type { StageClient, StageState } from './stage-types.ts';
import { tileKey } from './tiles.ts';

export type * from './stage-types.ts';

export interface StageOptions {
  readonly room: RoomClient;
  /** Codec of the camera; the room says that of screens. VP8 by default: every browser sends it in simulcast. */
  readonly videoCodec?: 'VP8' | 'H264';
  /** Where a page that is loaded anew finds whether its person was muted and their camera off; the tab's own by default. */
  readonly kept?: Keep;
}

const NOBODY: StageState['speakers'] = { dominant: null, levels: [] };

/** The session in use. */
interface Current {
  readonly turn: Turn;
  readonly session: Session;
}

/**
 * Brings a person's camera, microphone and screen to the stage, and the others' to them. `stage-machine.ts` decides
 * what becomes of a session; here that is carried out.
 */
export function createStageClient({
  room,
  videoCodec = 'VP8',
  kept = keepIn(() => sessionStorage),
}: StageOptions): StageClient {
  const store = createStore<StageState>({
    status: 'idle',
    camera: null,
    mic: null,
    screen: null,
    screenAudio: null,
    ...keptIn(kept),
    mutedBy: null,
    remotes: [],
    speakers: NOBODY,
    quality: null,
    network: null,
  });
  const preparation = createPreparation(room);
  const tiles = new Map<string, number>();
  let machine = INITIAL;
  /** Sessions that stand, by turn: the one in use, and one that is just opened. */
  const sessions = new Map<Turn, Session>();
  let current: Current | null = null;
  const answers = new Map<Ticket, (result: Result<null>) => void>();
  let tickets = 0;
  let toldLeave: Promise<unknown> = Promise.resolve();
  let rejoinTimer: ReturnType<typeof setTimeout> | undefined;
  let stopFirstFrame: (() => void) | undefined;
  let stopNetwork: (() => void) | undefined;

  const isConnected = (): boolean => room.getState().connection === 'connected';

  const due: StageEvent[] = [];
  let busy = false;
  /** What happens while effects are carried out is looked at after them. */
  function happened(event: StageEvent): void {
    due.push(event);
    if (busy) return;
    busy = true;
    try {
      for (let next = due.shift(); next; next = due.shift()) {
        const { state, effects } = step(machine, next);
        machine = state;
        for (const effect of effects) carryOut(effect);
        store.set({ status: keep(store.get().status, statusOf(machine)) });
      }
    } finally {
      busy = false;
    }
  }

  function carryOut(effect: StageEffect): void {
    switch (effect.type) {
      case 'open':
        void open(effect.turn, effect.unlessElsewhere);
        return;
      case 'adopt':
        adopt(effect.turn);
        return;
      case 'close':
        close(effect.turn);
        return;
      case 'scheduleRejoin':
        clearTimeout(rejoinTimer);
        rejoinTimer = setTimeout(
          () => happened({ type: 'rejoinDue', connected: isConnected() }),
          effect.inMs,
        );
        return;
      case 'cancelRejoin':
        clearTimeout(rejoinTimer);
        return;
      case 'askResume':
        void askResume(effect.turn);
        return;
      case 'goOn':
        current?.session.resumed();
        current?.session.receiver.replaceAll(effect.producers);
        publishRemotes();
        kickSend();
        kickReceive();
        return;
      case 'tellLeave':
        local.forget();
        toldLeave = room.command('media:leave', {});
        return;
      case 'answer':
        answers.get(effect.ticket)?.(effect.result);
        answers.delete(effect.ticket);
        return;
    }
  }

  const commandFailed = (turn: Turn): void =>
    happened({
      type: 'commandFailed',
      turn,
      connected: isConnected(),
      nowMs: performance.now(),
      random: Math.random(),
    });
  /** Brings the session in use to what is wanted: the tracks in the store, and the tiles. */
  const loopOver = (work: (session: Session) => Promise<void>): (() => void) =>
    createLoop(
      async () => {
        if (!current) return;
        const { turn, session } = current;
        await work(session).catch(() => commandFailed(turn));
      },
      () => undefined,
    );
  const kickSend = loopOver(async (session) => {
    await Promise.all(
      SOURCES.map(async (source) => {
        const intent = local.intentOf(source);
        const sent = await session.sender.apply(source, intent);
        if (current?.session === session && local.intentOf(source)?.track === intent?.track)
          local.sent(source, sent);
      }),
    );
  });
  const kickReceive = loopOver(async (session) => {
    await session.receiver.apply(tiles, store.get().network?.receive.layers ?? ALL_LAYERS);
    publishRemotes();
  });
  const local = createLocalMedia(store, room, kept, kickSend);

  /** Notices that come while a session opens are kept for it: its list of producers may be older than they are. */
  const early: ((session: Session) => void)[] = [];
  function tellSession(notice: (session: Session) => void): void {
    if (current) notice(current.session);
    else if (machine.opening !== null) early.push(notice);
  }
  function tellReceiver(notice: (receiver: Receiver) => void): void {
    tellSession(({ receiver }) => notice(receiver));
    if (!current) return;
    publishRemotes();
    kickReceive();
  }

  function publishRemotes(): void {
    store.set({ remotes: current?.session.receiver.tracks() ?? [] });
  }

  async function open(turn: Turn, unlessElsewhere: boolean): Promise<void> {
    early.length = 0;
    try {
      const session = await openSession({
        room,
        videoCodec,
        preparation,
        unlessElsewhere,
        onChange: publishRemotes,
        onLost: () =>
          happened({ type: 'connectionLost', turn, nowMs: performance.now(), random: Math.random() }),
      });
      sessions.set(turn, session);
      happened({ type: 'opened', turn, nowMs: performance.now() });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      happened({
        type: 'openFailed',
        turn,
        error: { code: codeOf(error), message },
        byBrowser: !(error instanceof CommandError),
        random: Math.random(),
      });
    }
  }

  function adopt(turn: Turn): void {
    const session = sessions.get(turn);
    if (!session) return;
    current = { turn, session };
    stopFirstFrame = markFirstFrame(session);
    stopNetwork = watchNetwork(session, room, {
      network(network) {
        store.set({ network });
        kickSend();
        kickReceive();
      },
      quality: (quality) => store.set({ quality }),
    });
    for (const notice of early.splice(0)) notice(session);
    publishRemotes();
    kickSend();
    kickReceive();
  }

  function close(turn: Turn): void {
    const session = sessions.get(turn);
    sessions.delete(turn);
    if (current?.turn === turn) {
      stopFirstFrame?.();
      stopNetwork?.();
      current = null;
      local.unsent();
      store.set({ remotes: [], speakers: NOBODY, quality: null, network: null });
    }
    session?.close();
  }

  async function askResume(turn: Turn): Promise<void> {
    const answer = await room.command('media:join', { resume: true });
    if (answer.ok && answer.value.resumed) {
      sessions.get(turn)?.sender.sendScreenAs(answer.value.screenCodec);
      happened({ type: 'resumed', turn, producers: answer.value.producers });
    } else happened({ type: 'resumeRefused', turn, connected: answer.ok || isConnected() });
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
    room.on('media.screenCodec', ({ codec }) => {
      tellSession(({ sender }) => sender.sendScreenAs(codec));
      kickSend();
    }),
    room.on('media.muted', () => local.setMicMuted(true)),
    room.subscribe(local.followMute),
    room.on('media.reset', ({ reason }) =>
      happened({ type: 'resetByServer', reason, random: Math.random() }),
    ),
    room.onSynced(() => happened({ type: 'synced' })),
  ];

  local.followMute();

  const client: StageClient = {
    getState: store.get,
    subscribe: store.subscribe,
    prepare() {
      if (machine.phase.at === 'idle' || machine.phase.at === 'failed') preparation.start();
    },
    join({ camera, mic, unlessElsewhere = false } = {}) {
      if (camera !== undefined) local.setTrack('camera', camera);
      if (mic !== undefined) local.setTrack('mic', mic);
      tickets += 1;
      const ticket = tickets;
      const answered = new Promise<Result<null>>((answer) => answers.set(ticket, answer));
      if (machine.phase.at === 'idle' || machine.phase.at === 'failed')
        performance.mark('rostrum:stage-join');
      happened({ type: 'joinAsked', ticket, unlessElsewhere });
      return answered;
    },
    async leave() {
      toldLeave = Promise.resolve();
      happened({ type: 'leaveAsked' });
      await toldLeave;
    },
    setCamera: (track) => local.setTrack('camera', track),
    setMic: (track) => local.setTrack('mic', track),
    setMicMuted(micMuted) {
      if (micMuted || store.get().mutedBy === null) {
        local.setMicMuted(micMuted);
        return;
      }
      void room.command('person:unmuteSelf', {}).then(({ ok }) => ok && local.setMicMuted(false));
    },
    setCameraOff: local.setCameraOff,
    shareScreen(stream) {
      local.setTrack('screen', stream.getVideoTracks()[0] ?? null);
      local.setTrack('screenAudio', stream.getAudioTracks()[0] ?? null);
    },
    stopScreen() {
      const { screen, screenAudio } = store.get();
      local.setTrack('screen', null);
      local.setTrack('screenAudio', null);
      screen?.track.stop();
      screenAudio?.track.stop();
    },
    showTile(personId, source, tileHeightDevicePx) {
      if (tileHeightDevicePx === null) tiles.delete(tileKey(personId, source));
      else tiles.set(tileKey(personId, source), tileHeightDevicePx);
      kickReceive();
    },
    close() {
      for (const off of unsubscribe) off();
      void client.leave();
      preparation.close();
    },
  };
  return client;
}

/** The same object for the same status, so that nothing is told without a difference. */
function keep(before: StageState['status'], now: StageState['status']): StageState['status'] {
  const both = typeof before === 'object' && typeof now === 'object';
  return both && before.failed === now.failed ? before : now;
}
