import {
  type HandView,
  isCrew,
  type LiveChannel,
  mediaUrls,
  type Person,
  type PersonView,
  type PhaseView,
  type Question,
  type QuestionView,
  type Role,
  type RulesView,
  STAGE,
  type ViewDelta,
  type WebinarEvent,
  type WebinarView,
} from '@rostrum/contracts';
import { consentsOf, consentView } from './consent.ts';
import type { FoldedState } from './fold.ts';
import { mayBeOnStage } from './people.ts';
import { recordingView } from './recording-shape.ts';
import { ALL_COUNT, type Counted } from './turnout.ts';

/** Who looks: a person, as their link says, or a whole class of people without anything of their own. */
export interface Viewer {
  readonly personId: string;
  readonly name: string;
  readonly role: Role;
}

/** What people see depends on their class and on who they are; most of it on the class alone. */
export type ViewerClass = 'crew' | 'stage' | 'audience';
export const VIEWER_CLASSES: readonly ViewerClass[] = ['crew', 'stage', 'audience'];

/** A guest sees what the stage sees for as long as they are one. */
export function classOf(state: FoldedState, viewer: Viewer): ViewerClass {
  if (isCrew(viewer.role)) return 'crew';
  if (STAGE.includes(viewer.role)) return 'stage';
  return state.people.get(viewer.personId)?.guest ? 'stage' : 'audience';
}

/**
 * Everything the viewer may see. `originUrl`: where channels are served now; null: where the log says. `counted`: which votes
 * and hands of the log do.
 */
export function project(
  state: FoldedState,
  viewer: Viewer,
  originUrl: string | null,
  counted: Counted = ALL_COUNT,
): WebinarView {
  const viewerClass = classOf(state, viewer);
  const onStage = viewerClass !== 'audience';
  return {
    webinarId: state.webinarId,
    title: state.title,
    startsAtUnixMs: state.startsAtUnixMs,
    profile: state.profile,
    phase: phaseView(state, originUrl),
    self: {
      personId: viewer.personId,
      name: viewer.name,
      role: viewer.role,
      ...selfView(state, viewer.personId),
    },
    rules: rulesView(state),
    questions: [...state.questions.values()]
      .filter((q) => seesQuestion(q, viewerClass, viewer.personId))
      .map((q) => questionView(q, viewerClass, viewer.personId, counted)),
    people: onStage
      ? [...state.people.values()].filter(mayBeOnStage).map((p) => personView(state, p, viewerClass))
      : [],
    hands: viewerClass === 'crew' ? handsView(state, counted) : [],
    scene: onStage ? state.scene : null,
    direction: onStage ? state.direction : null,
    recording: viewerClass === 'crew' ? recordingView(state) : null,
  };
}

/** What an event changes in views. Deltas carry the present value of it, so several events make one delta. */
export type Touch =
  | { readonly kind: 'phase' | 'hands' | 'scene' | 'rules' | 'recording' }
  /** Of the recording; they are shown once it has ended. */
  | { readonly kind: 'chapters' }
  | { readonly kind: 'question'; readonly questionId: string }
  /** Its votes are counted otherwise now, and nobody voted. */
  | { readonly kind: 'tally'; readonly questionId: string }
  | { readonly kind: 'vote'; readonly questionId: string; readonly personId: string }
  | { readonly kind: 'person' | 'self'; readonly personId: string }
  /** The person went from the audience to the stage or back. */
  | { readonly kind: 'class'; readonly personId: string };

export function touchesOf(event: WebinarEvent): readonly Touch[] {
  switch (event.type) {
    case 'webinar.created':
      return [];
    case 'webinar.wentLive':
    case 'webinar.ended':
    case 'webinar.recordingSettled':
    case 'recording.deleted':
    case 'recording.erased':
    case 'webinar.cancelled':
    case 'recording.published':
    case 'recording.unpublished':
      return [{ kind: 'phase' }, { kind: 'recording' }];
    case 'recording.marked':
    case 'recording.markRenamed':
    case 'recording.markRemoved':
    case 'recording.cutsChanged':
    case 'recording.downloadsWanted':
      return [{ kind: 'recording' }];
    // Nobody's view holds links; whoever runs the webinar asks for them.
    case 'link.made':
    case 'link.revoked':
    case 'links.revoked':
    case 'person.cameBack':
      return [];
    case 'person.admitted':
      return [{ kind: 'person', personId: event.personId }];
    case 'person.muted':
    case 'person.unmuted':
    case 'consent.given':
    case 'consent.refused':
      return [
        { kind: 'person', personId: event.personId },
        { kind: 'self', personId: event.personId },
      ];
    case 'person.removed':
    case 'person.sentOut':
    case 'hand.accepted':
    case 'guest.returned':
      return [
        { kind: 'class', personId: event.personId },
        { kind: 'person', personId: event.personId },
        { kind: 'hands' },
      ];
    case 'scene.changed':
    case 'direction.changed':
      return [{ kind: 'scene' }];
    case 'moderation.changed':
    case 'unmuting.changed':
    case 'tracks.changed':
      return [{ kind: 'rules' }];
    case 'question.asked':
    case 'question.approved':
    case 'question.gaveWay':
      return [{ kind: 'question', questionId: event.questionId }];
    case 'question.answeringLive':
    case 'question.answered':
    case 'question.dismissed':
      return [{ kind: 'question', questionId: event.questionId }, { kind: 'chapters' }];
    case 'question.upvoted':
    case 'question.voteWithdrawn':
      return [{ kind: 'vote', questionId: event.questionId, personId: event.personId }];
    case 'votes.counted':
      return event.questions.flatMap(({ questionId, upvoted, withdrawn }) =>
        [...upvoted, ...withdrawn].map((personId): Touch => ({ kind: 'vote', questionId, personId })),
      );
    case 'hand.raised':
    case 'hand.lowered':
    case 'hand.declined':
      return [{ kind: 'hands' }, { kind: 'self', personId: event.personId }];
  }
}

