import { isDeepStrictEqual } from 'node:util';
import {
  type CommandInput,
  type CommandOutput,
  type LiveChannel,
  RostrumError,
  type WebinarState,
} from '@rostrum/contracts';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Server } from 'socket.io';
import { Broadcast, pressureOf } from './broadcast.ts';
import { ChannelStarts } from './channel-starts.ts';
import { directAutomatically, NO_SPEAKER, type SpeakerMemory, steadySpeaker } from './direct.ts';
import { Endings } from './endings.ts';
import { NodeMoods } from './health.ts';
import type { MediaCaller, MediaCommand, MediaPlane, WordSide } from './media-plane.ts';
import { nodeMetrics } from './metrics.ts';
import { createNodeRegistry, type MediaNode, type NodeListener } from './node-registry.ts';
import { placeChannel } from './placement.ts';
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
  readonly nowUnixMs: () => number;
  readonly metrics: Registry;
}

/** The media side of the coordinator: nodes, stages, broadcasts and automatic direction. */
export function createMediaPlane(options: MediaPlaneOptions): MediaPlane {
  const { wordSide, logger } = options;
  const shows = new Map<string, Show>();
  const moods = new NodeMoods();
  /** Live in the log, and not taken up: nobody is there, and no broadcaster runs it. */
  const dormant = new Map<string, WebinarState>();

  const pageOrigins = new Set<string>();

  const listener: NodeListener = {
    nodeUp(node) {
      moods.moved(node, options.nowUnixMs());
      if (node.description.kind === 'broadcaster') {
        pageOrigins.add(new URL(node.description.originUrl).origin);
        takeStock(node, node.description.channelIds);
        endings.ask();
      }
      for (const show of shows.values()) show.broadcast?.changed();
    },
    nodeMoved(node) {
      moods.moved(node, options.nowUnixMs());
      // What failed while it was late need not wait for its next turn.
      if (node.state.is === 'here') for (const show of shows.values()) show.broadcast?.changed();
    },
    nodeBeat(node) {
      moods.beat(node);
      if (node.description.kind === 'sfu') return;
      for (const show of shows.values()) show.broadcast?.beat(node);
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

  const endings = new Endings({ nodes, words: wordSide, logger });

  const broadcastOf = (channelId: string): Broadcast | null =>
    [...shows.values()].find((s) => s.broadcast?.channel.channelId === channelId)?.broadcast ?? null;

  const pickBroadcaster = (channelId = '', except?: ReadonlySet<MediaNode>): MediaNode | null =>
    placeChannel(nodes.broadcasters(), channelId, except);

  nodeMetrics(options.metrics, () => nodes.all());
  const starts = new ChannelStarts({
    nodes,
    pick: pickBroadcaster,
    logger,
    nowMs: options.nowMs,
    nowUnixMs: options.nowUnixMs,
  });

  /** What to do about a channel that a node runs: one that sleeps is woken, one that no webinar wants goes. */
  async function settle(node: MediaNode, channelId: string): Promise<void> {
    for (const { webinarId, phase } of dormant.values()) {
      if (phase.phase === 'live' && phase.channel.channelId === channelId) return wake(webinarId);
    }
    const runs = broadcastOf(channelId);
    if (starts.wants(channelId) || (runs && (runs.node === node || runs.node === null))) return;
    // A webinar's channel has its id. One that has not ended may still go live, and continues what was begun; so does one
    // that runs elsewhere by now. A live one that we do not run is another coordinator's.
    const phase = runs ? 'live' : await wordSide.phase(channelId);
    if (phase === 'live' && !runs) return;
    const stays = phase === 'live' || phase === 'scheduled';
    await nodes.broadcaster(node, stays ? 'channel.stop' : 'channel.end', { channelId });
    logger.info({ channelId, nodeId: node.nodeId, stays }, 'stopped a channel that nobody wants there');
  }

  function takeStock(node: MediaNode, channelIds: readonly string[]): void {
    for (const channelId of channelIds) {
      settle(node, channelId).catch((error: unknown) =>
        logger.warn({ err: error, channelId }, 'could not stop an unwanted channel'),
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
    pageOrigins.add(new URL(state.phase.channel.originUrl).origin);
    const show = showOf(state.webinarId);
    if (show.broadcast) return;
    show.broadcast = broadcastFor(state.webinarId, state.phase.channel, show, node);
    show.broadcast.changed();
  }

  function broadcastFor(
    webinarId: string,
    channel: LiveChannel,
    show: Show,
    node: MediaNode | null,
  ): Broadcast {
    return new Broadcast({
      webinarId,
      channel,
      node,
      nodes,
      logger,
      sight: () => ({
        state: wordSide.state(webinarId),
        room: show.stage.room,
        producers: show.stage.producers,
      }),
      pickNode: () => pickBroadcaster(channel.channelId),
      nowMs: options.nowMs,
    });
  }

  function wake(webinarId: string): void {
    const state = dormant.get(webinarId);
    dormant.delete(webinarId);
    if (state) air(wordSide.state(webinarId) ?? state, null);
  }

  /** A show that slept ends as any: a broadcaster finishes its recording. */
  function asleep(webinarId: string): Broadcast | null {
    const phase = dormant.get(webinarId)?.phase;
    dormant.delete(webinarId);
    return phase?.phase === 'live' ? broadcastFor(webinarId, phase.channel, showOf(webinarId), null) : null;
  }

  function end(state: WebinarState): void {
    const { webinarId } = state;
    endings.await(state);
    const show = shows.get(webinarId);
    const broadcast = show?.broadcast ?? asleep(webinarId);
    if (!broadcast) {
      endings.ask();
      return;
    }
    if (show) show.broadcast = null;
    broadcast
      .end()
      .then(async (end) => end && (await endings.answered(webinarId, end.node, end.recordingUrl, end.ran)))
      .catch((error: unknown) => {
        // The node ends it when it dials in again: the channel is then an orphan.
        logger.warn({ err: error, webinarId }, 'the broadcaster did not confirm the end');
        endings.ask();
      });
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
    startChannel: (webinarId, channelId, state) => starts.start(webinarId, channelId, state),
    withdrawChannel: (webinarId) => starts.withdraw(webinarId),
    observe(state, event) {
      switch (event.type) {
        case 'webinar.wentLive':
          return air(state, starts.taken(state.webinarId));
        case 'webinar.ended':
          return end(state);
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
    adopt(state) {
      if (state.phase.phase === 'live') {
        pageOrigins.add(new URL(state.phase.channel.originUrl).origin);
        dormant.set(state.webinarId, state);
      }
      endings.await(state);
      endings.ask();
    },
    attended: wake,
    health(webinarId) {
      const show = shows.get(webinarId);
      const channelId = show?.broadcast?.channel.channelId;
      return {
        stage: show?.stage.wanted ? moods.of(show.stage.node) : { is: 'unused' },
        broadcaster: show?.broadcast ? moods.of(show.broadcast.node) : { is: 'unused' },
        shed: channelId === undefined ? [] : pressureOf(show?.broadcast?.node ?? null, channelId).shed,
        goingLive: starts.health(webinarId),
      };
    },
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
    originUrl(webinarId) {
      // A webinar's channel has its id.
      const runs = webinarId === undefined ? null : shows.get(webinarId)?.broadcast?.node;
      const { description } = runs ?? pickBroadcaster(webinarId) ?? {};
      return description?.kind === 'broadcaster' ? description.originUrl : null;
    },
    pageOrigins: () => pageOrigins,
    readiness: () => ({ sfuNodes: nodes.sfuNodes().length, broadcasterNodes: nodes.broadcasters().length }),
    async close() {
      for (const show of shows.values()) {
        show.broadcast?.close();
        show.stage.close();
      }
      starts.close();
      endings.close();
      nodes.close();
    },
  };
}
