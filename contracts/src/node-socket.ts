import { z } from 'zod';
import type { Result } from './errors.ts';
import { ProfileName } from './features/phase.ts';
import { Id } from './ids.ts';
import {
  ConsumerParameters,
  MediaKind,
  MediaSource,
  OpaqueObject,
  Speakers,
  TransportParameters,
} from './media.ts';
import { SeenNetwork } from './network-quality.ts';
import { PublishHealth } from './publishing.ts';
import { DeletionStep, RecordingDownload, RecordingShape } from './recording.ts';
import { Scene } from './scene.ts';

export const NodeHandshake = z.object({
  protocol: z.int(),
  nodeToken: z.string().max(512),
  nodeId: Id,
  /** New for every start of the process: a node that was restarted has lost its rooms or picture. */
  bootId: Id,
  node: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('sfu'), roomIds: z.array(Id) }),
    z.object({
      kind: z.literal('broadcaster'),
      /** Base URL viewers reach the origin and watch page at, e.g. http://localhost:8080 */
      originUrl: z.url(),
      /** Channels it still runs, so that a restarted coordinator adopts them. */
      channelIds: z.array(Id),
    }),
  ]),
});
export type NodeHandshake = z.infer<typeof NodeHandshake>;

const None = z.null();
const inRoom = z.object({ roomId: Id, personId: Id });
const Endpoint = z.object({
  ip: z.union([z.ipv4(), z.ipv6()]),
  port: z.int().min(1).max(65_535),
  rtcpPort: z.int().min(1).max(65_535),
});
export type Endpoint = z.infer<typeof Endpoint>;
export const SrtpParameters = z.object({ cryptoSuite: z.string(), keyBase64: z.string() });

/** A room is a webinar's stage on one SFU; ids are the webinar's. All methods are idempotent where a retry can happen. */
export const sfuMethods = {
  'room.open': { input: z.object({ roomId: Id }), output: z.object({ rtpCapabilities: OpaqueObject }) },
  'room.close': { input: z.object({ roomId: Id }), output: None },
  /** Closes all of a person's transports with what is on them. */
  'person.close': { input: inRoom, output: None },
  'transport.create': {
    input: inRoom.extend({ direction: z.enum(['send', 'recv']) }),
    output: TransportParameters,
  },
  'transport.connect': {
    input: inRoom.extend({ transportId: Id, dtlsParameters: OpaqueObject }),
    output: None,
  },
  'transport.restartIce': {
    input: inRoom.extend({ transportId: Id }),
    output: z.object({ iceParameters: OpaqueObject }),
  },
  'producer.create': {
    input: inRoom.extend({
      transportId: Id,
      kind: MediaKind,
      source: MediaSource,
      rtpParameters: OpaqueObject,
      paused: z.boolean(),
    }),
    output: z.object({ producerId: Id }),
  },
  'producer.pause': { input: inRoom.extend({ producerId: Id, paused: z.boolean() }), output: None },
  'producer.close': { input: inRoom.extend({ producerId: Id }), output: None },
  'consumer.create': {
    input: inRoom.extend({ transportId: Id, producerId: Id, rtpCapabilities: OpaqueObject }),
    output: ConsumerParameters,
  },
  'consumer.update': {
    input: inRoom.extend({
      consumerId: Id,
      paused: z.boolean().optional(),
      spatialLayer: z.int().min(0).max(2).optional(),
    }),
    output: None,
  },
  'consumer.close': { input: inRoom.extend({ consumerId: Id }), output: None },
  /** A PlainTransport with one consumer, paused until `egress.connect`. `srtp`: when the broadcaster is another machine. */
  'egress.open': {
    input: z.object({
      roomId: Id,
      producerId: Id,
      srtp: z.boolean(),
      /**
       * Who takes it. Another egress of this producer for the same carrier takes the earlier one's place, so that a call
       * whose answer was lost can be made again. Without one it is always a new egress.
       */
      carrier: Id.optional(),
    }),
    output: z.object({
      egressId: Id,
      kind: MediaKind,
      /** mediasoup RtpParameters of the consumer: one codec (plus rtx), one SSRC, rtcp.cname. */
      rtpParameters: OpaqueObject,
      /** Where the SFU sends from, and receives RTCP at. */
      local: Endpoint,
      srtp: SrtpParameters.nullable(),
    }),
  },
  'egress.connect': {
    input: z.object({ roomId: Id, egressId: Id, remote: Endpoint, srtp: SrtpParameters.nullable() }),
    output: None,
  },
  /** Off air is paused: nothing sent, nothing decoded. Resuming asks the producer for a key frame. */
  'egress.update': {
    input: z.object({
      roomId: Id,
      egressId: Id,
      paused: z.boolean().optional(),
      spatialLayer: z.int().min(0).max(2).optional(),
    }),
    output: None,
  },
  'egress.close': { input: z.object({ roomId: Id, egressId: Id }), output: None },
} as const;

