import type { CommandInput, CommandOutput, RecordingTrouble } from '@rostrum/contracts';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Server } from 'socket.io';
import { Deletions } from './deletions.ts';
import { DownloadStates } from './download-states.ts';
import { NodeMoods } from './health.ts';
import type { IceServersOf } from './ice-servers.ts';
import { Leftovers } from './leftovers.ts';
import type { MediaCaller, MediaCommand, MediaPlane, WordSide } from './media-plane.ts';
import { nodeMetrics } from './metrics.ts';
import { createNodeRegistry, type MediaNode, type NodeListener, type NodeRegistry } from './node-registry.ts';
import { placeChannel } from './placement.ts';
import { originOfRecording } from './recorded.ts';
import { recordingTrouble } from './recording-trouble.ts';
import { Settling } from './settling.ts';
import { RecordingShapes } from './shapes.ts';
import { Show } from './show.ts';

export type { MediaCaller, MediaCommand, MediaPlane, WordSide } from './media-plane.ts';

export interface MediaPlaneOptions {
  /** Nodes that dial in and tell `listener`. */
  readonly nodes: (listener: NodeListener) => NodeRegistry;
  readonly wordSide: WordSide;
  readonly iceServers: IceServersOf;
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
      leftovers.look(node, {
        rooms: description.kind === 'sfu' ? description.roomIds : [],
        channels: description.kind === 'broadcaster' ? description.channelIds : [],
        archives: [],
      });
      for (const show of shows.values()) show.changed();
      deletions.ask();
    },
    nodeMoved(node) {
      moods.moved(node, nowUnixMs());
      // What failed while it was late need not wait for its next turn.
      if (node.state.is !== 'here') return;
      for (const show of shows.values()) show.changed();
      deletions.ask();
    },
    nodeBeat(node) {
      moods.beat(node);
      if (node.description.kind === 'broadcaster') wordSide.servesPages(node.description.originUrl);
      for (const show of shows.values()) show.beat(node);
      leftovers.look(node, {
        rooms: node.load.rooms,
        channels: node.load.channels.map(({ channelId }) => channelId),
        archives: node.load.openArchives ?? [],
      });
      deletions.held(node, node.load.heldRecordings ?? []);
      shapes.look(node, node.load.shapes ?? []);
      downloads.beat(node, node.load.downloads ?? []);
    },
    nodeDown(node) {
      for (const show of shows.values()) show.nodeDown(node);
      downloads.nodeDown(node);
    },
    notice(node, notice) {
      switch (notice.type) {
        case 'channel.epoch':
          return showOfChannel(notice.channelId)?.epoch(node, notice.epoch);
        case 'channel.failed':
          return showOfChannel(notice.channelId)?.failed(node, notice.message);
        case 'channel.tracksLost':
          return showOfChannel(notice.channelId)?.tracksLost(node);
        case 'egress.closed':
          return shows.get(notice.roomId)?.egressClosed(notice.egressId);
        case 'network':
          if (shows.get(notice.roomId)?.stage.room?.node === node)
            wordSide.network(notice.roomId, notice.people);
          return;
        default:
          return shows.get(notice.roomId)?.stage.notice(node, notice);
      }
    },
  };

  const nodes = options.nodes(listener);
  nodeMetrics(options.metrics, () => nodes.all());

  const pick = (channelId = '', except?: ReadonlySet<MediaNode>): MediaNode | null =>
    placeChannel(nodes.broadcasters(), channelId, except);

  const showOfChannel = (channelId: string): Show | undefined => {
    const own = shows.get(channelId);
    return own?.channelId === channelId ? own : [...shows.values()].find((s) => s.channelId === channelId);
  };

  const downloads = new DownloadStates();
  const deletions = new Deletions({ nodes, words: wordSide, logger, nowMs });
  const settling = new Settling({ nodes, words: wordSide, showOfChannel, logger, nowMs });
  const leftovers = new Leftovers({
    settle: (node, left) => settling.settle(node, left),
    logger,
    nowMs,
    wants: {
      room: (node, roomId) => shows.get(roomId)?.stage.node === node,
      channel(node, channelId) {
        const show = showOfChannel(channelId);
        // One that is being started stops what it started itself; one whose broadcaster is not known yet may find it there.
        if (show?.is === 'starting' || show?.is === 'opening') return true;
        const runs = show?.is === 'onAir' || show?.is === 'doors';
        return runs && (show.broadcaster === node || show.broadcaster === null);
      },
      // A show whose broadcast is not over may go on with it, or asks for its end itself.
      archive: (channelId) => showOfChannel(channelId) !== undefined,
    },
  });

  const shapes = new RecordingShapes({
    nodes,
    shape: (webinarId) => wordSide.shape(webinarId),
    state: (webinarId) => wordSide.state(webinarId),
    logger,
    nowMs,
  });

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
    shapes.tick();
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
    openDoors: (webinarId, channelId, state) => showOf(webinarId).openDoors(channelId, state),
    withdrawChannel: (webinarId) => shows.get(webinarId)?.withdraw(),
    observe(state, event) {
      shapes.observe(state);
      switch (event.type) {
        case 'doors.opened':
          wordSide.servesPages(event.originUrl);
          return showOf(state.webinarId).look(state);
        case 'doors.closed':
          return shows.get(state.webinarId)?.look(state);
        case 'webinar.cancelled':
          shows.get(state.webinarId)?.look(state);
          return shows.get(state.webinarId)?.stage.clear();
        case 'backstage.closed':
          return shows.get(state.webinarId)?.stage.clear();
        case 'doors.ruled':
        case 'plan.changed':
          return shows.get(state.webinarId)?.changed();
        case 'webinar.wentLive':
          wordSide.servesPages(event.originUrl);
          return showOf(state.webinarId).look(state);
        case 'webinar.ended':
          showOf(state.webinarId).look(state);
          return shows.get(state.webinarId)?.stage.clear();
        case 'webinar.recordingSettled':
          return shows.get(state.webinarId)?.look(state);
        case 'recording.deleted':
        case 'recording.erased':
          shows.get(state.webinarId)?.look(state);
          return deletions.look(state);
        case 'person.muted':
          return shows.get(state.webinarId)?.stage.hush();
        case 'scene.changed':
        case 'tracks.changed':
          return shows.get(state.webinarId)?.changed();
        case 'consent.given':
        case 'consent.refused':
          shows.get(state.webinarId)?.changed();
          return shows.get(state.webinarId)?.direct();
        case 'direction.changed':
          return shows.get(state.webinarId)?.direct();
        default:
      }
    },
    adopt(state) {
      if (state.phase.phase === 'scheduled' && state.phase.doors)
        wordSide.servesPages(state.phase.doors.originUrl);
      if (state.phase.phase === 'live') wordSide.servesPages(state.phase.channel.originUrl);
      deletions.look(state);
      const show = showOf(state.webinarId);
      show.find(state);
      show.changed();
    },
    lost(webinarId) {
      shapes.lost(webinarId);
      shows.get(webinarId)?.close();
      shows.delete(webinarId);
      deletions.lost(webinarId);
    },
    attended(webinarId) {
      const state = wordSide.state(webinarId);
      // Live, and new to this coordinator: another one had it until now.
      const doors = state?.phase.phase === 'scheduled' && state.phase.doors !== undefined;
      if (state && (doors || state.phase.phase === 'live')) showOf(webinarId).find(state);
      shows.get(webinarId)?.attend();
    },
    health: (webinarId) => ({
      ...(shows.get(webinarId)?.health() ?? {
        stage: { is: 'unused' },
        broadcaster: { is: 'unused' },
        shed: [],
        withheld: [],
        picture: null,
        recording: recordings(),
        goingLive: null,
      }),
      downloads: downloads.of(webinarId, wordSide.state(webinarId)?.edit.downloads ?? []),
    }),
    recordingTrouble: recordings,
    recordingRemains: (webinarId) => deletions.remains(webinarId),
    withMedia: (webinarId) => shows.get(webinarId)?.stage.people ?? [],
    stageNode: (webinarId) => shows.get(webinarId)?.stage.node?.nodeId ?? null,
    holdsMedia: (caller) => shows.get(caller.webinarId)?.stage.holds(caller) ?? false,
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
      const phase = webinarId === undefined ? undefined : wordSide.state(webinarId)?.phase;
      const recorded = phase ? originOfRecording(phase, nodes.broadcasters()) : null;
      if (recorded !== null) return recorded;
      const runs = webinarId === undefined ? null : shows.get(webinarId)?.broadcaster;
      const { description } = runs ?? pick(webinarId) ?? {};
      return description?.kind === 'broadcaster' ? description.originUrl : null;
    },
    readiness: () => ({ sfuNodes: nodes.sfuNodes().length, broadcasterNodes: nodes.broadcasters().length }),
    async close() {
      clearInterval(ticking);
      for (const show of shows.values()) show.close();
      shows.clear();
      deletions.close();
      shapes.close();
      nodes.close();
    },
  };
}
