import {
  isCrew,
  MAX_ON_AIR,
  type OnAirPerson,
  type Question,
  RostrumError,
  type Scene,
  type WebinarEvent,
  type WebinarState,
} from '@rostrum/contracts';
import type { Caller, Decidable } from './commands.ts';
import { answerConsent, mayBeRecorded } from './consent.ts';
import { refuseImitator } from './names.ts';
import {
  handOf,
  mayBeOnStage,
  mute,
  personOnStage,
  removePerson,
  sendOut,
  takeOffAir,
  unmute,
  unmuteSelf,
} from './people.ts';
import { editRecording } from './recording-edit.ts';
import { conflict, notFound } from './refusals.ts';
import { type Crowd, NO_CROWD } from './turnout.ts';

/** Bounds on what one webinar holds, so that no client can fill the memory. */
export const LIMITS = {
  questionsPerPerson: 50,
  questions: 5000,
  hands: 1000,
  links: 10_000,
  /** Votes and consents withdrawn and hands lowered by one person: the log keeps each, and nobody may make it grow for ever. */
  takenBack: 200,
} as const;

/**
 * What a command means for the log: the events to append, none when it changes nothing (a repeat), or a
 * `RostrumError`. Pure. The caller's role has been checked against the command's; this decides by the state, and by who is
 * there where numbers are limited.
 */
export function decide(
  state: WebinarState,
  command: Decidable,
  caller: Caller,
  crowd: Crowd = NO_CROWD,
): readonly WebinarEvent[] {
  const { phase } = state.phase;
  switch (command.name) {
    case 'webinar:goLive':
      if (phase === 'live') return [];
      if (phase === 'ended') throw conflict('the webinar has ended');
      return [{ type: 'webinar.wentLive', ...command.channel }];
    case 'webinar:end':
      if (phase === 'ended') return [];
      return [{ type: 'webinar.ended', recording: phase === 'live' ? 'pending' : 'none' }];
    case 'webinar:keepLive':
      return [];

    case 'air:set':
      refuseAfterEnd(state);
      return command.input.onAir
        ? takeOnAir(state, command.input.personId)
        : takeOffAir(state, command.input.personId);
    case 'scene:update':
      refuseAfterEnd(state);
      return changeScene(state, definedOnly(command.input));
    case 'direction:set':
      refuseAfterEnd(state);
      return command.input.direction === state.direction
        ? []
        : [{ type: 'direction.changed', direction: command.input.direction }];

    case 'person:mute':
      return mute(state, command.input.personId, caller);
    case 'person:unmute':
      return unmute(state, command.input.personId, caller);
    case 'person:unmuteSelf':
      return unmuteSelf(state, caller, isCrew(caller.role));
    case 'unmuting:set':
      refuseAfterEnd(state);
      return command.input.mayUnmute === state.mayUnmute
        ? []
        : [{ type: 'unmuting.changed', mayUnmute: command.input.mayUnmute }];
    case 'tracks:set':
      refuseAfterEnd(state);
      return command.input.record === state.keepsTracks
        ? []
        : [{ type: 'tracks.changed', record: command.input.record }];
    case 'consent:answer':
      if (command.input.given) {
        refuseAfterEnd(state);
        // Asked when it is given, so that it can always be taken back.
        refuseOneMore(state, caller.personId);
      }
      return answerConsent(state, command.input, caller);
    case 'person:sendOut':
      return sendOut(state, command.input.personId, caller);
    case 'person:remove':
      return removePerson(state, command.input.personId, caller);

    case 'question:ask':
      refuseAfterEnd(state);
      return askQuestion(state, command.input, caller, crowd);
    case 'question:vote':
      refuseAfterEnd(state);
      return vote(state, command.input, caller, crowd);
    case 'question:answerLive': {
      const question = openQuestion(state, command.input.questionId);
      return question.status === 'answering'
        ? []
        : [{ type: 'question.answeringLive', questionId: question.questionId }];
    }
    case 'question:answer': {
      const question = openQuestion(state, command.input.questionId);
      const answer = command.input.answer || null;
      return question.status === 'answered' && question.answer === answer
        ? []
        : [{ type: 'question.answered', questionId: question.questionId, answer }];
    }
    case 'moderation:set':
      refuseAfterEnd(state);
      return command.input.moderation === state.moderation
        ? []
        : [{ type: 'moderation.changed', moderation: command.input.moderation }];
    case 'question:approve': {
      const question = openQuestion(state, command.input.questionId);
      return question.status === 'held'
        ? [{ type: 'question.approved', questionId: question.questionId }]
        : [];
    }
    case 'question:dismiss': {
      const question = knownQuestion(state, command.input.questionId);
      return question.status === 'dismissed'
        ? []
        : [{ type: 'question.dismissed', questionId: question.questionId }];
    }

    case 'hand:raise':
      return raiseHand(state, caller, crowd);
    case 'hand:lower':
      return handOf(state, caller.personId) ? [{ type: 'hand.lowered', personId: caller.personId }] : [];
    case 'hand:accept': {
      refuseAfterEnd(state);
      const { personId } = command.input;
      const person = state.people.get(personId);
      // A hand of the stage asks to be heard.
      if (person && mayBeOnStage(person)) return unmute(state, personId, caller);
      if (!handOf(state, personId)) throw notFound('no such raised hand', 'personId');
      return [{ type: 'hand.accepted', personId }];
    }
    case 'hand:decline': {
      const { personId } = command.input;
      // Lowered or declined a moment ago: nothing is left to decline.
      return handOf(state, personId) ? [{ type: 'hand.declined', personId }] : [];
    }
    case 'guest:return':
      return returnGuest(state, command.input.personId);
    case 'guest:leave':
      return returnGuest(state, caller.personId);

    case 'recording:mark':
    case 'recording:renameMark':
    case 'recording:removeMark':
    case 'recording:setCuts':
    case 'recording:publish':
    case 'recording:wantDownloads':
      return editRecording(state, command);
  }
}

