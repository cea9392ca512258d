import { z } from 'zod';
import type { ErrorCode, Result } from './errors.ts';
import { backstageCommands } from './features/backstage.ts';
import { type Command, None, nothing } from './features/command.ts';
import { consentCommands } from './features/consent.ts';
import { doorsCommands } from './features/doors.ts';
import { handsCommands } from './features/hands.ts';
import { peopleCommands } from './features/people.ts';
import { phaseCommands } from './features/phase.ts';
import { questionsCommands } from './features/questions.ts';
import { recordingCommands } from './features/recording.ts';
import { rulesCommands } from './features/rules.ts';
import { sceneCommands } from './features/scene.ts';
import { Id } from './ids.ts';
import {
  ConsumerParameters,
  MediaKind,
  MediaSource,
  OpaqueObject,
  type Speakers,
  StageProducer,
  TransportParameters,
} from './media.ts';
import { QualityReport, type QualityUpdate } from './network-quality.ts';
import type { ShedLoad, WithheldSource } from './node-socket.ts';
import { PublishProblem } from './publishing.ts';
import type { RecordingDownload } from './recording.ts';
import { STAGE } from './roles.ts';
import { ScreenCodec } from './screen-codec.ts';
import type { ViewDelta, WebinarView } from './view.ts';

/** Handshake `auth`. `lastSeq` asks for what was missed instead of a snapshot. A client never says who it is: the token does. */
const handshakeBase = { protocol: z.int(), lastSeq: z.int().nonnegative().optional() };
export const PersonHandshake = z.union([
  z.object({ ...handshakeBase, token: z.string().max(4096) }),
  /** By the session that the browser's cookie is of; `webinarId` is where to. */
  z.object({ ...handshakeBase, webinarId: Id }),
]);
export type PersonHandshake = z.infer<typeof PersonHandshake>;

/** `data.code` of a refused connection (Socket.IO `connect_error`). */
export const HandshakeRefusal = z.enum([
  'protocol-mismatch',
  'token-invalid',
  'token-expired',
  /** The session has ended. */
  'signed-out',
  /** The link was taken back. */
  'revoked',
  'webinar-unknown',
  'removed',
  /** For a while (`SENT_OUT_MS`). */
  'sent-out',
  'rate-limited',
  'unavailable',
]);
export type HandshakeRefusal = z.infer<typeof HandshakeRefusal>;

/**
 * Everything a person can ask for, feature by feature, then what concerns media: one schema for input and output, and the roles that may. `guest` attendees count as
 * `panelist` for the media commands while their hand is accepted; the coordinator checks that against its state.
 */
