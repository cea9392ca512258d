import type {
  CommandInput,
  CommandOutput,
  PersonCommand,
  RecordingRemains,
  RecordingShape,
  RecordingTrouble,
  SeenNetwork,
  ServerToPerson,
  ShowHealth,
  WebinarEvent,
  WebinarState,
} from '@rostrum/contracts';

/**
 * The line between the coordinator's word side (log, people, sockets) and its media side (nodes, stage, broadcast).
 * The word side calls `MediaPlane`; the media side calls `WordSide`. Neither reaches around it.
 */
/** `media:quality` is about media and asks nothing of it: the word side takes it. */
export type MediaCommand = Exclude<Extract<PersonCommand, `media:${string}`>, 'media:quality'>;

export interface MediaCaller {
  readonly webinarId: string;
  readonly personId: string;
  /** The Socket.IO connection. A person's newer connection that joins replaces the older one's media. */
  readonly connectionId: string;
}

export type MediaHealth = Omit<ShowHealth, 'unattended'>;

export interface MediaPlane {
  /** Runs an authorised, parsed media command. Throws `RostrumError`. */
  handle<C extends MediaCommand>(
    caller: MediaCaller,
    command: C,
    input: CommandInput<C>,
  ): Promise<CommandOutput<C>>;
  /** The connection is gone; its media is closed unless a newer connection already took over. */
  disconnected(caller: MediaCaller): void;
  /** Closes a person's media and tells them why (removed, guest returned). */
  dismiss(webinarId: string, personId: string, reason: 'removed' | 'returned'): Promise<void>;
  /**
   * Starts the channel's output before `webinar.wentLive` is logged. On a machine that is slow that takes long; it is tried
   * for a minute. Throws `no-broadcaster`, `limit-reached` or `node-timeout`; then nothing of it runs.
   */
  startChannel(webinarId: string, channelId: string, state: WebinarState): Promise<{ originUrl: string }>;
  /**
   * The same, before `doors.opened` is logged: the channel runs with what is shown before the show. `startChannel` goes on with it,
   * and `withdrawChannel` leaves it where the log has it.
   */
  openDoors(webinarId: string, channelId: string, state: WebinarState): Promise<{ originUrl: string }>;
  /** Stops what `startChannel` or `openDoors` started, when the log could not take it. */
  withdrawChannel(webinarId: string): void;
  /** Called after each appended event with the state it led to; must not throw and does its work in the background. */
  observe(state: WebinarState, event: WebinarEvent): void;
  /**
   * Called once at start for every webinar that is live in the log, whose doors are open, or that has ended and waits for word of its recording or of its
   * deletion. A live
   * one's channel is taken up when a broadcaster comes that runs it, or somebody who is there for it (`attended`): a show
   * that nobody attends is not worth a compositor.
   */
  adopt(state: WebinarState): void;
  /** Another coordinator writes the webinar now: everything of it here is let go of, and nothing of it is ended. */
  lost(webinarId: string): void;
  /** Somebody, of whatever role, is connected to the webinar. */
  attended(webinarId: string): void;
  /** What troubles the webinar's media. */
  health(webinarId: string): MediaHealth;
  /** What stands in the way of recording at any broadcaster that is connected. */
  recordingTrouble(): RecordingTrouble | null;
  /** What is left of a recording that is being deleted; null: nothing is deleted, or another process does it. */
  recordingRemains(webinarId: string): readonly RecordingRemains[] | null;
  /** Everybody with a place on the stage, crew that only watches it too. */
  withMedia(webinarId: string): readonly string[];
  /** The SFU node that a webinar's stage is on; null: nobody is on it. */
  stageNode(webinarId: string): string | null;
  /** Whether that connection is the one by which its person has it. */
  holdsMedia(caller: MediaCaller): boolean;
  /** People with media on the stage. */
  onStage(webinarId: string): readonly string[];
  /**
   * Base URL of origin and watch page of the broadcaster that runs the webinar's channel; of the one that would get it where
   * none does, or no webinar is named. null: none connected.
   */
  originUrl(webinarId?: string): string | null;
  readiness(): { readonly sfuNodes: number; readonly broadcasterNodes: number };
  close(): Promise<void>;
}

export interface WordSide {
  state(webinarId: string): WebinarState | null;
  /** As the log has it, also of a webinar that is not in memory; null: there is none of that id. */
  phase(webinarId: string): Promise<WebinarState['phase']['phase'] | 'doors' | null>;
  /** Whether the log says that the recording of a webinar is deleted. Of one that it does not know: no. */
  recordingIsDeleted(webinarId: string): Promise<boolean>;
  /** What the log says its recording is to be, also of a webinar that is not in memory; null: there is none, or it never was live. */
  shape(webinarId: string): Promise<RecordingShape | null>;
  /** Appends events the media side decided on (automatic direction). Resolves when durable. */
  append(webinarId: string, decide: (state: WebinarState) => readonly WebinarEvent[]): Promise<void>;
  /** A broadcaster that is connected, or that a live channel was put on, serves pages at this base URL. */
  servesPages(originUrl: string): void;
  /** What the SFU of a webinar's stage sees of the networks of those on it. */
  network(webinarId: string, people: readonly SeenNetwork[]): void;
  /** Whether the connection stands. */
  isConnected(caller: MediaCaller): boolean;
  /** To exactly this connection; silently nothing when it is gone. */
  tell<E extends keyof ServerToPerson>(
    to: MediaCaller,
    event: E,
    ...args: Parameters<ServerToPerson[E]>
  ): void;
}