/** A webinar without a recording, planned or ended, can be given up; one with a recording stays until that is deleted. As `decide`. */
export function cancel({ phase }: WebinarState): readonly WebinarEvent[] {
  if (phase.phase === 'live') throw conflict('the webinar is live: end it');
  if (phase.phase === 'scheduled') return [{ type: 'webinar.cancelled' }];
  if (phase.cancelled) return [];
  switch (phase.recording) {
    case 'none':
      return [{ type: 'webinar.cancelled' }];
    case 'deleting':
    case 'deleted':
      return [{ type: 'webinar.cancelled', recording: 'deleted' }];
    case 'pending':
    case 'ready':
      throw conflict('its recording stays until it is deleted');
  }
}

/** For good; also one of which no broadcaster has said yet that it is there. As `decide`. */
export function deleteRecording({ phase }: WebinarState): readonly WebinarEvent[] {
  if (phase.phase !== 'ended') throw conflict('the webinar has not ended');
  switch (phase.recording) {
    case 'none':
      throw conflict('there is no recording of it');
    case 'deleting':
    case 'deleted':
      return [];
    case 'pending':
    case 'ready':
      return [{ type: 'recording.deleted' }];
  }
}

/** What the rule deletes: recordings of webinars that ended before then. As `decide`. */
export function deleteOldRecording(state: WebinarState, endedBeforeUnixMs: number): readonly WebinarEvent[] {
  const { phase } = state;
  const old = phase.phase === 'ended' && phase.recording === 'ready' && phase.endedUnixMs < endedBeforeUnixMs;
  return old ? deleteRecording(state) : [];
}

/** Nothing is left of a deleted recording. As `decide`. */
export function erased({ phase }: WebinarState): readonly WebinarEvent[] {
  // Of one that is listed no more nobody asks.
  const waits = phase.phase === 'ended' && phase.recording === 'deleting' && !phase.cancelled;
  return waits ? [{ type: 'recording.erased' }] : [];
}

