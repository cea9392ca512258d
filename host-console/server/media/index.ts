import { isDeepStrictEqual } from 'node:util';
import { type CommandInput, type CommandOutput, RostrumError, type WebinarState } from '@rostrum/contracts';
import type { Logger } from 'pino';
import type { Server } from 'socket.io';
import { Broadcast } from './broadcast.ts';
import { directAutomatically, NO_SPEAKER, type SpeakerMemory, steadySpeaker } from './direct.ts';
import type { MediaCaller, MediaCommand, MediaPlane, WordSide } from './media-plane.ts';
import { createNodeRegistry, type MediaNode, type NodeListener } from './node-registry.ts';
import { Stage } from './stage.ts';

export type { MediaCaller, MediaCommand, MediaPlane, WordSide } from './media-plane.ts';

/** One webinar's media: its stage, and its broadcast while it is live. */
interface Show {
  readonly stage: Stage;
  broadcast: Broadcast | null;
  speaker: SpeakerMemory;
  /** The scene the director last asked for, so that one wish is appended once. */
  directing: boolean;
}

export interface MediaPlaneOptions {
  readonly io: Server;
  readonly wordSide: WordSide;
  readonly nodeToken: string;
  readonly iceServers: readonly Record<string, unknown>[];
  readonly logger: Logger;
  /** Monotonic milliseconds. */
  readonly nowMs: () => number;
}

