/** What an edit of the plan means for the log. Pure. */
import {
  type ChangePlan,
  emptyScene,
  type PlanEvent,
  type PlanFields,
  RostrumError,
  type WebinarEvent,
  type WebinarState,
} from '@rostrum/contracts';
import { refuseAfterEnd } from '../../refusals.ts';
import { startsAt } from './start.ts';

/** Fields that say what the channel is that runs, or what was promised for a start that is past. */
function staying({ phase }: WebinarState): readonly ('profile' | 'start')[] {
  if (phase.phase !== 'scheduled') return ['profile', 'start'];
  return phase.doors ? ['profile'] : [];
}

/**
 * The events of an edit: of what is otherwise than before, and of nothing else. Throws `conflict` where a field was changed since
 * the edit's `revision`, after the end, or once it is live for what can't change then; `field` names it.
 */
export function changePlan(state: WebinarState, change: ChangePlan): WebinarEvent[] {
  refuseAfterEnd(state);
  const changed = differing(state, change);
  const named = namesOf(changed);
  for (const name of named) {
    if (change.revision !== undefined && (state.planRevisions[name] ?? 0) > change.revision) {
      throw new RostrumError('conflict', `somebody else changed ${name}`, { field: name });
    }
  }
  const late = staying(state).find((name) => named.includes(name));
  if (late) {
    throw new RostrumError('conflict', `${late} stays once it is live`, { field: late });
  }
  refuseTwins(changed.fields);
  const { moderation, tracks } = change;
  return [
    ...(named.length === 0 ? [] : [changed]),
    ...(changed.title === undefined ? [] : retitled(state, changed.title)),
    ...(moderation === undefined || moderation === state.moderation
      ? []
      : [{ type: 'moderation.changed', moderation } as const]),
    ...(tracks === undefined || tracks === state.keepsTracks
      ? []
      : [{ type: 'tracks.changed', record: tracks } as const]),
  ];
}

/** The holding slide has it too. */
function retitled({ scene }: WebinarState, title: string): WebinarEvent[] {
  const { title: shown } = emptyScene(title);
  return shown === scene.title ? [] : [{ type: 'scene.changed', scene: { ...scene, title: shown } }];
}

/** Who goes live is done with drafting. */
export const publishDraft = ({ plan }: Pick<WebinarState, 'plan'>): PlanEvent[] =>
  plan.visibility === 'draft' ? [{ type: 'plan.changed', fields: { visibility: 'published' } }] : [];

/** The fields that an event changed, as they are revised: those of branding each for itself. */
export function namesOf({ fields, title, profile }: PlanEvent): string[] {
  const { branding, ...others } = fields;
  const said = (of: object, prefix = ''): string[] =>
    Object.entries(of).flatMap(([name, value]) => (value === undefined ? [] : [`${prefix}${name}`]));
  return [...said({ title, profile, ...others }), ...said(branding ?? {}, 'branding.')];
}

function differing(state: WebinarState, change: ChangePlan): PlanEvent {
  const { branding, ...others } = change.fields;
  const { branding: was, ...plan } = state.plan;
  const fields = otherwise(plan, others);
  const drawn = otherwise(was, branding ?? {});
  return {
    type: 'plan.changed',
    fields: { ...fields, ...(Object.keys(drawn).length === 0 ? {} : { branding: drawn }) },
    ...otherwise({ title: state.title, profile: state.profile }, only(change, ['title', 'profile'])),
    ...(fields.start === undefined
      ? {}
      : { startsAtUnixMs: fields.start === null ? null : startsAt(fields.start) }),
  };
}

const only = <T, K extends keyof T>(from: T, names: readonly K[]): Pick<T, K> =>
  Object.fromEntries(names.map((name) => [name, from[name]])) as Pick<T, K>;

/** What is said otherwise than it was before. */
function otherwise<T extends object>(
  before: T,
  said: { readonly [K in keyof T]?: T[K] | undefined },
): Partial<T> {
  const changed = Object.entries(said).filter(
    ([name, value]) =>
      value !== undefined && JSON.stringify(value) !== JSON.stringify(before[name as keyof T]),
  );
  return Object.fromEntries(changed) as Partial<T>;
}

/** An answer names the question it is for. */
function refuseTwins({ registrationQuestions }: PlanFields): void {
  const ids = registrationQuestions?.map((question) => question.questionId) ?? [];
  if (new Set(ids).size < ids.length) {
    throw new RostrumError('bad-input', 'two questions have the same id', {
      field: 'fields.registrationQuestions',
    });
  }
}
