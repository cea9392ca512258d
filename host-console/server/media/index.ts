import type { CommandInput, CommandOutput, RecordingTrouble } from '@rostrum/contracts';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Server } from 'socket.io';
import { NodeMoods } from './health.ts';
import { type Leftover, Leftovers } from './leftovers.ts';
import type { MediaCaller, MediaCommand, MediaPlane, WordSide } from './media-plane.ts';
import { nodeMetrics } from './metrics.ts';
import { createNodeRegistry, type MediaNode, type NodeListener, type NodeRegistry } from './node-registry.ts';
import { placeChannel } from './placement.ts';
import { recordingTrouble } from './recording-trouble.ts';
import { Show } from './show.ts';

export type { MediaCaller, MediaCommand, MediaPlane, WordSide } from './media-plane.ts';

export interface MediaPlaneOptions {
  /** Nodes that dial in and tell `listener`. */
  readonly nodes: (listener: NodeListener) => NodeRegistry;
  readonly wordSide: WordSide;
  readonly iceServers: readonly Record<string, unknown>[];
  readonly logger: Logger;
  /** Monotonic milliseconds. */
  readonly nowMs: () => number;
  readonly nowUnixMs: () => number;
  readonly metrics: Registry;
}

const TICK_MS = 1000;

/** Nodes over Socket.IO. */
export const dialledNodes =
  (options: {
    io: Server;
    nodeToken: string;
    logger: Logger;
    nowMs: () => number;
  }): MediaPlaneOptions['nodes'] =>
  (listener) =>
    createNodeRegistry({ ...options, listener });