/** Touches without repeats, in the order they first came; a vote on a question that changed otherwise is part of that. */
export function mergeTouches(events: Iterable<WebinarEvent>): Touch[] {
  const merged = new Map<string, Touch>();
  for (const event of events) {
    for (const touch of touchesOf(event)) {
      const key = touchKey(touch);
      if (!merged.has(key)) merged.set(key, touch);
    }
  }
  return [...merged.values()];
}

function touchKey(touch: Touch): string {
  switch (touch.kind) {
    case 'phase':
    case 'hands':
    case 'scene':
    case 'rules':
    case 'recording':
    case 'chapters':
      return touch.kind;
    case 'question':
    case 'tally':
      return `${touch.kind} ${touch.questionId}`;
    case 'vote':
      return `vote ${touch.questionId} ${touch.personId}`;
    case 'person':
    case 'self':
    case 'class':
      return `${touch.kind} ${touch.personId}`;
  }
}

/** People whose deltas differ from their class's: for them the deltas are made one by one. */
export function concernedBy(touches: readonly Touch[], state: FoldedState): Set<string> {
  const people = new Set<string>();
  for (const touch of touches) {
    if (touch.kind === 'question') {
      const question = state.questions.get(touch.questionId);
      if (question) {
        people.add(question.personId);
        for (const voter of question.voters) people.add(voter);
      }
    } else if (touch.kind === 'vote' || touch.kind === 'self' || touch.kind === 'class') {
      people.add(touch.personId);
    }
  }
  return people;
}

/**
 * The deltas that bring a view from before the touches to `state`. `viewer` is one person, or a class: then without
 * what is anybody's own. Several touches of one thing give one delta with its present value.
 */
export function deltasOf(
  touches: readonly Touch[],
  state: FoldedState,
  viewer: Viewer | ViewerClass,
  originUrl: string | null,
  counted: Counted = ALL_COUNT,
): ViewDelta[] {
  const viewerClass = typeof viewer === 'string' ? viewer : classOf(state, viewer);
  const personId = typeof viewer === 'string' ? null : viewer.personId;
  const deltas = new Map<string, ViewDelta>();
  const add = (key: string, delta: ViewDelta): void => {
    // Moves a repeat to the end: a later delta of the same thing is the one that counts.
    deltas.delete(key);
    deltas.set(key, delta);
  };
  const addPerson = (id: string): void => {
    const person = state.people.get(id);
    add(
      `person ${id}`,
      viewerClass !== 'audience' && person && mayBeOnStage(person)
        ? { type: 'person', person: personView(state, person, viewerClass) }
        : { type: 'personGone', personId: id },
    );
  };
  const classChanged = touches.some((t) => t.kind === 'class' && t.personId === personId);

  for (const touch of touches) {
    switch (touch.kind) {
      case 'phase':
        add('phase', { type: 'phase', phase: phaseView(state, originUrl) });
        break;
      case 'hands':
        if (viewerClass === 'crew') add('hands', { type: 'hands', hands: handsView(state, counted) });
        break;
      case 'recording':
      case 'chapters':
        if (viewerClass !== 'crew' || (touch.kind === 'chapters' && state.phase.phase !== 'ended')) break;
        add('recording', { type: 'recording', recording: recordingView(state) });
        break;
      case 'rules':
        add('rules', { type: 'rules', rules: rulesView(state) });
        break;
      case 'scene':
        if (viewerClass !== 'audience') add('scene', sceneDelta(state));
        break;
      case 'question': {
        const question = state.questions.get(touch.questionId);
        if (deltas.has(`question ${touch.questionId}`)) break;
        const seen = question !== undefined && seesQuestion(question, viewerClass, personId);
        // It was never seen, so nothing is gone: not even that it is there is told.
        if (!seen && question?.status === 'held') break;
        add(
          `question ${touch.questionId}`,
          seen
            ? { type: 'question', question: questionView(question, viewerClass, personId, counted) }
            : { type: 'questionGone', questionId: touch.questionId },
        );
        break;
      }
      case 'tally':
      case 'vote': {
        const { questionId } = touch;
        const question = state.questions.get(questionId);
        if (!question || !seesQuestion(question, viewerClass, personId)) break;
        add(`votes ${questionId}`, { type: 'votes', questionId, votes: counted.votes(question) });
        if (touch.kind === 'vote' && touch.personId === personId) {
          add(`voted ${questionId}`, { type: 'voted', questionId, voted: question.voters.has(personId) });
        }
        break;
      }
      case 'person':
        if (viewerClass !== 'audience' || classChanged) addPerson(touch.personId);
        break;
      case 'self':
        if (touch.personId === personId) add('self', { type: 'self', ...selfView(state, personId) });
        break;
      case 'class':
        if (touch.personId !== personId) break;
        add('self', { type: 'self', ...selfView(state, personId) });
        // Everything the stage sees and the audience does not, to show it or to take it away.
        for (const id of state.people.keys()) addPerson(id);
        add(
          'scene',
          viewerClass === 'audience' ? { type: 'scene', scene: null, direction: null } : sceneDelta(state),
        );
        break;
    }
  }
  return [...deltas.values()];
}

