/** Where one feature's event means something for another. It stands here and nowhere else; features themselves only read each other. */
import type { WebinarEvent, WebinarState } from '@rostrum/contracts';
import { endCountdown } from './backstage/backstage.ts';
import type { Applying, Events, EventType } from './feature.ts';
import { dropHand, lowerHand } from './hands/hands.ts';
import { welcomeGuest } from './people/people.ts';
import { publishDraft } from './plan/decide.ts';
import { openPlan, retell } from './plan/plan.ts';
import { dismissOpen } from './questions/decide.ts';
import { editedBySeq, tellOfQuestion, tellOfScene } from './recording/recording.ts';
import { takeOffAir } from './scene/air.ts';
import { openScene } from './scene/scene.ts';

type Following = {
  readonly [T in EventType]?: (state: WebinarState, event: Events[T]) => readonly WebinarEvent[];
};

/**
 * What is decided along with an event, and stands before it in the log. By the state before any of it. `decide` asks for it: an
 * event that has a line here or in `AFTER` is decided by a command.
 */
export const BEFORE: Following = {
  'webinar.wentLive': (state) => publishDraft(state),
  'doors.opened': (state) => publishDraft(state),
  // What they asked goes with them.
  'person.removed': (state, { personId }) => [
    ...takeOffAir(state, personId),
    ...dismissOpen(state, personId),
  ],
  // What they asked stays, for the crew to judge.
  'person.sentOut': (state, { personId }) => takeOffAir(state, personId),
  'guest.returned': (state, { personId }) => [
    ...takeOffAir(state, personId),
    // It asked to be heard on the stage.
    ...lowerHand(state, personId),
  ],
};

/** The same, of what stands after it. */
export const AFTER: Following = {
  // With the hand that asked for it.
  'person.unmuted': (state, { personId }) => lowerHand(state, personId),
  'consent.refused': (state, { to, personId }) =>
    to === 'recording' && state.phase.phase !== 'ended' ? takeOffAir(state, personId) : [],
};

/** What an event changes that is another feature's, before it changes its own: all of it sees the state before. */
export const ALONG: Partial<Applying<EventType>> = {
  'webinar.created': (draft, event) => {
    openScene(draft, event.title);
    openPlan(draft, event);
  },
  'plan.changed': retell,
  'doors.opened': ({ now }, { forUnixMs }) => {
    now.doorsOpenedFor = forUnixMs;
  },
  'webinar.wentLive': (draft, _event, { seq }) => {
    editedBySeq(draft, seq);
    endCountdown(draft);
  },
  'webinar.cancelled': (draft) => endCountdown(draft),
  // Whether who was in front at last was there for long enough is known now.
  'webinar.ended': (draft, _event, { seq }) => {
    if (draft.now.phase.phase === 'live') editedBySeq(draft, seq);
    endCountdown(draft);
  },
  'person.removed': (draft, { personId }) => dropHand(draft, personId),
  'person.sentOut': (draft, { personId }) => dropHand(draft, personId),
  // Chapters of the recording have words of theirs.
  'person.erased': (draft, { personId }, { seq }) => {
    dropHand(draft, personId);
    if (draft.now.phase.phase === 'ended') editedBySeq(draft, seq);
  },
  'hand.accepted': (draft, { personId }) => {
    const hand = draft.now.hands.find((h) => h.personId === personId);
    welcomeGuest(draft, personId, hand?.name);
  },
  'consent.refused': (draft, { erase }, { seq }) => {
    if (erase) editedBySeq(draft, seq);
  },
  'scene.changed': (draft, { scene }, moment) => tellOfScene(draft, scene, moment),
  'question.answeringLive': (draft, event, moment) => tellOfQuestion(draft, event, moment),
  'question.answered': (draft, event, moment) => tellOfQuestion(draft, event, moment),
  'question.dismissed': (draft, { questionId }, { seq }) => {
    const { story } = draft.now.edit;
    if (story.some((m) => m.kind === 'question' && m.questionId === questionId)) editedBySeq(draft, seq);
  },
};