/** As `decide`. */
export function makeLink(
  state: WebinarState,
  link: Omit<Extract<WebinarEvent, { type: 'link.made' }>, 'type'>,
): readonly WebinarEvent[] {
  if (state.links.size >= LIMITS.links) {
    throw new RostrumError('limit-reached', `a webinar has at most ${LIMITS.links} links`);
  }
  return [{ type: 'link.made', ...link }];
}

/** A link may be revoked by whoever may make one of its role. As `decide`. */
export function revokeLink(state: WebinarState, linkId: string): readonly WebinarEvent[] {
  const link = state.links.get(linkId);
  if (!link) throw notFound('no such link', 'linkId');
  return link.revoked ? [] : [{ type: 'link.revoked', linkId }];
}

function takeOnAir(state: WebinarState, personId: string): WebinarEvent[] {
  const { scene } = state;
  if (scene.onAir.some((p) => p.personId === personId)) return [];
  const person = personOnStage(state, personId);
  if (!mayBeRecorded(state, personId)) {
    throw new RostrumError('no-consent', 'the programme is recorded, and that person did not agree to it');
  }
  if (scene.onAir.length >= MAX_ON_AIR) {
    throw new RostrumError('limit-reached', `at most ${MAX_ON_AIR} people are on air`);
  }
  const onAir: OnAirPerson[] = [...scene.onAir, { personId, name: person.name }];
  return [{ type: 'scene.changed', scene: { ...scene, onAir } }];
}

function changeScene(state: WebinarState, change: Partial<Scene>): WebinarEvent[] {
  const scene = { ...state.scene, ...change };
  for (const field of ['focus', 'screen'] as const) {
    const personId = change[field];
    if (personId && !scene.onAir.some((p) => p.personId === personId)) {
      throw new RostrumError('conflict', `${field}: that person is not on air`, { field });
    }
  }
  return same(scene, state.scene) ? [] : [{ type: 'scene.changed', scene }];
}

function askQuestion(
  state: WebinarState,
  input: { questionId: string; text: string },
  caller: Caller,
  { isAway, neighbours, allowed }: Crowd,
): WebinarEvent[] {
  const known = state.questions.get(input.questionId);
  if (known) {
    if (known.personId === caller.personId) return [];
    throw new RostrumError('conflict', 'that id is taken', { field: 'questionId' });
  }
  let own = 0;
  let near = 0;
  for (const { personId } of state.questions.values()) {
    if (personId === caller.personId) own += 1;
    if (neighbours?.has(personId)) near += 1;
  }
  if (own >= LIMITS.questionsPerPerson) {
    throw new RostrumError('limit-reached', `at most ${LIMITS.questionsPerPerson} questions a person`);
  }
  if (near >= allowed.questions) throw tooManyNear(allowed.questions, 'questions');
  refuseImitator(state, caller);
  const held =
    state.moderation === 'moderated' &&
    caller.role === 'attendee' &&
    !state.people.get(caller.personId)?.guest;
  const asked = {
    type: 'question.asked',
    ...input,
    personId: caller.personId,
    name: caller.name,
    ...(held ? { held } : {}),
  } as const;
  if (state.questions.size < LIMITS.questions) return [asked];
  const least = leastOf(state, isAway);
  if (!least) throw new RostrumError('limit-reached', 'the webinar holds no more questions');
  return [{ type: 'question.gaveWay', questionId: least.questionId }, asked];
}

/** Of those that nobody took up and whose askers are away the one with the fewest votes; first those that were dismissed. */
function leastOf({ questions }: WebinarState, isAway: Crowd['isAway']): Question | null {
  const worth = ({ status, voters }: Question): number => (status === 'dismissed' ? -1 : voters.size);
  let least: Question | null = null;
  for (const question of questions.values()) {
    const open = question.status !== 'answering' && question.status !== 'answered';
    if (open && (!least || worth(question) < worth(least)) && isAway(question.personId)) least = question;
  }
  return least;
}

