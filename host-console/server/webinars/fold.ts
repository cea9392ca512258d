import {
  type ConsentAnswer,
  type Consents,
  emptyScene,
  type Hand,
  type LoggedEvent,
  type MadeLink,
  NO_EDIT,
  type Person,
  type Question,
  type RecordingState,
  type WebinarEvent,
  type WebinarPhase,
  type WebinarState,
} from '@rostrum/contracts';
import { consentsOf } from './consent.ts';
import { afterEdit, withStory } from './recording-edit.ts';
import { afterQuestion, afterScene } from './story.ts';

/** The contract's state, and what only projections need. */
export interface FoldedState extends WebinarState {
  /** Attendees whose raised hand was declined and who did not raise it again. */
  readonly declined: ReadonlySet<string>;
}

export function emptyState(webinarId: string): FoldedState {
  return {
    webinarId,
    seq: 0,
    title: '',
    startsAtUnixMs: null,
    profile: 'standard',
    phase: { phase: 'scheduled' },
    direction: 'manual',
    moderation: 'open',
    mayUnmute: true,
    keepsTracks: false,
    consents: new Map(),
    scene: emptyScene(''),
    people: new Map(),
    links: new Map(),
    generation: 0,
    questions: new Map(),
    hands: [],
    takenBack: new Map(),
    edit: NO_EDIT,
    declined: new Set(),
  };
}

/** The state after `logged`. Pure: `state` stays as it was. Throws on a hole in the log. */
export function fold(state: FoldedState, logged: LoggedEvent): FoldedState {
  return foldAll(state, [logged]);
}

/** The state after all of `log`, with one copy of what changes however many events there are. */
export function foldAll(state: FoldedState, log: Iterable<LoggedEvent>): FoldedState {
  const draft = new Draft(state);
  for (const logged of log) draft.apply(logged);
  return draft.state;
}

/**
 * A state being built. Collections are copied before their first change and only then, so that the state it started
 * from is never touched and ten thousand votes cost one copy. `state` may be read at any time; it changes with the
 * next `apply`, so whoever keeps it stops applying.
 */
export class Draft {
  #state: Mutable<FoldedState>;
  #people: Map<string, Person> | null = null;
  #questions: Map<string, Question> | null = null;
  #declined: Set<string> | null = null;
  #takenBack: Map<string, number> | null = null;
  #links: Map<string, MadeLink> | null = null;
  #consents: Map<string, Consents> | null = null;
  readonly #voters = new Map<string, Set<string>>();

  constructor(base: FoldedState) {
    this.#state = { ...base };
  }

  get state(): FoldedState {
    return this.#state;
  }

  apply({ seq, atUnixMs, event }: LoggedEvent): void {
    if (seq !== this.#state.seq + 1) {
      throw new Error(`event ${seq} of webinar ${this.#state.webinarId} does not follow ${this.#state.seq}`);
    }
    this.#apply(event, seq, atUnixMs);
    this.#state.seq = seq;
  }