/** The media side of the coordinator: nodes, and a show for each webinar that has anything of its own on them. */
export function createMediaPlane(options: MediaPlaneOptions): MediaPlane {
  const { wordSide, logger, nowMs, nowUnixMs } = options;
  const shows = new Map<string, Show>();
  const moods = new NodeMoods();

  const listener: NodeListener = {
    nodeUp(node) {
      moods.moved(node, nowUnixMs());
      const { description } = node;
      if (description.kind === 'broadcaster') wordSide.servesPages(description.originUrl);
      takeStock(
        node,
        description.kind === 'broadcaster' ? description.channelIds : [],
        description.kind === 'sfu' ? description.roomIds : [],
      );
      for (const show of shows.values()) show.changed();
    },
    nodeMoved(node) {
      moods.moved(node, nowUnixMs());
      // What failed while it was late need not wait for its next turn.
      if (node.state.is === 'here') for (const show of shows.values()) show.changed();
    },
    nodeBeat(node) {
      moods.beat(node);
      if (node.description.kind === 'broadcaster') wordSide.servesPages(node.description.originUrl);
      for (const show of shows.values()) show.beat(node);
      takeStock(
        node,
        node.load.channels.map(({ channelId }) => channelId),
        node.load.rooms,
      );
    },
    nodeDown(node) {
      for (const show of shows.values()) show.nodeDown(node);
    },
    notice(node, notice) {
      switch (notice.type) {
        case 'channel.epoch':
          return showOfChannel(notice.channelId)?.epoch(node, notice.epoch);
        case 'channel.failed':
          return showOfChannel(notice.channelId)?.failed(node, notice.message);
        case 'egress.closed':
          return shows.get(notice.roomId)?.egressClosed(notice.egressId);
        default:
          return shows.get(notice.roomId)?.stage.notice(node, notice);
      }
    },
  };

  const nodes = options.nodes(listener);
  nodeMetrics(options.metrics, () => nodes.all());

  const pick = (channelId = '', except?: ReadonlySet<MediaNode>): MediaNode | null =>
    placeChannel(nodes.broadcasters(), channelId, except);

  const leftovers = new Leftovers({
    nowMs,
    wants: {
      room: (node, roomId) => shows.get(roomId)?.stage.node === node,
      channel(node, channelId) {
        const show = showOfChannel(channelId);
        // One that is being started stops what it started itself; one whose broadcaster is not known yet may find it there.
        if (show?.is === 'starting') return true;
        return show?.is === 'onAir' && (show.broadcaster === node || show.broadcaster === null);
      },
    },
  });
  /** Being seen to: a heartbeat says it again meanwhile. */
  const settling = new Set<string>();

  function takeStock(node: MediaNode, channelIds: readonly string[], roomIds: readonly string[]): void {
    for (const left of leftovers.of(node, channelIds, roomIds)) {
      const key = `${node.nodeId} ${node.bootId} ${left.what} ${left.id}`;
      if (settling.has(key)) continue;
      settling.add(key);
      settle(node, left)
        .catch((error: unknown) =>
          logger.warn({ err: error, ...left }, 'what nobody wants was not closed yet'),
        )
        .finally(() => settling.delete(key));
    }
  }

  async function settle(node: MediaNode, { what, id }: Leftover): Promise<void> {
    if (what === 'room') {
      await nodes.sfu(node, 'room.close', { roomId: id });
      logger.info({ roomId: id, nodeId: node.nodeId }, 'closed a room that nobody is in');
      return;
    }
    const show = showOfChannel(id);
    if (show?.is === 'dormant') return show.attend();
    if (show?.is === 'ending') return show.changed();
    // A webinar's channel has its id. One that has not ended may still go live, and continues what was begun; so does one
    // that runs elsewhere by now. A live one that we do not run is another coordinator's.
    const phase = show?.is === 'onAir' ? 'live' : await wordSide.phase(id);
    if (phase === 'live' && show?.is !== 'onAir') return;
    // It may have been started while the log was read.
    if (showOfChannel(id) !== show) return;
    const stays = phase === 'live' || phase === 'scheduled';
    await nodes.broadcaster(node, stays ? 'channel.stop' : 'channel.end', { channelId: id });
    logger.info({ channelId: id, nodeId: node.nodeId, stays }, 'stopped a channel that nobody wants there');
  }

  const showOfChannel = (channelId: string): Show | undefined => {
    const own = shows.get(channelId);
    return own?.channelId === channelId ? own : [...shows.values()].find((s) => s.channelId === channelId);
  };

  const recordings = (): RecordingTrouble | null =>
    recordingTrouble(nodes.broadcasters().map(({ load }) => load.archive));

  function showOf(webinarId: string): Show {
    const known = shows.get(webinarId);
    if (known) return known;
    const { iceServers } = options;
    const show = new Show({
      webinarId,
      nodes,
      words: wordSide,
      iceServers,
      pick,
      moods,
      logger,
      nowMs,
      nowUnixMs,
    });
    shows.set(webinarId, show);
    return show;
  }

  const ticking = setInterval(() => {
    for (const [webinarId, show] of shows) {
      if (show.tick() === 'kept') continue;
      show.close();
      shows.delete(webinarId);
    }
  }, TICK_MS);
  ticking.unref();

  return {
    async handle<C extends MediaCommand>(caller: MediaCaller, command: C, input: CommandInput<C>) {
      // Stage.handle answers each command with that command's output.
      return (await showOf(caller.webinarId).stage.handle(caller, command, input)) as CommandOutput<C>;
    },
    disconnected: (caller) => shows.get(caller.webinarId)?.stage.disconnected(caller),
    dismiss: async (webinarId, personId, reason) => shows.get(webinarId)?.stage.dismiss(personId, reason),
    startChannel: (webinarId, channelId, state) => showOf(webinarId).startChannel(channelId, state),
    withdrawChannel: (webinarId) => shows.get(webinarId)?.withdraw(),
    observe(state, event) {
      switch (event.type) {
        case 'webinar.wentLive':
          wordSide.servesPages(event.originUrl);
          return showOf(state.webinarId).look(state);
        case 'webinar.ended':
          return showOf(state.webinarId).look(state);
        case 'webinar.recordingSettled':
          return shows.get(state.webinarId)?.look(state);
        case 'person.muted':
          return shows.get(state.webinarId)?.stage.hush(event.personId);
        case 'scene.changed':
          return shows.get(state.webinarId)?.changed();
        case 'direction.changed':
          return shows.get(state.webinarId)?.direct();
        default:
      }
    },
    adopt(state) {
      if (state.phase.phase === 'live') wordSide.servesPages(state.phase.channel.originUrl);
      const show = showOf(state.webinarId);
      show.find(state);
      show.changed();
    },
    lost(webinarId) {
      shows.get(webinarId)?.close();
      shows.delete(webinarId);
    },
    attended(webinarId) {
      const state = wordSide.state(webinarId);
      // Live, and new to this coordinator: another one had it until now.
      if (state?.phase.phase === 'live') showOf(webinarId).find(state);
      shows.get(webinarId)?.attend();
    },
    health: (webinarId) =>
      shows.get(webinarId)?.health() ?? {
        stage: { is: 'unused' },
        broadcaster: { is: 'unused' },
        shed: [],
        withheld: [],
        picture: null,
        recording: recordings(),
        goingLive: null,
      },
    recordingTrouble: recordings,
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
      const runs = webinarId === undefined ? null : shows.get(webinarId)?.broadcaster;
      const { description } = runs ?? pick(webinarId) ?? {};
      return description?.kind === 'broadcaster' ? description.originUrl : null;
    },
    readiness: () => ({ sfuNodes: nodes.sfuNodes().length, broadcasterNodes: nodes.broadcasters().length }),
    async close() {
      clearInterval(ticking);
      for (const show of shows.values()) show.close();
      shows.clear();
      nodes.close();
    },
  };
}