export const personCommands = {
  ...phaseCommands,
  ...doorsCommands,
  ...sceneCommands,
  ...rulesCommands,
  ...peopleCommands,
  ...consentCommands,
  ...questionsCommands,
  ...handsCommands,
  ...recordingCommands,
  ...backstageCommands,

  /**
   * For whoever is about to join: until they do, they may make and connect their two transports, and no more; they are not on
   * the stage, and are told nothing of it. It ends with the connection, with `media:leave`, with `media.reset` of a lost node
   * and by itself after some minutes: then a join starts from nothing. Throws `conflict` on the stage, `limit-reached`.
   */
  'media:prepare': {
    input: nothing,
    output: z.object({ routerRtpCapabilities: OpaqueObject, iceServers: z.array(OpaqueObject) }),
    roles: STAGE,
  },
  /**
   * `resume`: the socket was away for a moment and the WebRTC transports still stand; the server answers `resumed: true`
   * when it still has them, and the client compares `producers` with what it has. Otherwise it starts from nothing.
   * `prepared`: the same of the transports made since `media:prepare`, over this connection.
   * `unlessElsewhere`: refused as `conflict` while the person stands on the stage over another connection that lives, so
   * that they can be asked; otherwise that one is replaced.
   */
  'media:join': {
    input: z.object({
      resume: z.boolean().default(false),
      prepared: z.boolean().default(false),
      unlessElsewhere: z.boolean().default(false),
    }),
    output: z.object({
      resumed: z.boolean(),
      routerRtpCapabilities: OpaqueObject,
      iceServers: z.array(OpaqueObject),
      producers: z.array(StageProducer),
      screenCodec: ScreenCodec,
    }),
    roles: STAGE,
  },
  'media:leave': { input: nothing, output: None, roles: STAGE },
  'media:createTransport': {
    input: z.object({ direction: z.enum(['send', 'recv']) }),
    output: TransportParameters,
    roles: STAGE,
  },
  'media:connectTransport': {
    input: z.object({ transportId: Id, dtlsParameters: OpaqueObject }),
    output: None,
    roles: STAGE,
  },
  'media:restartIce': {
    input: z.object({ transportId: Id }),
    output: z.object({ iceParameters: OpaqueObject, iceServers: z.array(OpaqueObject) }),
    roles: STAGE,
  },
  'media:produce': {
    input: z.object({
      transportId: Id,
      kind: MediaKind,
      source: MediaSource,
      rtpParameters: OpaqueObject,
      paused: z.boolean().default(false),
    }),
    output: z.object({ producerId: Id }),
    roles: STAGE,
  },
  'media:pauseProducer': {
    input: z.object({ producerId: Id, paused: z.boolean() }),
    output: None,
    roles: STAGE,
  },
  'media:closeProducer': { input: z.object({ producerId: Id }), output: None, roles: STAGE },
  /** Consumers start paused; `media:updateConsumer` starts them once the client can take the media. */
  'media:consume': {
    input: z.object({ transportId: Id, producerId: Id, rtpCapabilities: OpaqueObject }),
    output: ConsumerParameters,
    roles: STAGE,
  },
  'media:updateConsumer': {
    input: z.object({
      consumerId: Id,
      paused: z.boolean().optional(),
      /** Highest spatial layer the tile can show. */
      spatialLayer: z.int().min(0).max(2).optional(),
    }),
    output: None,
    roles: STAGE,
  },
  'media:closeConsumer': { input: z.object({ consumerId: Id }), output: None, roles: STAGE },
  /** How one's own network fares: every `QUALITY_REPORT_MS`, and at once when one's word for it changes. */
  'media:quality': { input: QualityReport, output: None, roles: STAGE },
} as const satisfies Record<string, Command>;

export type PersonCommand = keyof typeof personCommands;
export type CommandInput<C extends PersonCommand> = z.input<(typeof personCommands)[C]['input']>;
export type CommandOutput<C extends PersonCommand> = z.output<(typeof personCommands)[C]['output']>;

/** Events from a person to the coordinator; each is acknowledged with a `Result`. */
export type PersonToServer = {
  [C in PersonCommand]: (input: CommandInput<C>, ack: (result: Result<CommandOutput<C>>) => void) => void;
};

/** First message after the handshake: either everything, or what happened since `lastSeq`. */
export type Sync =
  | { readonly kind: 'snapshot'; readonly seq: number; readonly view: WebinarView }
  | { readonly kind: 'deltas'; readonly seq: number; readonly deltas: readonly ViewDelta[] };

/** How a node that a webinar needs fares. */
export type NodeHealth =
  /** Not needed: nobody is on the stage, or nothing is live. */
  | { readonly is: 'unused' }
  /** `busy`: its own work is delayed; what it does comes late, but comes. */
  | { readonly is: 'here'; readonly busy: boolean }
  /** It does not answer, and is still counted on. */
  | { readonly is: 'late'; readonly sinceUnixMs: number }
  /** There is none; what it did is taken up by the next one that comes. */
  | { readonly is: 'lost' };

