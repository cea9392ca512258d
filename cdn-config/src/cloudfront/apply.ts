/** Makes what should stand stand. Level-triggered: it looks, does what is missing and looks again, so that it may stop anywhere. */
import { setTimeout as delay } from 'node:timers/promises';
import {
  type CloudFrontClient,
  waitUntilDistributionDeployed,
  waitUntilInvalidationCompleted,
} from '@aws-sdk/client-cloudfront';
import { type Found, readActual } from './actual.ts';
import type { KindCalls } from './calls.ts';
import { desiredState, type KeptKey } from './desired.ts';
import { merged } from './difference.ts';
import { CdnError, explained, isStale } from './errors.ts';
import { keysToKeep } from './keys.ts';
import { CALLS } from './kinds.ts';
import { type Change, idsIn, type Plan, planned, removals, wordOf } from './plan.ts';
import type { CdnOptions } from './settings.ts';
import { type Configs, type Desired, type Kind, keyName } from './things.ts';

export type Progress =
  | { readonly kind: 'doing'; readonly change: Change }
  | { readonly kind: 'disabling'; readonly id: string }
  /** What was planned is not what stands any more. */
  | { readonly kind: 'looking-again'; readonly because: string }
  | { readonly kind: 'waiting'; readonly what: string; readonly elapsedMs: number };

/** How long is waited for what, in milliseconds. */
export interface Waits {
  /** Before looking again, and how often. */
  readonly lookAgainMs: number;
  readonly looks: number;
  /** Between two questions whether all places have it. */
  readonly pollMs: number;
  readonly deployedWithinMs: number;
  /** Between two signs of life while waiting. */
  readonly tellMs: number;
}

export const WAITS: Omit<Waits, 'pollMs'> = {
  // AWS speaks of seconds for lists and references to know of what was made.
  lookAgainMs: 4000,
  looks: 15,
  // It mostly takes a few minutes.
  deployedWithinMs: 45 * 60_000,
  tellMs: 20_000,
};

export interface Cdn {
  readonly client: CloudFrontClient;
  readonly options: CdnOptions;
  readonly nowMs: () => number;
  readonly waits: Waits;
  readonly tell: (progress: Progress) => void;
  readonly signal: AbortSignal;
}

export interface Look {
  readonly plan: Plan;
  readonly found: readonly Found[];
}

/** Which keys are valid beside that of the options: by the rule, none, or by the rule and one that is new. */
export type OtherKeys =
  | { readonly kind: 'by-age' }
  | { readonly kind: 'none' }
  | { readonly kind: 'and'; readonly pem: string };

/** What is to be done. @throws CdnError */
export async function look(cdn: Cdn, others: OtherKeys = { kind: 'by-age' }): Promise<Look> {
  const { client, options } = cdn;
  const added: readonly KeptKey[] =
    others.kind === 'and' ? [{ name: keyName(options.name, others.pem), pem: others.pem }] : [];
  const needed = desiredState(options, added);
  const actual = await readActual(client, options.name, (kind, name) =>
    needed.some((each) => each.kind === kind && each.name === name),
  ).catch((error: unknown) => {
    throw explained(error, 'looking at what is there');
  });
  const present = actual.found.flatMap((each) =>
    each.kind === 'public-key' ? [{ name: each.name, createdAtMs: each.standing.createdAtMs ?? 0 }] : [],
  );
  const kept =
    options.publicKeyPem === undefined || others.kind === 'none'
      ? []
      : keysToKeep(keyName(options.name, options.publicKeyPem), present, {
          nowMs: cdn.nowMs(),
          graceMs: options.keyGraceMs,
        });
  const older = kept.filter((name) => !added.some((key) => key.name === name)).map((name) => ({ name }));
  return { plan: planned(desiredState(options, [...added, ...older]), actual), found: actual.found };
}

/** The distribution once all places have it. */
export interface Deployed {
  readonly id: string;
  readonly domainName: string;
  readonly arn: string;
  /** Of the key that signs, as cookies name it; null without one. */
  readonly keyPairId: string | null;
  /** How many changes it took. */
  readonly changes: number;
}

/** @throws CdnError; run again it goes on */
export async function apply(cdn: Cdn, others?: OtherKeys): Promise<Deployed> {
  let changes = 0;
  const distribution = await untilSettled(cdn, async () => {
    const { plan, found } = await look(cdn, others);
    const standing = [...found];
    for (const change of plan.filter(({ action }) => action !== 'delete')) {
      await carryOut(cdn, change, standing);
      changes += 1;
    }
    const [made] = standing.filter((each) => each.kind === 'distribution');
    if (!made?.standing.deployment) throw new Error('a plan without a distribution');
    // What goes may be in use at places that have not heard yet.
    await waitForDeployment(cdn, made.standing.id, made.standing.deployment.status);
    for (const change of plan.filter(({ action }) => action === 'delete')) {
      await carryOut(cdn, change, standing);
      changes += 1;
    }
    const { name, publicKeyPem } = cdn.options;
    const signs = publicKeyPem === undefined ? null : keyName(name, publicKeyPem);
    const key = standing.find((each) => each.kind === 'public-key' && each.name === signs);
    return { id: made.standing.id, keyPairId: key?.standing.id ?? null, ...made.standing.deployment };
  });
  const { id, domainName, arn, keyPairId } = distribution;
  return { id, domainName, arn, keyPairId, changes };
}