  #apply(event: WebinarEvent, seq: number, atUnixMs: number): void {
    const state = this.#state;
    switch (event.type) {
      case 'webinar.created':
        state.title = event.title;
        state.startsAtUnixMs = event.startsAtUnixMs;
        state.profile = event.profile;
        state.scene = emptyScene(event.title);
        return;
      case 'webinar.wentLive':
        state.phase = {
          phase: 'live',
          channel: { channelId: event.channelId, originUrl: event.originUrl, sinceUnixMs: atUnixMs },
        };
        state.edit = { ...state.edit, revision: seq };
        return;
      case 'webinar.ended':
        // Whether who was in front at last was there for long enough is known now.
        if (state.phase.phase === 'live') state.edit = { ...state.edit, revision: seq };
        state.phase = ended(state.phase, atUnixMs, event.recording ?? 'ready');
        return;
      case 'webinar.recordingSettled':
        if (state.phase.phase === 'ended' && state.phase.channel) {
          const { recordedBy: _, ...phase } = state.phase;
          const by = event.by && { recordedBy: event.by };
          state.phase = { ...phase, ...by, recording: event.recorded ? 'ready' : 'none' };
        }
        return;
      case 'recording.deleted':
        if (state.phase.phase === 'ended') state.phase = { ...state.phase, recording: 'deleting' };
        return;
      case 'recording.erased':
        if (state.phase.phase === 'ended') {
          const { recordedBy: _, ...phase } = state.phase;
          state.phase = { ...phase, recording: 'deleted' };
        }
        return;
      case 'webinar.cancelled': {
        const phase = ended(state.phase, atUnixMs, 'none');
        state.phase = phase.phase === 'ended' ? { ...phase, cancelled: true } : phase;
        return;
      }
      case 'person.admitted': {
        const known = state.people.get(event.personId);
        this.#setPerson({
          personId: event.personId,
          name: event.name,
          role: event.role,
          guest: known?.guest ?? false,
          removed: known?.removed ?? false,
          sentOutUnixMs: known?.sentOutUnixMs ?? null,
          mutedBy: known?.mutedBy ?? null,
        });
        return;
      }
      case 'person.removed': {
        const known = state.people.get(event.personId);
        if (known) this.#setPerson({ ...known, guest: false, removed: true });
        this.#dropHand(event.personId);
        return;
      }
      case 'person.sentOut': {
        const known = state.people.get(event.personId);
        if (known) this.#setPerson({ ...known, guest: false, sentOutUnixMs: atUnixMs });
        this.#dropHand(event.personId);
        return;
      }
      case 'person.cameBack': {
        const known = state.people.get(event.personId);
        if (known) this.#setPerson({ ...known, sentOutUnixMs: null });
        return;
      }
      case 'person.muted':
      case 'person.unmuted': {
        const known = state.people.get(event.personId);
        const mutedBy = event.type === 'person.muted' ? event.byName : null;
        if (known) this.#setPerson({ ...known, mutedBy });
        return;
      }
      case 'unmuting.changed':
        state.mayUnmute = event.mayUnmute;
        return;
      case 'tracks.changed':
        state.keepsTracks = event.record;
        return;
      case 'consent.given':
      case 'consent.refused':
        this.#answered(event, seq, atUnixMs);
        return;
      case 'link.made': {
        const { type: _, ...made } = event;
        this.#ownLinks().set(event.linkId, {
          ...made,
          expiresUnixMs: event.expiresUnixMs ?? 0,
          madeUnixMs: atUnixMs,
          revoked: false,
        });
        return;
      }
      case 'link.revoked': {
        const link = state.links.get(event.linkId);
        if (link) this.#ownLinks().set(event.linkId, { ...link, revoked: true });
        return;
      }
      case 'links.revoked':
        state.generation += 1;
        for (const link of state.links.values())
          this.#ownLinks().set(link.linkId, { ...link, revoked: true });
        return;
      case 'scene.changed':
        if (state.phase.phase === 'live') {
          const story = afterScene(state.edit.story, state.scene, event.scene, atUnixMs);
          state.edit = withStory(state.edit, story, seq);
        }
        state.scene = event.scene;
        return;
      case 'direction.changed':
        state.direction = event.direction;
        return;
      case 'moderation.changed':
        state.moderation = event.moderation;
        return;
      case 'question.asked':
        this.#ownQuestions().set(event.questionId, {
          questionId: event.questionId,
          personId: event.personId,
          name: event.name,
          role: state.people.get(event.personId)?.role ?? 'attendee',
          text: event.text,
          askedUnixMs: atUnixMs,
          status: event.held ? 'held' : 'new',
          answer: null,
          voters: new Set(),
        });
        return;
      case 'question.upvoted':
        this.#ownVoters(event.questionId)?.add(event.personId);
        return;
      case 'question.voteWithdrawn':
        this.#withdraw(event.questionId, event.personId);
        return;
      case 'votes.counted':
        for (const { questionId, upvoted, withdrawn } of event.questions) {
          for (const personId of upvoted) this.#ownVoters(questionId)?.add(personId);
          for (const personId of withdrawn) this.#withdraw(questionId, personId);
        }
        return;
      case 'question.approved':
        if (state.questions.get(event.questionId)?.status === 'held') {
          this.#setQuestion(event.questionId, { status: 'new' });
        }
        return;
      case 'question.answeringLive':
        this.#setQuestion(event.questionId, { status: 'answering' });
        this.#tookUp(event, seq, atUnixMs);
        return;
      case 'question.answered':
        this.#setQuestion(event.questionId, { status: 'answered', answer: event.answer });
        this.#tookUp(event, seq, atUnixMs);
        return;
      case 'question.dismissed':
        this.#setQuestion(event.questionId, { status: 'dismissed' });
        if (state.edit.story.some((m) => m.kind === 'question' && m.questionId === event.questionId)) {
          state.edit = { ...state.edit, revision: seq };
        }
        return;
      case 'question.gaveWay':
        this.#ownQuestions().delete(event.questionId);
        this.#voters.delete(event.questionId);
        return;
      case 'hand.raised':
        // It was lowered and raised within one batch, of which the log has the end.
        if (state.hands.some((h) => h.personId === event.personId)) this.#tookBack(event.personId);
        this.#dropHand(event.personId);
        state.hands = [
          ...state.hands,
          { personId: event.personId, name: event.name, raisedUnixMs: atUnixMs },
        ];
        return;
      case 'hand.lowered':
        this.#dropHand(event.personId);
        this.#tookBack(event.personId);
        return;
      case 'hand.declined':
        this.#dropHand(event.personId);
        this.#tookBack(event.personId);
        this.#ownDeclined().add(event.personId);
        return;
      case 'hand.accepted': {
        const hand = state.hands.find((h) => h.personId === event.personId);
        const name = hand?.name ?? state.people.get(event.personId)?.name ?? 'Guest';
        this.#dropHand(event.personId);
        // To the end of the list, where views put a newcomer.
        this.#ownPeople().delete(event.personId);
        this.#setPerson({
          personId: event.personId,
          name,
          role: 'attendee',
          guest: true,
          removed: false,
          sentOutUnixMs: null,
          mutedBy: null,
        });
        return;
      }
      case 'guest.returned':
        this.#ownPeople().delete(event.personId);
        this.#tookBack(event.personId);
        return;
      case 'recording.marked':
      case 'recording.markRenamed':
      case 'recording.markRemoved':
      case 'recording.cutsChanged':
      case 'recording.published':
      case 'recording.unpublished':
      case 'recording.downloadsWanted':
        state.edit = afterEdit(state.edit, event, seq, atUnixMs);
        return;
    }
  }

  #tookUp(event: Parameters<typeof afterQuestion>[1], seq: number, atUnixMs: number): void {
    const { edit, phase } = this.#state;
    if (phase.phase !== 'live') return;
    this.#state.edit = withStory(edit, afterQuestion(edit.story, event, atUnixMs), seq);
  }

  #ownPeople(): Map<string, Person> {
    this.#people ??= new Map(this.#state.people);
    this.#state.people = this.#people;
    return this.#people;
  }

  #ownLinks(): Map<string, MadeLink> {
    this.#links ??= new Map(this.#state.links);
    this.#state.links = this.#links;
    return this.#links;
  }

  #answered(
    event: Extract<WebinarEvent, { type: `consent.${string}` }>,
    seq: number,
    atUnixMs: number,
  ): void {
    const { personId, to, textVersion } = event;
    const before = consentsOf(this.#state, personId);
    const answer: ConsentAnswer = { given: event.type === 'consent.given', textVersion, atUnixMs };
    if (before[to]?.given && !answer.given) this.#tookBack(personId);
    const erase = event.type === 'consent.refused' && event.erase === true;
    if (erase) this.#state.edit = { ...this.#state.edit, revision: seq };
    this.#consents ??= new Map(this.#state.consents);
    this.#state.consents = this.#consents.set(personId, {
      ...before,
      [to]: answer,
      ...(erase ? { eraseTracksBeforeUnixMs: atUnixMs } : {}),
    });
  }

  #setPerson(person: Person): void {
    this.#ownPeople().set(person.personId, person);
  }

  #ownQuestions(): Map<string, Question> {
    this.#questions ??= new Map(this.#state.questions);
    this.#state.questions = this.#questions;
    return this.#questions;
  }

  #setQuestion(questionId: string, change: Partial<Question>): void {
    const question = this.#state.questions.get(questionId);
    if (question) this.#ownQuestions().set(questionId, { ...question, ...change });
  }

  #ownVoters(questionId: string): Set<string> | null {
    const owned = this.#voters.get(questionId);
    if (owned) return owned;
    const question = this.#state.questions.get(questionId);
    if (!question) return null;
    const voters = new Set(question.voters);
    this.#voters.set(questionId, voters);
    this.#setQuestion(questionId, { voters });
    return voters;
  }

  #withdraw(questionId: string, personId: string): void {
    this.#ownVoters(questionId)?.delete(personId);
    this.#tookBack(personId);
  }

  #tookBack(personId: string): void {
    this.#takenBack ??= new Map(this.#state.takenBack);
    this.#state.takenBack = this.#takenBack;
    this.#takenBack.set(personId, (this.#takenBack.get(personId) ?? 0) + 1);
  }

  #ownDeclined(): Set<string> {
    this.#declined ??= new Set(this.#state.declined);
    this.#state.declined = this.#declined;
    return this.#declined;
  }

  #dropHand(personId: string): void {
    if (this.#state.hands.some((h) => h.personId === personId)) {
      this.#state.hands = this.#state.hands.filter((h: Hand) => h.personId !== personId);
    }
    if (this.#state.declined.has(personId)) this.#ownDeclined().delete(personId);
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function ended(phase: WebinarPhase, atUnixMs: number, recording: RecordingState): WebinarPhase {
  switch (phase.phase) {
    case 'scheduled':
      return { phase: 'ended', channel: null, endedUnixMs: atUnixMs, recording: 'none', cancelled: false };
    case 'live':
      return { phase: 'ended', channel: phase.channel, endedUnixMs: atUnixMs, recording, cancelled: false };
    case 'ended':
      return phase;
  }
}