/** What stands in the way of recording; the stream itself goes on. */
export const RecordingTrouble = z.discriminatedUnion('is', [
  /** The disk is nearly full, or full. Whole per cent. */
  z.object({ is: z.enum(['low', 'full']), usedPercent: z.int() }),
  /** Nothing can be written; what is shown waits in memory for a quarter of an hour or so. */
  z.object({ is: z.literal('failing'), sinceUnixMs: z.number() }),
  /** It is on disk, and the copy in the bucket is behind: for a reason, or because there is much of it. Whole minutes. */
  z.object({
    is: z.literal('unpublished'),
    problem: PublishProblem.nullable(),
    behindMinutes: z.int().nonnegative(),
  }),
]);
export type RecordingTrouble = z.infer<typeof RecordingTrouble>;

/** What troubles a webinar's media, for the crew: the whole state, sent at each change and to whoever connects. */
export interface ShowHealth {
  readonly stage: NodeHealth;
  readonly broadcaster: NodeHealth;
  /** What the picture goes without for want of processor time. */
  readonly shed: readonly ShedLoad[];
  /** `failing`: its compositors die one after the other, and viewers have none. */
  readonly picture: { readonly is: 'failing'; readonly sinceUnixMs: number } | null;
  /** Of the broadcaster that runs it; of any, where none does yet. */
  readonly recording: RecordingTrouble | null;
  /** Files of its recording that are wanted, as far as a broadcaster told of them. */
  readonly downloads: readonly RecordingDownload[];
  /** Who sends a picture or sound that is not in the broadcast, and why. */
  readonly withheld: readonly {
    readonly name: string;
    readonly source: MediaSource;
    readonly reason: WithheldSource['reason'];
  }[];
  /** A going live that takes longer than usual, or did not come about. */
  readonly goingLive:
    | { readonly is: 'starting'; readonly sinceUnixMs: number }
    | { readonly is: 'failed'; readonly code: ErrorCode }
    | null;
  /** It was live for so long with nobody of the crew here and nobody on the stage, until somebody came; `webinar:keepLive` settles it. */
  readonly unattended: { readonly forMs: number } | null;
}

/** `too-many-connections`: the same person came by newer ones. */
export type ClosingReason = 'too-many-connections';

/** Events from the coordinator to a person. */
export interface ServerToPerson {
  sync: (sync: Sync, serverNowUnixMs: number) => void;
  /** The log moved to `seq`; `deltas` is what that means to this person (may be empty of visible changes, then not sent). */
  deltas: (update: { seq: number; deltas: readonly ViewDelta[] }) => void;
  /** Ephemeral, at most once a second. `onStage` for crew and stage only. */
  presence: (presence: { watching: number; onStage: readonly string[] }) => void;
  /** The connection ends for good, and is not to be made again by itself. */
  closing: (why: { reason: ClosingReason }) => void;
  /** For crew only; ephemeral. */
  health: (health: ShowHealth) => void;
  /** Ephemeral, at most once a second: of everybody on the stage for the crew, of themselves for the others there. */
  quality: (update: QualityUpdate) => void;
  'media.producerAdded': (producer: StageProducer) => void;
  'media.producerPaused': (change: { producerId: string; paused: boolean }) => void;
  'media.producerClosed': (change: { producerId: string }) => void;
  'media.consumerClosed': (change: { consumerId: string }) => void;
  /** The layer the SFU now sends; null: none for want of bandwidth. */
  'media.consumerLayer': (change: { consumerId: string; spatialLayer: number | null }) => void;
  'media.speakers': (speakers: Speakers) => void;
  /** Somebody on the stage receives no other: a screen that is sent as something else is to be sent anew, as this. */
  'media.screenCodec': (to: { codec: ScreenCodec }) => void;
  /** The server paused what is heard of you, since the crew muted you (`self.muted` in the view): the client stops sending it. */
  'media.muted': (by: { name: string }) => void;
  /** All media state on the server is gone (the node was lost, or you left the stage); join again if still allowed. */
  'media.reset': (why: { reason: 'node-lost' | 'removed' | 'returned' | 'ended' | 'replaced' }) => void;
}