/** The deltas of one event to one viewer; `after` is the state it led to. */
export const deltasFor = (
  event: WebinarEvent,
  after: FoldedState,
  viewer: Viewer,
  originUrl: string | null,
): ViewDelta[] => deltasOf(touchesOf(event), after, viewer, originUrl);

function seesQuestion(question: Question, viewerClass: ViewerClass, personId: string | null): boolean {
  if (viewerClass === 'crew' || question.personId === personId) return true;
  return question.status !== 'dismissed' && question.status !== 'held';
}

function questionView(
  question: Question,
  viewerClass: ViewerClass,
  personId: string | null,
  counted: Counted,
): QuestionView {
  const { questionId, name, role, text, askedUnixMs, status, answer, voters } = question;
  return {
    questionId,
    name,
    role,
    personId: viewerClass === 'crew' ? question.personId : null,
    text,
    askedUnixMs,
    status,
    answer,
    votes: counted.votes(question),
    mine: question.personId === personId,
    voted: personId !== null && voters.has(personId),
  };
}

const personView = (
  state: FoldedState,
  { personId, name, role, guest, mutedBy }: Person,
  viewerClass: ViewerClass,
): PersonView => ({
  personId,
  name,
  role,
  guest,
  muted: mutedBy !== null,
  // What somebody would rather not is between them and who runs the show.
  consent: viewerClass === 'crew' ? consentView(consentsOf(state, personId)) : null,
});

const rulesView = ({ moderation, mayUnmute, keepsTracks }: FoldedState): RulesView => ({
  moderation,
  mayUnmute,
  tracks: keepsTracks,
});

const handsView = (state: FoldedState, counted: Counted): HandView[] =>
  counted.hands(state).map((hand) => ({ ...hand }));

const sceneDelta = (state: FoldedState): ViewDelta => ({
  type: 'scene',
  scene: state.scene,
  direction: state.direction,
});

type SelfView = Pick<WebinarView['self'], 'guest' | 'hand' | 'muted' | 'consent'>;

function selfView(state: FoldedState, personId: string): SelfView {
  const person = state.people.get(personId);
  const guest = person?.guest ?? false;
  const raised = state.hands.some((h) => h.personId === personId);
  const muted = person?.mutedBy && mayBeOnStage(person) ? { byName: person.mutedBy, asked: raised } : null;
  const hand = guest ? 'accepted' : raised ? 'raised' : state.declined.has(personId) ? 'declined' : 'down';
  return { guest, hand, muted, consent: consentView(consentsOf(state, personId)) };
}

export function phaseView(state: FoldedState, originUrl: string | null): PhaseView {
  const { phase } = state;
  const urls = (channel: LiveChannel) => mediaUrls(originUrl ?? channel.originUrl);
  switch (phase.phase) {
    case 'scheduled':
      return { phase: 'scheduled' };
    case 'live': {
      const { channel } = phase;
      return {
        phase: 'live',
        sinceUnixMs: channel.sinceUnixMs,
        playlistUrl: urls(channel).live(channel.channelId),
      };
    }
    case 'ended': {
      const { channel, recording, endedUnixMs } = phase;
      const ready = channel && recording === 'ready' && state.edit.published;
      return {
        phase: 'ended',
        endedUnixMs,
        recording,
        recordingUrl: ready ? urls(channel).recording(channel.channelId) : null,
      };
    }
  }
}