/** The media side of the coordinator: nodes, stages, broadcasts and automatic direction. */
export function createMediaPlane(options: MediaPlaneOptions): MediaPlane {
  const { wordSide, logger } = options;
  const shows = new Map<string, Show>();
  /** Channels being started, before the log knows them. */
  const starting = new Map<string, { channelId: string; node: MediaNode }>();

  const listener: NodeListener = {
    nodeUp(node) {
      if (node.description.kind === 'broadcaster') endOrphans(node, node.description.channelIds);
      for (const show of shows.values()) show.broadcast?.changed();
    },
    nodeDown(node) {
      for (const show of shows.values()) {
        if (node.description.kind === 'sfu') show.stage.nodeDown(node);
        else show.broadcast?.nodeDown(node);
      }
    },
    notice(node, notice) {
      switch (notice.type) {
        case 'channel.epoch':
          // The first epoch is the start itself, which nothing was carried to yet.
          if (notice.epoch > 1) void broadcastOf(notice.channelId)?.epochChanged();
          return;
        case 'channel.failed':
          logger.error({ channelId: notice.channelId, message: notice.message }, 'channel failed');
          return;
        case 'egress.closed':
          shows.get(notice.roomId)?.broadcast?.egressClosed(notice.egressId);
          return;
        default:
          shows.get(notice.roomId)?.stage.notice(node, notice);
      }
    },
  };

  const nodes = createNodeRegistry({
    io: options.io,
    nodeToken: options.nodeToken,
    listener,
    logger,
    nowMs: options.nowMs,
  });

  const broadcastOf = (channelId: string): Broadcast | null =>
    [...shows.values()].find((s) => s.broadcast?.channel.channelId === channelId)?.broadcast ?? null;

  const pickBroadcaster = (): MediaNode | null =>
    nodes.broadcasters().toSorted((a, b) => a.load.loads - b.load.loads)[0] ?? null;

  /** Channels the node runs that no webinar wants: their start was never acknowledged, or their end never arrived. */
  function endOrphans(node: MediaNode, channelIds: readonly string[]): void {
    const wanted = new Set([...starting.values()].map((s) => s.channelId));
    for (const channelId of channelIds) {
      if (wanted.has(channelId) || broadcastOf(channelId)) continue;
      nodes
        .broadcaster(node, 'channel.end', { channelId })
        .then(() => logger.info({ channelId }, 'ended a channel that no webinar wants'))
        .catch((error: unknown) =>
          logger.warn({ err: error, channelId }, 'could not end an unwanted channel'),
        );
    }
  }

  function showOf(webinarId: string): Show {
    const known = shows.get(webinarId);
    if (known) return known;
    const show: Show = {
      stage: new Stage({
        webinarId,
        nodes,
        words: wordSide,
        iceServers: options.iceServers,
        logger,
        events: {
          changed: () => {
            show.broadcast?.changed();
            direct(webinarId, show);
          },
          speakers: (speakers) => {
            const before = show.speaker.speaker;
            show.speaker = steadySpeaker(show.speaker, speakers.dominant, options.nowMs());
            if (show.speaker.speaker !== before) direct(webinarId, show);
          },
        },
      }),
      broadcast: null,
      speaker: NO_SPEAKER,
      directing: false,
    };
    shows.set(webinarId, show);
    return show;
  }

  /** Appends the scene automatic direction wants, if it differs. One append under way at a time; each looks anew. */
  function direct(webinarId: string, show: Show): void {
    const wish = (state: WebinarState) => {
      if (state.direction !== 'automatic' || state.phase.phase === 'ended') return null;
      const scene = directAutomatically(state, {
        producers: show.stage.producers,
        speaker: show.speaker.speaker,
      });
      return isDeepStrictEqual(scene, state.scene) ? null : scene;
    };
    const state = wordSide.state(webinarId);
    if (show.directing || !state || !wish(state)) return;
    show.directing = true;
    let appended = true;
    wordSide
      .append(webinarId, (now) => {
        const scene = wish(now);
        return scene ? [{ type: 'scene.changed', scene }] : [];
      })
      .catch((error: unknown) => {
        appended = false;
        logger.warn({ err: error, webinarId }, 'automatic direction could not be logged');
      })
      .finally(() => {
        show.directing = false;
        // What moved meanwhile; after a failure the next movement on stage tries again.
        if (appended) direct(webinarId, show);
      });
  }

  function air(state: WebinarState, node: MediaNode | null): void {
    if (state.phase.phase !== 'live') return;
    const show = showOf(state.webinarId);
    if (show.broadcast) return;
    show.broadcast = new Broadcast({
      webinarId: state.webinarId,
      channel: state.phase.channel,
      node,
      nodes,
      logger,
      sight: () => ({
        state: wordSide.state(state.webinarId),
        room: show.stage.room,
        producers: show.stage.producers,
      }),
      pickNode: pickBroadcaster,
    });
    show.broadcast.changed();
  }

  function end(webinarId: string): void {
    const show = shows.get(webinarId);
    const { broadcast } = show ?? {};
    if (!show || !broadcast) return;
    show.broadcast = null;
    broadcast.end().catch((error: unknown) =>
      // The node ends it when it dials in again: the channel is then an orphan.
      logger.warn({ err: error, webinarId }, 'the broadcaster did not confirm the end'),
    );
  }

  return {
    async handle<C extends MediaCommand>(caller: MediaCaller, command: C, input: CommandInput<C>) {
      // Stage.handle answers each command with that command's output.
      return (await showOf(caller.webinarId).stage.handle(caller, command, input)) as CommandOutput<C>;
    },
    disconnected: (caller) => shows.get(caller.webinarId)?.stage.disconnected(caller),
    dismiss: async (webinarId, personId, reason) => shows.get(webinarId)?.stage.dismiss(personId, reason),
    mute: async (webinarId, personId, byName) => {
      const show = shows.get(webinarId);
      if (!show) throw new RostrumError('not-found', 'nobody is on that stage');
      await show.stage.mute(personId, byName);
    },
    async startChannel(webinarId, channelId, state) {
      const node = pickBroadcaster();
      if (node?.description.kind !== 'broadcaster') {
        throw new RostrumError('no-broadcaster', 'no broadcaster is connected');
      }
      starting.set(webinarId, { channelId, node });
      try {
        await nodes.broadcaster(node, 'channel.start', {
          channelId,
          webinarId,
          profile: state.profile,
          scene: state.scene,
        });
      } catch (error) {
        starting.delete(webinarId);
        throw error;
      }
      return { originUrl: node.description.originUrl };
    },
    observe(state, event) {
      switch (event.type) {
        case 'webinar.wentLive': {
          const node = starting.get(state.webinarId)?.node ?? null;
          starting.delete(state.webinarId);
          return air(state, node);
        }
        case 'webinar.ended':
          return end(state.webinarId);
        case 'scene.changed':
          return shows.get(state.webinarId)?.broadcast?.changed();
        case 'direction.changed': {
          const show = shows.get(state.webinarId);
          if (show) direct(state.webinarId, show);
          return;
        }
        default:
      }
    },
    adopt: (state) => air(state, null),
    onStage(webinarId) {
      const stage = shows.get(webinarId)?.stage;
      if (!stage) return [];
      const sending = new Set(stage.producers.map((p) => p.personId));
      const people = wordSide.state(webinarId)?.people;
      // Crew who only watch the stage from the control room are not on it.
      return stage.people.filter((id) => {
        const person = people?.get(id);
        return sending.has(id) || person?.role === 'panelist' || person?.guest === true;
      });
    },
    originUrl() {
      const description = pickBroadcaster()?.description;
      return description?.kind === 'broadcaster' ? description.originUrl : null;
    },
    readiness: () => ({ sfuNodes: nodes.sfuNodes().length, broadcasterNodes: nodes.broadcasters().length }),
    async close() {
      for (const show of shows.values()) {
        show.broadcast?.close();
        show.stage.close();
      }
      nodes.close();
    },
  };
}