/** One RTP stream into the compositor. */
export const BroadcastSource = z.object({
  sourceId: Id,
  personId: Id,
  source: MediaSource,
  codec: z.enum(['VP8', 'VP9', 'H264', 'OPUS']),
  payloadType: z.int().min(0).max(127),
  clockRate: z.int().positive(),
  ssrc: z.int().nonnegative(),
  rtx: z.object({ payloadType: z.int(), ssrc: z.int() }).nullable(),
  /** Streams of one person share it: camera and microphone are synchronised by RTCP sender reports. */
  cname: z.string().max(256),
  /** Codec format parameters (fmtp), e.g. packetization-mode. */
  fmtp: z.record(z.string(), z.union([z.string(), z.number()])),
  /** The SFU's side: where RTP comes from and RTCP goes to. */
  remote: Endpoint,
  srtp: SrtpParameters.nullable(),
});
export type BroadcastSource = z.infer<typeof BroadcastSource>;

/** `run`: which compositor, or recorder of tracks, of the channel has it, counted from 1: with a later one it is gone. */
const SourceAdded = z.object({
  local: Endpoint,
  srtp: SrtpParameters.nullable(),
  run: z.int().positive().optional(),
});

export const broadcasterMethods = {
  /**
   * Starts output with this scene, or answers for the channel already running under this id, whose sources are then
   * removed: the caller (a restarted coordinator) adds what there is now. A new channel that the machine has no room for
   * is refused with `limit-reached`; one that was begun before is always continued. `tracks`: sources will be given to be
   * recorded unmixed as well. `hold`: it is before the show, and nothing is recorded until it is asked for again without; the
   * recording then begins with the next segment, and it answers when the scene is in front of it. `bed`: music is played.
   */
  'channel.start': {
    input: z.object({
      channelId: Id,
      webinarId: Id,
      profile: ProfileName,
      scene: Scene,
      tracks: z.boolean().optional(),
      hold: z.object({ bed: z.boolean() }).optional(),
    }),
    output: z.object({ playlistUrl: z.url() }),
  },
  'channel.scene': { input: z.object({ channelId: Id, scene: Scene }), output: None },
  'source.add': {
    input: z.object({ channelId: Id, source: BroadcastSource }),
    output: SourceAdded,
  },
  'source.remove': { input: z.object({ channelId: Id, sourceId: Id }), output: None },
  /**
   * Records a source unmixed beside the programme (docs/tracks.md), as `source.add` adds one to it: another stream of the same
   * producer, with an id of its own. One that is there already is replaced. `personName`: for who edits it later.
   */
  'track.add': {
    input: z.object({ channelId: Id, source: BroadcastSource, personName: z.string().max(200).optional() }),
    output: SourceAdded,
  },
  /** Answered when all of it is on disk. Idempotent. */
  'track.remove': { input: z.object({ channelId: Id, sourceId: Id }), output: None },
  /** Stops the output without ending it: a start that nobody wants any more, or that another node continues. Idempotent. */
  'channel.stop': { input: z.object({ channelId: Id }), output: None },
  'channel.end': {
    input: z.object({ channelId: Id }),
    output: z.object({
      /** null: nothing of it was recorded here. */
      recordingUrl: z.url().nullable(),
      /** Of what was recorded here, which is a part of it where another broadcaster has the rest; absent without a recording. */
      durationMs: z.number().nonnegative().optional(),
    }),
  },
  /**
   * Deletes all that there is of a recording, here and wherever this broadcaster copied it to. It is out of service and will be gone,
   * whatever happens here, once this is answered; `left`: what is not gone yet. Idempotent: asked again it says how far it is.
   */
  'recording.delete': {
    input: z.object({ channelId: Id }),
    output: z.object({ left: z.array(DeletionStep) }),
  },
  /**
   * What is to be made of a recording that the broadcaster has, running or ended. A later revision holds. Answers once it is so,
   * with the revision that it has then. Throws `not-found` where there is nothing of it.
   */
  'recording.shape': {
    input: z.object({ channelId: Id, shape: RecordingShape }),
    output: z.object({ revision: z.int().nonnegative() }),
  },
} as const;

