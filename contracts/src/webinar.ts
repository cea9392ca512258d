import { z } from 'zod';
import { type Consents, ConsentTextVersion, ConsentTo } from './consent.ts';
import { displayText, keptText } from './display-text.ts';
import { Id } from './ids.ts';
import { KeptUnixMs } from './moment.ts';
import { RecordingCut } from './recording.ts';
import { KeptChapterTitle, type RecordingEdit } from './recording-edit.ts';
import { Role } from './roles.ts';
import { Scene } from './scene.ts';

const TITLE = { max: 120 } as const;
const NAME = { max: 60 } as const;
const QUESTION = { max: 500, multiline: true } as const;
const ANSWER = { max: 2000, multiline: true } as const;

export const WebinarTitle = displayText(TITLE);
export const PersonName = displayText(NAME);
export const QuestionText = displayText(QUESTION);
export const AnswerText = displayText({ ...ANSWER, empty: true });
export const ProfileName = z.enum(['fast', 'standard', 'scale']);

/** `open`: what is asked is seen by everybody at once; `moderated`: once somebody of the crew approved it. */
export const Moderation = z.enum(['open', 'moderated']);
export type Moderation = z.infer<typeof Moderation>;

/** How long somebody who was sent out stays out. */
export const SENT_OUT_MS = 5 * 60_000;

/** Words in a log or a token, which may be older than the rules for them: what can't be shown as it is, is mended. */
export const KeptTitle = keptText(TITLE, 'Untitled');
export const KeptName = keptText(NAME, 'Guest');
export const KeptQuestion = keptText(QUESTION, '…');
export const KeptAnswer = keptText(ANSWER, '');

/** The broadcaster that has a recording: which one, where it served it then, and how much it has. */
export const Recorder = z.object({ nodeId: Id, originUrl: z.url(), durationMs: z.number().nonnegative() });
export type Recorder = z.infer<typeof Recorder>;

/**
 * The events of a webinar's log. Past tense; durable before they are acknowledged; `seq` counts from 1 without a hole.
 * Commands are checked before they become events. Reading is lenient with words and times: no stored value may keep a
 * webinar from being opened.
 */
export const WebinarEvent = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('webinar.created'),
    title: KeptTitle,
    startsAtUnixMs: KeptUnixMs,
    profile: ProfileName,
  }),
  /** `originUrl`: base URL of the origin (or CDN) the channel is served from. */
  z.object({ type: z.literal('webinar.wentLive'), channelId: Id, originUrl: z.url() }),
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
  z.object({ type: z.literal('person.admitted'), personId: Id, name: KeptName, role: Role }),
  /** For good: the person does not come back, under whatever name. */
  z.object({ type: z.literal('person.removed'), personId: Id }),
  /** For a while (`SENT_OUT_MS`). */
  z.object({ type: z.literal('person.sentOut'), personId: Id }),
  /** Who was sent out is here again. */
  z.object({ type: z.literal('person.cameBack'), personId: Id }),
  /** By the crew: whatever they send, nothing of them is heard. */
  z.object({ type: z.literal('person.muted'), personId: Id, byPersonId: Id, byName: KeptName }),
  /** By the crew, or by themselves where they may. It opens no microphone; it lets its owner open it. */
  z.object({ type: z.literal('person.unmuted'), personId: Id, byPersonId: Id, byName: KeptName }),
  /** Whether people of the stage may unmute themselves after the crew muted them. */
  z.object({ type: z.literal('unmuting.changed'), mayUnmute: z.boolean() }),
  /** Whether what people on the stage send is kept unmixed too, of those who agree to it. */
  z.object({ type: z.literal('tracks.changed'), record: z.boolean() }),
  z.object({
    type: z.literal('consent.given'),
    personId: Id,
    to: ConsentTo,
    textVersion: ConsentTextVersion,
  }),
  /** Asked, or after it was given: from here on. `erase`: what was recorded of it before is to be deleted. */
  z.object({
    type: z.literal('consent.refused'),
    personId: Id,
    to: ConsentTo,
    textVersion: ConsentTextVersion,
    erase: z.boolean().optional(),
  }),
  /** For somebody of the crew or the stage, or one attendee. Those whom a watch page lets in have links that are not listed. */
  z.object({
    type: z.literal('link.made'),
    linkId: Id,
    personId: Id,
    name: KeptName,
    role: Role,
    expiresUnixMs: KeptUnixMs,
  }),
  z.object({ type: z.literal('link.revoked'), linkId: Id }),
  /** All that were made before, listed or not. */
  z.object({ type: z.literal('links.revoked') }),
  z.object({ type: z.literal('scene.changed'), scene: Scene }),
  z.object({ type: z.literal('direction.changed'), direction: z.enum(['automatic', 'manual']) }),
  z.object({ type: z.literal('moderation.changed'), moderation: Moderation }),
  z.object({
    type: z.literal('question.asked'),
    questionId: Id,
    personId: Id,
    name: KeptName,
    text: KeptQuestion,
    /** Nobody but its author and the crew sees it before it is approved. */
    held: z.boolean().optional(),
  }),
  z.object({ type: z.literal('question.approved'), questionId: Id }),
  z.object({ type: z.literal('question.upvoted'), questionId: Id, personId: Id }),
  z.object({ type: z.literal('question.voteWithdrawn'), questionId: Id, personId: Id }),
  /** What many votes that came together changed in the end: whose vote now counts, and whose no more. */
  z.object({
    type: z.literal('votes.counted'),
    questions: z.array(z.object({ questionId: Id, upvoted: z.array(Id), withdrawn: z.array(Id) })),
  }),
  z.object({ type: z.literal('question.answeringLive'), questionId: Id }),
  z.object({ type: z.literal('question.answered'), questionId: Id, answer: KeptAnswer.nullable() }),
  z.object({ type: z.literal('question.dismissed'), questionId: Id }),
  /** The webinar holds no more, and who asked this one is gone: it is forgotten for somebody's who is there. */
  z.object({ type: z.literal('question.gaveWay'), questionId: Id }),
  z.object({ type: z.literal('hand.raised'), personId: Id, name: KeptName }),
  z.object({ type: z.literal('hand.lowered'), personId: Id }),
  z.object({ type: z.literal('hand.declined'), personId: Id }),
  /** The attendee may now join the stage from the page they are on. */
  z.object({ type: z.literal('hand.accepted'), personId: Id }),
  /** A guest (accepted attendee) went back to the audience, by themselves or sent by the crew. */
  z.object({ type: z.literal('guest.returned'), personId: Id }),
  /** By the crew. `atUnixMs` by the programme's clock; absent: when it was said. */
  z.object({
    type: z.literal('recording.marked'),
    markId: Id,
    title: KeptChapterTitle,
    atUnixMs: z.number().optional(),
  }),
  z.object({ type: z.literal('recording.markRenamed'), markId: Id, title: KeptChapterTitle }),
  z.object({ type: z.literal('recording.markRemoved'), markId: Id }),
  /** All of them, in order. A trim is a cut that reaches beyond the beginning or the end. */
  z.object({ type: z.literal('recording.cutsChanged'), cuts: z.array(RecordingCut) }),
  /** As it is from the beginning. */
  z.object({ type: z.literal('recording.published') }),
  /** Nobody can play it. */
  z.object({ type: z.literal('recording.unpublished') }),
  /** Renditions that are to be there as one file each: all of them. */
  z.object({ type: z.literal('recording.downloadsWanted'), renditions: z.array(z.string().max(32)) }),
]);
export type WebinarEvent = z.infer<typeof WebinarEvent>;

