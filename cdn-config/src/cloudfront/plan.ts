/** What has to be done so that what should stand stands. Pure. */
import type { Actual, Found } from './actual.ts';
import { type Difference, differences, withoutSecrets } from './difference.ts';
import { CdnError } from './errors.ts';
import { type Desired, type IdOf, KINDS, type Kind } from './things.ts';

export type Change =
  | { readonly action: 'create'; readonly desired: Desired; readonly differences: readonly Difference[] }
  | {
      readonly action: 'update';
      readonly desired: Desired;
      readonly found: Found;
      readonly differences: readonly Difference[];
    }
  | { readonly action: 'delete'; readonly found: Found };

/** In the order in which it has to be done: removals last. */
export type Plan = readonly Change[];

/** Stands in a plan for an id that CloudFront will give. */
export const KNOWN_LATER = '(known after apply)';

/** Ids of what is there. */
export function idsIn(found: readonly Found[]): IdOf {
  const ids = new Map(found.map(({ kind, name, standing }) => [`${kind} ${name}`, standing.id]));
  return (kind, name) => ids.get(`${kind} ${name}`) ?? KNOWN_LATER;
}

/** @throws CdnError `name-taken` when something that is not ours has a name that we need */
export function planned(desired: readonly Desired[], { found, taken }: Actual): Plan {
  if (taken.length > 0) {
    const those = taken.map(
      ({ kind, name, id, comment }) =>
        `the ${wordOf(kind)} ${name} (${id}, comment ${JSON.stringify(comment)})`,
    );
    throw new CdnError(
      'name-taken',
      `there already, and not made by this command: ${those.join('; ')}`,
      'Give another ROSTRUM_CDN_NAME, or remove them if nobody needs them.',
    );
  }
  const idOf = idsIn(found);
  const changes: Change[] = [];
  for (const each of desired) {
    const config = each.config(idOf);
    const standing = found.find(({ kind, name }) => kind === each.kind && name === each.name);
    const between = differences(config, standing?.standing.config).map(withoutSecrets);
    if (!standing) changes.push({ action: 'create', desired: each, differences: between });
    else if (between.length > 0)
      changes.push({ action: 'update', desired: each, found: standing, differences: between });
  }
  return [...changes, ...removals(found.filter((each) => !isWanted(each, desired, idOf)))];
}

/** Backwards: nothing is removed that another thing names. */
export function removals(found: readonly Found[]): readonly Extract<Change, { action: 'delete' }>[] {
  return KINDS.toReversed().flatMap((kind) =>
    found.filter((each) => each.kind === kind).map((each) => ({ action: 'delete', found: each }) as const),
  );
}

/** Wanted are those that should be there, and keys that stay in the group though nobody has their text here any more. */
function isWanted({ kind, name, standing }: Found, desired: readonly Desired[], idOf: IdOf): boolean {
  if (desired.some((each) => each.kind === kind && each.name === name)) return true;
  return (
    kind === 'public-key' &&
    desired.some((each) => each.kind === 'key-group' && each.config(idOf).Items?.includes(standing.id))
  );
}

/** As a person says it. */
export const wordOf = (kind: Kind): string => kind.replaceAll('-', ' ');