function vote(
  state: WebinarState,
  { questionId, vote: up }: { questionId: string; vote: boolean },
  { personId, role }: Caller,
  { isAway, neighbours, allowed }: Crowd,
): WebinarEvent[] {
  const question = openQuestion(state, questionId);
  if (question.status === 'held') {
    // Whoever does not see it is not told that it is there.
    if (question.personId !== personId && !isCrew(role)) throw notFound('no such question', 'questionId');
    throw conflict('the question waits for a moderator');
  }
  if (question.voters.has(personId) === up) return [];
  if (up && neighbours && sharedBy(neighbours, question.voters, isAway, allowed.votes)) {
    throw tooManyNear(allowed.votes, 'votes on a question');
  }
  if (!up) refuseOneMore(state, personId);
  return [{ type: up ? 'question.upvoted' : 'question.voteWithdrawn', questionId, personId }];
}

function raiseHand(
  state: WebinarState,
  caller: Caller,
  { isAway, neighbours, allowed }: Crowd,
): WebinarEvent[] {
  const { personId, name } = caller;
  refuseAfterEnd(state);
  if (handOf(state, personId)) return [];
  const raised = { type: 'hand.raised', personId, name } as const;
  const person = state.people.get(personId);
  if (person && mayBeOnStage(person)) {
    // The audience cannot take the stage's word by raising all the hands there may be.
    return person.mutedBy ? [raised] : [];
  }
  // Asked when it goes up, so that a hand which is up can always be lowered.
  refuseOneMore(state, personId);
  refuseImitator(state, caller);
  const near = state.hands.filter((hand) => neighbours?.has(hand.personId) && !isAway(hand.personId)).length;
  if (near >= allowed.hands) throw tooManyNear(allowed.hands, 'raised hands');
  if (state.hands.length < LIMITS.hands) return [raised];
  const gone = state.hands.find((hand) => isAway(hand.personId));
  if (!gone) throw new RostrumError('limit-reached', 'too many hands are raised');
  return [{ type: 'hand.lowered', personId: gone.personId }, raised];
}

/** Whether so many who are there are in both. */
function sharedBy(
  a: ReadonlySet<string>,
  b: ReadonlySet<string>,
  isAway: Crowd['isAway'],
  count: number,
): boolean {
  const [few, many] = a.size < b.size ? [a, b] : [b, a];
  let shared = 0;
  for (const personId of few) {
    if (many.has(personId) && !isAway(personId)) shared += 1;
    if (shared >= count) return true;
  }
  return false;
}

const tooManyNear = (most: number, what: string): RostrumError =>
  new RostrumError('limit-reached', `at most ${most} ${what} of one address`);

function refuseOneMore(state: WebinarState, personId: string): void {
  if ((state.takenBack.get(personId) ?? 0) >= LIMITS.takenBack) {
    throw new RostrumError(
      'limit-reached',
      `at most ${LIMITS.takenBack} votes, hands and consents are taken back`,
    );
  }
}

function returnGuest(state: WebinarState, personId: string): WebinarEvent[] {
  if (!state.people.get(personId)?.guest) return [];
  return [
    ...takeOffAir(state, personId),
    // It asked to be heard on the stage.
    ...(handOf(state, personId) ? [{ type: 'hand.lowered' as const, personId }] : []),
    { type: 'guest.returned', personId },
  ];
}

function knownQuestion(state: WebinarState, questionId: string): Question {
  const question = state.questions.get(questionId);
  if (!question) throw notFound('no such question', 'questionId');
  return question;
}

function openQuestion(state: WebinarState, questionId: string): Question {
  const question = knownQuestion(state, questionId);
  if (question.status === 'dismissed') throw conflict('the question was dismissed');
  return question;
}

function refuseAfterEnd(state: WebinarState): void {
  if (state.phase.phase === 'ended') throw conflict('the webinar has ended');
}

/** Drops the keys a client sent as `undefined`. */
function definedOnly<T extends object>(input: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(input).filter(([, v]) => v !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

/** Both are plain data of one shape with the same order of keys. */
const same = (a: Scene, b: Scene): boolean => JSON.stringify(a) === JSON.stringify(b);
