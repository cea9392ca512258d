/** Plans and progress as people read them. */
import type { Progress } from './apply.ts';
import type { Difference } from './difference.ts';
import { type Change, KNOWN_LATER, type Plan, wordOf } from './plan.ts';

const SIGNS = { create: '+', update: '~', delete: '-', add: '+', change: '~', remove: '-' } as const;

/** All of it, attribute by attribute, or that there is nothing to do. */
export function describePlan(plan: Plan): string {
  if (plan.length === 0) return 'Nothing to do: what is deployed is what the settings say.';
  const count = (action: Change['action']) => plan.filter((change) => change.action === action).length;
  const counts = `${count('create')} to make, ${count('update')} to change, ${count('delete')} to remove.`;
  return [...plan.map(describeChange), counts].join('\n\n');
}

function describeChange(change: Change): string {
  const head = `${SIGNS[change.action]} ${thingOf(change)}`;
  return change.action === 'delete' ? head : [head, ...change.differences.map(describeDifference)].join('\n');
}

/** `cache policy rostrum-media (id)`. */
function thingOf(change: Change): string {
  const { kind, name } = change.action === 'delete' ? change.found : change.desired;
  const id = change.action === 'create' ? '' : ` (${change.found.standing.id})`;
  return `${wordOf(kind)} ${name}${id}`;
}

function describeDifference(difference: Difference): string {
  const head = `    ${SIGNS[difference.kind]} ${difference.path}`;
  switch (difference.kind) {
    case 'add':
      return `${head}: ${shown(difference.to)}`;
    case 'change':
      return `${head}: ${shown(difference.from)} -> ${shown(difference.to)}`;
    case 'remove':
      return `${head}: ${shown(difference.from)}`;
  }
}

function shown(value: unknown): string {
  if (value === KNOWN_LATER) return KNOWN_LATER;
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 100 ? `${text.slice(0, 97)}...` : text;
}

const DOING = { create: 'making', update: 'changing', delete: 'removing' } as const;

export function describeProgress(progress: Progress): string {
  switch (progress.kind) {
    case 'doing':
      return `${DOING[progress.change.action]} the ${thingOf(progress.change)}`;
    case 'disabling':
      return `disabling distribution ${progress.id}: one that is on cannot be removed`;
    case 'looking-again':
      return `looking again (${progress.because})`;
    case 'waiting':
      return `waiting for ${progress.what} (${duration(progress.elapsedMs)})`;
  }
}

function duration(ms: number): string {
  const s = Math.round(ms / 1000);
  return s < 60 ? `${s} s` : `${Math.floor(s / 60)} min ${s % 60} s`;
}
