/** What stands in CloudFront under our name. There is no file of ours that says so: names and comments do. */
import type { CloudFrontClient } from '@aws-sdk/client-cloudfront';
import type { KindCalls, Listed, Standing } from './calls.ts';
import { errorName } from './errors.ts';
import { CALLS } from './kinds.ts';
import { type Configs, KINDS, type Kind, markOf, namesOf } from './things.ts';

export type Found<K extends Kind = Kind> = {
  [Each in K]: { readonly kind: Each; readonly name: string; readonly standing: Standing<Configs[Each]> };
}[K];

/** Has a name that we need, and is not ours. */
export interface Taken {
  readonly kind: Kind;
  readonly name: string;
  readonly id: string;
  readonly comment: string;
}

export interface Actual {
  /** In the order of `KINDS`. */
  readonly found: readonly Found[];
  readonly taken: readonly Taken[];
}

/**
 * Lists everything and reads what is ours.
 *
 * @param needed whether a thing of that name has to be ours
 * @throws the SDK's errors
 */
export async function readActual(
  client: CloudFrontClient,
  installation: string,
  needed: (kind: Kind, name: string) => boolean,
): Promise<Actual> {
  const found: Found[] = [];
  const taken: Taken[] = [];
  const mark = markOf(installation);
  for (const kind of KINDS) {
    for (const listed of await everyOf(client, CALLS[kind])) {
      const { id, name = '', comment } = listed;
      if (kind === 'distribution') {
        const uses = new Set(listed.uses);
        const ours = found.some((other) => other.kind === 'cache-policy' && uses.has(other.standing.id));
        if (!ours && !comment?.startsWith(mark)) continue;
        const read = await readIfThere(client, kind, id, installation);
        // Comments may be changed and policies be used by others: this one says who made it, for good.
        if (read?.kind === kind && read.standing.config.CallerReference === installation) found.push(read);
      } else if (kind === 'realtime-logs') {
        if (name !== namesOf(installation).logs) continue;
        const read = await readIfThere(client, kind, id, name);
        if (read) found.push(read);
      } else if (comment?.startsWith(mark)) {
        const read = await readIfThere(client, kind, id, name);
        if (read) found.push(read);
      } else if (needed(kind, name)) {
        taken.push({ kind, name, id, comment: comment ?? '' });
      }
    }
  }
  return { found, taken };
}

async function everyOf(
  client: CloudFrontClient,
  calls: Pick<KindCalls<never>, 'list'>,
): Promise<readonly Listed[]> {
  const all: Listed[] = [];
  let marker: string | undefined;
  do {
    const page = await calls.list(client, marker);
    all.push(...page.items);
    marker = page.next;
  } while (marker);
  return all;
}

/** Lists are behind: what is in one may be gone. */
async function readIfThere<K extends Kind>(
  client: CloudFrontClient,
  kind: K,
  id: string,
  name: string,
): Promise<Found | undefined> {
  const calls: KindCalls<Configs[K]> = CALLS[kind];
  try {
    return { kind, name, standing: await calls.read(client, id) } as Found;
  } catch (error) {
    if (/^NoSuch/.test(errorName(error))) return undefined;
    throw error;
  }
}