/** One line of the log. */
export interface LoggedEvent {
  readonly seq: number;
  readonly atUnixMs: number;
  readonly event: WebinarEvent;
}

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
  | { readonly phase: 'scheduled' }
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

/** `held`: it waits for a moderator. */
export type QuestionStatus = 'held' | 'new' | 'answering' | 'answered' | 'dismissed';

export interface Question {
  readonly questionId: string;
  readonly personId: string;
  readonly name: string;
  /** Of who asked, when they asked. */
  readonly role: Role;
  readonly text: string;
  readonly askedUnixMs: number;
  readonly status: QuestionStatus;
  readonly answer: string | null;
  readonly voters: ReadonlySet<string>;
}

export interface Person {
  readonly personId: string;
  readonly name: string;
  readonly role: Role;
  /** An attendee whose hand was accepted. */
  readonly guest: boolean;
  readonly removed: boolean;
  /** Since when they are out; null: they are not, or came back. */
  readonly sentOutUnixMs: number | null;
  /** The name of who of the crew muted them; null: they are not muted by the crew. */
  readonly mutedBy: string | null;
}

/** A link that was made for somebody. */
export interface MadeLink {
  readonly linkId: string;
  readonly personId: string;
  readonly name: string;
  readonly role: Role;
  readonly madeUnixMs: number;
  readonly expiresUnixMs: number;
  readonly revoked: boolean;
}

export interface Hand {
  readonly personId: string;
  readonly name: string;
  readonly raisedUnixMs: number;
}

/** The whole state, folded from the log. Server side; what a person sees of it is a `WebinarView`. */
export interface WebinarState {
  readonly webinarId: string;
  readonly seq: number;
  readonly title: string;
  readonly startsAtUnixMs: number | null;
  readonly profile: z.infer<typeof ProfileName>;
  readonly phase: WebinarPhase;
  readonly direction: 'automatic' | 'manual';
  readonly moderation: Moderation;
  /** Whether who was muted by the crew may lift that. */
  readonly mayUnmute: boolean;
  /** Whether isolated tracks are recorded, of those who agreed to it. */
  readonly keepsTracks: boolean;
  /** What people answered when they were asked whether they may be recorded; also of those who are gone. */
  readonly consents: ReadonlyMap<string, Consents>;
  readonly scene: Scene;
  readonly people: ReadonlyMap<string, Person>;
  readonly links: ReadonlyMap<string, MadeLink>;
  /** How often all links were revoked. */
  readonly generation: number;
  readonly questions: ReadonlyMap<string, Question>;
  /** In the order they were raised. */
  readonly hands: readonly Hand[];
  /** How often each person took something back: a vote withdrawn, a hand that is down again. */
  readonly takenBack: ReadonlyMap<string, number>;
  /** What is to be made of the recording. */
  readonly edit: RecordingEdit;
}
