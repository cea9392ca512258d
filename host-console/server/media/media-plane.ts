import type {
  CommandInput,
  CommandOutput,
  PersonCommand,
  ServerToPerson,
  WebinarEvent,
  WebinarState,
} from '@rostrum/contracts';

/**
 * The line between the coordinator's word side (log, people, sockets) and its media side (nodes, stage, broadcast).
 * The word side calls `MediaPlane`; the media side calls `WordSide`. Neither reaches around it.
 */
export type MediaCommand = Extract<PersonCommand, `media:${string}`>;

export interface MediaCaller {
  readonly webinarId: string;
  readonly personId: string;
  /** The Socket.IO connection. A person's newer connection that joins replaces the older one's media. */
  readonly connectionId: string;
}

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
  /** Pauses the person's microphone at the SFU, so that nothing is heard even of a client that does not obey. */
  mute(webinarId: string, personId: string, byName: string): Promise<void>;
  /** Starts the channel's output before `webinar.wentLive` is logged. Throws `no-broadcaster` or `node-timeout`. */
  startChannel(webinarId: string, channelId: string, state: WebinarState): Promise<{ originUrl: string }>;
  /** Called after each appended event with the state it led to; must not throw and does its work in the background. */
  observe(state: WebinarState, event: WebinarEvent): void;
  /** Called once at start for every webinar that is live in the log. */
  adopt(state: WebinarState): void;
  /** People with media on the stage. */
  onStage(webinarId: string): readonly string[];
  /** Base URL of a connected broadcaster's origin and watch page; null: none connected yet. */
  originUrl(): string | null;
  readiness(): { readonly sfuNodes: number; readonly broadcasterNodes: number };
  close(): Promise<void>;
}

export interface WordSide {
  state(webinarId: string): WebinarState | null;
  /** Appends events the media side decided on (automatic direction). Resolves when durable. */
  append(webinarId: string, decide: (state: WebinarState) => readonly WebinarEvent[]): Promise<void>;
  /** To exactly this connection; silently nothing when it is gone. */
  tell<E extends keyof ServerToPerson>(
    to: MediaCaller,
    event: E,
    ...args: Parameters<ServerToPerson[E]>
  ): void;
}
