/** Makes all places forget what was served. */
import { randomUUID } from 'node:crypto';
import {
  type CloudFrontClient,
  CreateInvalidationCommand,
  waitUntilInvalidationCompleted,
} from '@aws-sdk/client-cloudfront';
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
  if (channel !== undefined) return pathsOfChannel(channel);
  if (/^\/[\w\-./~%]*\*?$/.test(what)) return [what];
  throw new CdnError(
    'refused',
    `${JSON.stringify(what)} is neither a channel, nor an address of one, nor a path`,
    'Give the address of the stream or recording as the console shows it, the id in it, or a path such as /assets/*.',
  );
}

/** Wherever a channel may have been asked for, with a right or without. */
function pathsOfChannel(channel: string): readonly string[] {
  const below = ['/live', '/recordings', '/standard'].map((area) => `${area}/${channel}/*`);
  return [...below, ...below.map((path) => `${PRIVATE_PREFIX}${path}`)];
}

const CHANNEL = /^[A-Za-z0-9_-]{1,64}$/;
const CHANNEL_IN_PATH = /^(?:\/private)?\/(?:live|recordings)\/([A-Za-z0-9_-]{1,64})\//;

/** Resolves with the invalidation's id when it is done everywhere. @throws CdnError */
export async function purge(cdn: Cdn, paths: readonly string[]): Promise<string> {
  const distribution = (await everythingOurs(cdn)).find(({ found }) => found.kind === 'distribution')?.found
    .standing.id;
  if (distribution === undefined)
    throw new CdnError('not-there', 'there is no distribution to purge', 'Make it with `rostrum cdn apply`.');
  const { client, signal } = cdn;
  // Made once: if the SDK has to ask again, it asks for the same.
  const order: ForgetOrder = { client, distributionId: distribution, reference: randomUUID(), signal };
  const id = await invalidate(order, paths);
  await waitForInvalidation(cdn, distribution, id);
  return id;
}

export interface ForgetOrder {
  readonly client: CloudFrontClient;
  readonly distributionId: string;
  /** The same reference for the same paths is the same invalidation, which costs once. */
  readonly reference: string;
  readonly signal: AbortSignal;
}

/** It mostly takes a minute or two; asked again it waits for the same one. */
const FORGOTTEN_WITHIN_S = 30 * 60;
const POLL_S = 15;

/** Makes all places forget one channel, live and recorded. Resolves when they have. @throws CdnError, or the waiter's error */
export async function forgetChannel(order: ForgetOrder, channelId: string, pollS = POLL_S): Promise<void> {
  const { client, distributionId: DistributionId, signal } = order;
  const Id = await invalidate(order, pathsToPurge(channelId));
  await waitUntilInvalidationCompleted(
    { client, maxWaitTime: FORGOTTEN_WITHIN_S, minDelay: pollS, maxDelay: pollS, abortSignal: signal },
    { DistributionId, Id },
  );
}

async function invalidate(order: ForgetOrder, paths: readonly string[]): Promise<string> {
  const { client, distributionId, reference, signal } = order;
  let id: string | undefined;
  try {
    const Paths = { Quantity: paths.length, Items: [...paths] };
    const input = {
      DistributionId: distributionId,
      InvalidationBatch: { CallerReference: reference, Paths },
    };
    const answer = await client.send(new CreateInvalidationCommand(input), { abortSignal: signal });
    id = answer.Invalidation?.Id;
  } catch (error) {
    throw explained(error, `purging ${paths.join(' ')}`);
  }
  if (id === undefined) throw new Error('CloudFront answered without an id');
  return id;
}