export type SfuMethod = keyof typeof sfuMethods;
export type BroadcasterMethod = keyof typeof broadcasterMethods;
export type SfuInput<M extends SfuMethod> = z.input<(typeof sfuMethods)[M]['input']>;
export type SfuOutput<M extends SfuMethod> = z.output<(typeof sfuMethods)[M]['output']>;
export type BroadcasterInput<M extends BroadcasterMethod> = z.input<(typeof broadcasterMethods)[M]['input']>;
export type BroadcasterOutput<M extends BroadcasterMethod> = z.output<
  (typeof broadcasterMethods)[M]['output']
>;

/** What nodes tell without being asked. */
export const NodeNotice = z.discriminatedUnion('type', [
  z.object({ type: z.literal('producer.closed'), roomId: Id, personId: Id, producerId: Id }),
  z.object({ type: z.literal('consumer.closed'), roomId: Id, personId: Id, consumerId: Id }),
  z.object({
    type: z.literal('consumer.layer'),
    roomId: Id,
    personId: Id,
    consumerId: Id,
    spatialLayer: z.int().nullable(),
  }),
  z.object({ type: z.literal('egress.closed'), roomId: Id, egressId: Id }),
  z.object({ type: z.literal('speakers'), roomId: Id, speakers: Speakers }),
  /** What an SFU sees of the networks of those in a room, once every few seconds. */
  z.object({ type: z.literal('network'), roomId: Id, people: z.array(SeenNetwork) }),
  /** The room is gone from the node (its worker died). */
  z.object({ type: z.literal('room.lost'), roomId: Id }),
  /**
   * A compositor was (re)started: its sources are gone and have to be added again. `epoch` counts from 1 over the
   * channel's life.
   */
  z.object({ type: z.literal('channel.epoch'), channelId: Id, epoch: z.int() }),
  /** What records its tracks was started anew: its sources are gone and have to be added again. The programme goes on. */
  z.object({ type: z.literal('channel.tracksLost'), channelId: Id }),
  /** Its compositors died one after the other, each soon after its start. More are tried; the next epoch says that one lives. */
  z.object({ type: z.literal('channel.failed'), channelId: Id, message: z.string() }),
]);
export type NodeNotice = z.infer<typeof NodeNotice>;

/** What a compositor on a slow machine leaves out. Sound is never among it. */
export const ShedLoad = z.enum(['small-layers', '720p', '480p', '240p', 'half-rate']);
export type ShedLoad = z.infer<typeof ShedLoad>;

/** How a channel's picture fares on its machine. */
export const ChannelPressure = z.object({
  /** How late coded pictures are, ms. */
  lateMs: z.number().nonnegative(),
  /** The rung of the ladder it stands on; 0: everything is made. */
  step: z.int().min(0),
  /** What is left out now; `small-layers`: cameras are taken in a smaller simulcast layer than their tiles could show. */
  shed: z.array(ShedLoad),
});
export type ChannelPressure = z.infer<typeof ChannelPressure>;

/** A channel that is not asked for anything less. */
export const NO_PRESSURE: ChannelPressure = { lateMs: 0, step: 0, shed: [] };

/** Whether a broadcaster can record, and for how long yet. */
export const ArchiveHealth = z.object({
  /** How full the file system of its recordings is, by its settings; `low`: somebody should make room. */
  disk: z.enum(['ample', 'low', 'full']),
  /** Of what is usable, 0 to 1. */
  usedShare: z.number().min(0).max(1),
  /** The disk takes nothing since then; null: it does. */
  failingSinceUnixMs: z.number().nullable(),
  /** Absent: recordings are copied nowhere. */
  publishing: PublishHealth.optional(),
});
export type ArchiveHealth = z.infer<typeof ArchiveHealth>;

