import { z } from 'zod';
import { BackstageEvent, type BackstageState } from './features/backstage.ts';
import { ConsentEvent, type ConsentState } from './features/consent.ts';
import { DoorsEvent, type DoorsState } from './features/doors.ts';
import { HandsEvent, type HandsState } from './features/hands.ts';
import { LinksEvent, type LinksState } from './features/links.ts';
import { PeopleEvent, type PeopleState } from './features/people.ts';
import { PhaseEvent, type PhaseState } from './features/phase.ts';
import { PlanEvent, type PlanState } from './features/plan.ts';
import { QuestionsEvent, type QuestionsState } from './features/questions.ts';
import { type RecordingEditState, RecordingEvent } from './features/recording.ts';
import { RulesEvent, type RulesState } from './features/rules.ts';
import { SceneEvent, type SceneState } from './features/scene.ts';

/**
 * The events of a webinar's log, feature by feature. Past tense; durable before they are acknowledged; `seq` counts from 1
 * without a hole. Commands are checked before they become events. Reading is lenient with words and times: no stored value
 * may keep a webinar from being opened.
 */
export const WebinarEvent = z.discriminatedUnion('type', [
  PhaseEvent,
  DoorsEvent,
  PeopleEvent,
  LinksEvent,
  SceneEvent,
  RulesEvent,
  ConsentEvent,
  QuestionsEvent,
  HandsEvent,
  RecordingEvent,
  BackstageEvent,
  PlanEvent,
]);
export type WebinarEvent = z.infer<typeof WebinarEvent>;

/** One line of the log. */
export interface LoggedEvent {
  readonly seq: number;
  readonly atUnixMs: number;
  readonly event: WebinarEvent;
}

/** The whole state, folded from the log. Server side; what a person sees of it is a `WebinarView`. */
export interface WebinarState
  extends PhaseState,
    DoorsState,
    PeopleState,
    LinksState,
    SceneState,
    RulesState,
    ConsentState,
    QuestionsState,
    HandsState,
    RecordingEditState,
    BackstageState,
    PlanState {
  readonly webinarId: string;
  readonly seq: number;
  /** How often each person took something back: a vote or a consent withdrawn, a hand that is down again. */
  readonly takenBack: ReadonlyMap<string, number>;
}
