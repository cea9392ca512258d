/** Makes all places forget what was served. */
import { randomUUID } from 'node:crypto';
import { CreateInvalidationCommand } from '@aws-sdk/client-cloudfront';
import { PRIVATE_PREFIX } from '@rostrum/contracts/media-urls';
import { type Cdn, everythingOurs, waitForInvalidation } from './apply.ts';
import { CdnError, explained } from './errors.ts';

/**
 * The paths of one channel, live and recorded, by its id or by an address that it is in; or the path that was given (`*` at its end is
 * any text).
 */
export function pathsToPurge(what: string): readonly string[] {
  const inAddress = URL.canParse(what) ? CHANNEL_IN_PATH.exec(new URL(what).pathname)?.[1] : undefined;
  const channel = inAddress ?? (CHANNEL.test(what) ? what : undefined);
  if (channel !== undefined) {
    const below = ['/live', '/recordings'].map((area) => `${area}/${channel}/*`);
    return [...below, ...below.map((path) => `${PRIVATE_PREFIX}${path}`)];
  }
  if (/^\/[\w\-./~%]*\*?$/.test(what)) return [what];
  throw new CdnError(
    'refused',
    `${JSON.stringify(what)} is neither a channel, nor an address of one, nor a path`,
    'Give the address of the stream or recording as the console shows it, the id in it, or a path such as /assets/*.',
  );
}

const CHANNEL = /^[A-Za-z0-9_-]{1,64}$/;
const CHANNEL_IN_PATH = /^(?:\/private)?\/(?:live|recordings)\/([A-Za-z0-9_-]{1,64})\//;

/** Resolves with the invalidation's id when it is done everywhere. @throws CdnError */
export async function purge(cdn: Cdn, paths: readonly string[]): Promise<string> {
  const distribution = (await everythingOurs(cdn)).find(({ found }) => found.kind === 'distribution')?.found
    .standing.id;
  if (distribution === undefined)
    throw new CdnError('not-there', 'there is no distribution to purge', 'Make it with `rostrum cdn apply`.');
  let id: string | undefined;
  try {
    const batch = {
      // Made once: if the SDK has to ask again, it asks for the same.
      CallerReference: randomUUID(),
      Paths: { Quantity: paths.length, Items: [...paths] },
    };
    const input = { DistributionId: distribution, InvalidationBatch: batch };
    const answer = await cdn.client.send(new CreateInvalidationCommand(input), { abortSignal: cdn.signal });
    id = answer.Invalidation?.Id;
  } catch (error) {
    throw explained(error, `purging ${paths.join(' ')}`);
  }
  if (id === undefined) throw new Error('CloudFront answered without an id');
  await waitForInvalidation(cdn, distribution, id);
  return id;
}