/** A source that is sent and that the picture goes without: its name card is shown. */
export const WithheldSource = z.object({
  personId: Id,
  source: MediaSource,
  /**
   * `too-large`, `too-small`: its pictures; `unsupported`, `malformed`: what it announces; `quarantined`: compositors died of it.
   */
  reason: z.enum(['too-large', 'too-small', 'unsupported', 'malformed', 'quarantined']),
});
export type WithheldSource = z.infer<typeof WithheldSource>;

/** A heartbeat is no place for a list without end. */
export const OPEN_ARCHIVES_A_BEAT = 20;
/** Each is looked up in the log. */
export const HELD_RECORDINGS_A_BEAT = 4;
export const SHAPES_A_BEAT = 20;
export const DOWNLOADS_A_BEAT = 20;

/** How a node and its machine fare. Sent by the node's main loop; that the process lives is told by its beat thread. */
export const Heartbeat = z.object({
  /** Share of one core this node used since the last heartbeat. */
  cpuCores: z.number().nonnegative(),
  /** Rooms or channels it runs. */
  loads: z.int().nonnegative(),
  pressure: z.object({
    /** Cores of the machine that had nothing to do since the last heartbeat, 0 to as many as there are. */
    idleCores: z.number().nonnegative(),
    /** How late the node's own event loop was since the last heartbeat, ms, 99th percentile. */
    loopDelayMs: z.number().nonnegative(),
  }),
  /** Ids of the rooms an SFU has open; none for a broadcaster. */
  rooms: z.array(Id),
  /** Of a broadcaster; none for an SFU. */
  channels: z.array(
    z.object({
      channelId: Id,
      state: ChannelPressure,
      withheld: z.array(WithheldSource),
      /**
       * Which compositor and recorder of tracks it has, counted from 1; 0: none yet. Notices that they were started anew may be lost
       * with the connection; what is said again and again cannot be.
       */
      runs: z.object({ compositor: z.int().nonnegative(), recorder: z.int().nonnegative() }).optional(),
    }),
  ),
  /** How many channels more a broadcaster has room for, by measurement; null: it sets no limit (an SFU). */
  roomForChannels: z.int().nonnegative().nullable(),
  /** Of a broadcaster; null for an SFU. */
  archive: ArchiveHealth.nullable(),
  /**
   * Channels that a broadcaster began to record and neither runs nor was told to end, as when it was away at their end: some of
   * them in each heartbeat, all of them in turn. Absent: none.
   */
  openArchives: z.array(Id).max(OPEN_ARCHIVES_A_BEAT).optional(),
  /**
   * Channels that a broadcaster has files of, however they ended, in the same way: some may have been deleted while it was away.
   * Absent: none.
   */
  heldRecordings: z.array(Id).max(HELD_RECORDINGS_A_BEAT).optional(),
  /**
   * Recordings that a broadcaster has, and which revision of their shape each plays by (0: of none yet): those that changed
   * first, and all of them in turn. Absent: none.
   */
  shapes: z
    .array(z.object({ channelId: Id, revision: z.int().nonnegative() }))
    .max(SHAPES_A_BEAT)
    .optional(),
  /** Files to download of recordings that some are wanted of: those first that are not all there, the others in turn. Absent: none. */
  downloads: z
    .array(z.object({ channelId: Id, files: z.array(RecordingDownload).max(8) }))
    .max(DOWNLOADS_A_BEAT)
    .optional(),
});
export type Heartbeat = z.infer<typeof Heartbeat>;

/** Handshake `auth` of a node's beat thread, on `BEAT_NAMESPACE`: the same process as the node's own connection. */
export const BeatHandshake = NodeHandshake.pick({
  protocol: true,
  nodeToken: true,
  nodeId: true,
  bootId: true,
});
export type BeatHandshake = z.infer<typeof BeatHandshake>;

/** From a thread that has no other work: the process lives, and its main loop last turned this long ago. */
export const Beat = z.object({ loopAgoMs: z.number().nonnegative() });
export type Beat = z.infer<typeof Beat>;

export interface ServerToNode {
  /** `method` is of `sfuMethods` or `broadcasterMethods`; the node parses `params` with that schema. */
  rpc: (method: string, params: unknown, ack: (result: Result<unknown>) => void) => void;
}
export interface NodeToServer {
  heartbeat: (beat: Heartbeat) => void;
  notice: (notice: NodeNotice) => void;
}
export interface BeatToServer {
  beat: (beat: Beat) => void;
}
