/** What a webinar is, and how far it has come: planned, live, ended; and whether there is a recording of it. */
import { z } from 'zod';
import { displayText, keptText } from '../display-text.ts';
import { Id } from '../ids.ts';
import { KeptUnixMs, UnixMs } from '../moment.ts';
import { KeptPlanFields } from '../plan.ts';
import { CREW } from '../roles.ts';
import { type Command, None, nothing } from './command.ts';

const TITLE = { max: 120 } as const;
export const WebinarTitle = displayText(TITLE);
/** In a log that may be older than the rules for it: what can't be shown as it is, is mended. */
export const KeptTitle = keptText(TITLE, 'Untitled');
export const ProfileName = z.enum(['fast', 'standard', 'scale']);

/** The broadcaster that has a recording: which one, where it served it then, and how much it has. */
export const Recorder = z.object({ nodeId: Id, originUrl: z.url(), durationMs: z.number().nonnegative() });
export type Recorder = z.infer<typeof Recorder>;

export const PhaseEvent = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('webinar.created'),
    title: KeptTitle,
    startsAtUnixMs: KeptUnixMs,
    profile: ProfileName,
    /** What it is planned with from the first moment on; absent: nothing. */
    plan: KeptPlanFields.optional(),
  }),
  /** `originUrl`: base URL of the origin (or CDN) the channel is served from. */
  z.object({ type: z.literal('webinar.wentLive'), channelId: Id, originUrl: z.url() }),
  /**
   * The channel runs before the show, so that nobody misses its beginning; nothing of the stage is in it, and nothing of it is recorded.
   * `forUnixMs`: the start that was planned then; null: none was.
   */
  z.object({
    type: z.literal('doors.opened'),
    channelId: Id,
    originUrl: z.url(),
    forUnixMs: KeptUnixMs,
  }),
  /** It runs no more; the webinar is as it was. */
  z.object({ type: z.literal('doors.closed') }),
  /**
   * `recording`: whether there will be word of one (`webinar.recordingSettled`), or none since it never was live. Logs from
   * before there was such word do not say: a webinar that was live is then taken to have one.
   */
  z.object({ type: z.literal('webinar.ended'), recording: z.enum(['pending', 'none']).optional() }),
  /**
   * A broadcaster finished the recording, or had nothing to record. Where several have parts of it, this may come again, for
   * the longest one. `by` is absent where nothing was recorded, and in logs from before it was said.
   */
  z.object({ type: z.literal('webinar.recordingSettled'), recorded: z.boolean(), by: Recorder.optional() }),
  /** Whoever runs it deleted its recording: it is out of service for good, and is to be gone wherever it is. */
  z.object({ type: z.literal('recording.deleted') }),
  /** All who could have anything of it have said that nothing is left. */
  z.object({ type: z.literal('recording.erased') }),
  /**
   * It was given up before it was live, after nothing of it was recorded, or after its recording was deleted, which `recording` says:
   * it has ended and is listed no more.
   */
  z.object({ type: z.literal('webinar.cancelled'), recording: z.literal('deleted').optional() }),
]);
export type PhaseEvent = z.infer<typeof PhaseEvent>;

export const phaseCommands = {
  'webinar:goLive': { input: nothing, output: None, roles: ['owner', 'host'] },
  'webinar:end': { input: nothing, output: None, roles: ['owner', 'host'] },
  /** The channel runs from now on, with the holding slide, until the show begins in it. */
  'doors:open': { input: nothing, output: None, roles: ['owner', 'host'] },
  'doors:close': { input: nothing, output: None, roles: ['owner', 'host'] },
  /** The answer to `ShowHealth.unattended`: the crew is here, and it goes on. */
  'webinar:keepLive': { input: nothing, output: None, roles: CREW },
} as const satisfies Record<string, Command>;

/** `pending`: the broadcaster has not said yet. `deleting`: it is shown to nobody any more, and may still be somewhere; `deleted`: nowhere. */
export const RecordingState = z.enum(['none', 'pending', 'ready', 'deleting', 'deleted']);
export type RecordingState = z.infer<typeof RecordingState>;

/** What was put on the air, where and since when. */
export interface LiveChannel {
  readonly channelId: string;
  readonly originUrl: string;
  readonly sinceUnixMs: number;
}

export type WebinarPhase =
  | {
      readonly phase: 'scheduled';
      /** It runs already; absent: it does not. */
      readonly doors?: LiveChannel | undefined;
    }
  | { readonly phase: 'live'; readonly channel: LiveChannel }
  | {
      readonly phase: 'ended';
      /** null: it never went live. */
      readonly channel: LiveChannel | null;
      readonly endedUnixMs: number;
      readonly recording: RecordingState;
      /** Who has it; absent: there is none, or it is not known. */
      readonly recordedBy?: Recorder | undefined;
      readonly cancelled: boolean;
    };

export interface PhaseState {
  readonly title: string;
  readonly startsAtUnixMs: number | null;
  readonly profile: z.infer<typeof ProfileName>;
  readonly phase: WebinarPhase;
}

export const PhaseView = z.discriminatedUnion('phase', [
  z.object({
    phase: z.literal('scheduled'),
    /** The doors are open: what is played until the show, and then the show. */
    doors: z.object({ sinceUnixMs: UnixMs, playlistUrl: z.string() }).exactOptional(),
  }),
  z.object({ phase: z.literal('live'), sinceUnixMs: UnixMs, playlistUrl: z.string() }),
  z.object({
    phase: z.literal('ended'),
    endedUnixMs: UnixMs,
    recording: RecordingState,
    /** null unless the recording is `ready` and published. */
    recordingUrl: z.string().nullable(),
  }),
]);
export type PhaseView = z.infer<typeof PhaseView>;

export const PhaseDelta = z.object({ type: z.literal('phase'), phase: PhaseView });