/** Removes all that is ours. @throws CdnError; run again it goes on */
export async function destroy(cdn: Cdn): Promise<number> {
  let removed = 0;
  await untilSettled(cdn, async () => {
    const found = (await everythingOurs(cdn)).map(({ found: each }) => each);
    for (const each of found) {
      if (each.kind === 'distribution') await disable(cdn, each);
    }
    // Disabled it has another ETag.
    const now = found.some(({ kind }) => kind === 'distribution')
      ? await everythingOurs(cdn)
      : removals(found);
    const standing = now.map(({ found: each }) => each);
    for (const change of now) {
      await carryOut(cdn, change, standing);
      removed += 1;
    }
  });
  return removed;
}

/** As changes, in the order in which it has to go. */
export async function everythingOurs(cdn: Cdn): Promise<readonly Extract<Change, { action: 'delete' }>[]> {
  try {
    const { found } = await readActual(cdn.client, cdn.options.name, () => false);
    return removals(found);
  } catch (error) {
    throw explained(error, 'looking at what is there');
  }
}

async function disable(cdn: Cdn, found: Found<'distribution'>): Promise<void> {
  const { id, config, deployment } = found.standing;
  let status = deployment?.status ?? '';
  if (config.Enabled) {
    cdn.tell({ kind: 'disabling', id });
    const after = await CALLS.distribution.update(cdn.client, found.standing, { ...config, Enabled: false });
    status = after.deployment?.status ?? '';
  }
  await waitForDeployment(cdn, id, status);
}

/** Does it again from the first look when what it saw was the past. */
async function untilSettled<T>(cdn: Cdn, attempt: () => Promise<T>): Promise<T> {
  for (let looks = 1; ; looks += 1) {
    cdn.signal.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      const cause = error instanceof Doing ? error.cause : error;
      const doing = error instanceof Doing ? error.message : 'changing CloudFront';
      if (cdn.signal.aborted) throw interrupted(cause);
      if (!isStale(cause) || looks >= cdn.waits.looks) throw explained(cause, doing);
      cdn.tell({ kind: 'looking-again', because: explained(cause, doing).message });
      await delay(cdn.waits.lookAgainMs, undefined, { signal: cdn.signal }).catch((reason: unknown) => {
        throw interrupted(reason);
      });
    }
  }
}

const interrupted = (cause: unknown): CdnError =>
  new CdnError('interrupted', 'It was interrupted', 'Run the same command again: it goes on where it was.', {
    cause,
  });

/** What failed (as the message), and why. */
class Doing extends Error {}

const VERBS = { create: 'making', update: 'changing', delete: 'removing' } as const;

/** Does it, and keeps `standing` true. */
async function carryOut(cdn: Cdn, change: Change, standing: Found[]): Promise<void> {
  const { kind, name } = change.action === 'delete' ? change.found : change.desired;
  cdn.signal.throwIfAborted();
  cdn.tell({ kind: 'doing', change });
  try {
    const place = standing.findIndex((each) => each.kind === kind && each.name === name);
    if (change.action === 'delete') {
      const calls = CALLS[kind] as KindCalls<Configs[Kind]>;
      await calls.remove(cdn.client, change.found.standing);
      standing.splice(place, 1);
      return;
    }
    const after = await put(
      cdn,
      change.desired,
      change.action === 'update' ? change.found : undefined,
      standing,
    );
    if (place === -1) standing.push(after);
    else standing[place] = after;
  } catch (cause) {
    throw new Doing(`${VERBS[change.action]} the ${wordOf(kind)} ${name}`, { cause });
  }
}

async function put(
  { client }: Cdn,
  desired: Desired,
  before: Found | undefined,
  standing: readonly Found[],
): Promise<Found> {
  // What it names is there by now.
  const config = desired.config(idsIn(standing));
  const calls = CALLS[desired.kind] as KindCalls<Configs[Kind]>;
  const after = before
    ? await calls.update(client, before.standing, merged(config, before.standing.config))
    : await calls.create(client, config);
  return { kind: desired.kind, name: desired.name, standing: after } as Found;
}

async function waitForDeployment(cdn: Cdn, Id: string, status: string): Promise<void> {
  if (status === 'Deployed') return;
  const { client } = cdn;
  await waiting(cdn, `distribution ${Id} to be deployed everywhere`, (limits) =>
    waitUntilDistributionDeployed({ client, ...limits }, { Id }),
  );
}

/** Resolves when no place has it any more. */
export async function waitForInvalidation(cdn: Cdn, DistributionId: string, Id: string): Promise<void> {
  const { client } = cdn;
  await waiting(cdn, `invalidation ${Id}`, (limits) =>
    waitUntilInvalidationCompleted({ client, ...limits }, { DistributionId, Id }),
  );
}

interface WaiterLimits {
  readonly maxWaitTime: number;
  readonly minDelay: number;
  readonly maxDelay: number;
  readonly abortSignal: AbortSignal;
}

async function waiting(
  { waits, nowMs, tell, signal }: Cdn,
  what: string,
  wait: (limits: WaiterLimits) => Promise<unknown>,
): Promise<void> {
  const startMs = nowMs();
  const say = () => tell({ kind: 'waiting', what, elapsedMs: nowMs() - startMs });
  say();
  const telling = setInterval(say, waits.tellMs);
  const pollS = waits.pollMs / 1000;
  try {
    await wait({
      maxWaitTime: waits.deployedWithinMs / 1000,
      minDelay: pollS,
      maxDelay: pollS,
      abortSignal: signal,
    });
  } catch (cause) {
    if (signal.aborted) throw interrupted(cause);
    throw new CdnError(
      'deployment-late',
      `waiting for ${what}: not done after ${Math.round((nowMs() - startMs) / 1000)} s`,
      'Look at https://health.aws.amazon.com, and run it again: it goes on waiting.',
      { cause },
    );
  } finally {
    clearInterval(telling);
  }
}
