/** The kinds of things that stand in CloudFront, and what ours are called. */
import { createHash } from 'node:crypto';
import type {
  CachePolicyConfig,
  DistributionConfig,
  KeyGroupConfig,
  OriginAccessControlConfig,
  OriginRequestPolicyConfig,
  PublicKeyConfig,
  RealtimeLogConfig,
  ResponseHeadersPolicyConfig,
} from '@aws-sdk/client-cloudfront';
import { PATH_RULES, type PathRule } from '../policy.ts';

/** What each kind of thing says of itself. Keys that are there and undefined mean: it shall not have that. */
export interface Configs {
  readonly 'origin-access-control': OriginAccessControlConfig;
  readonly 'public-key': PublicKeyConfig;
  readonly 'key-group': KeyGroupConfig;
  readonly 'cache-policy': CachePolicyConfig;
  readonly 'origin-request-policy': OriginRequestPolicyConfig;
  readonly 'response-headers-policy': ResponseHeadersPolicyConfig;
  readonly 'realtime-logs': Omit<RealtimeLogConfig, 'ARN'>;
  readonly distribution: DistributionConfig;
}

/** In the order in which they are made: what is named by another comes before it. They go in the opposite one. */
export const KINDS = [
  'origin-access-control',
  'public-key',
  'key-group',
  'cache-policy',
  'origin-request-policy',
  'response-headers-policy',
  'realtime-logs',
  'distribution',
] as const satisfies readonly (keyof Configs)[];

export type Kind = (typeof KINDS)[number];

/** The id that CloudFront gave (of real-time logs the ARN). */
export type IdOf = (kind: Kind, name: string) => string;

export type Desired<K extends Kind = Kind> = {
  [Each in K]: {
    readonly kind: Each;
    readonly name: string;
    readonly config: (idOf: IdOf) => Configs[Each];
  };
}[K];

/** Begins the comment of everything that is ours. */
export const markOf = (name: string): string => `Rostrum ${name}: `;

/** The name of a key says which it is: another key is another thing, which can stand beside it. */
export function keyName(installation: string, publicKeyPem: string): string {
  const print = createHash('sha256').update(publicKeyPem.trim()).digest('hex').slice(0, 16);
  return `${installation}-key-${print}`;
}

export const namesOf = (installation: string) => ({
  bucketAccess: `${installation}-bucket`,
  keyGroup: `${installation}-keys`,
  cachePolicy: (rule: PathRule) => `${installation}-${cachingOf(rule).name}`,
  originRequest: `${installation}-origin`,
  responseHeaders: `${installation}-headers`,
  logs: `${installation}-logs`,
});

/** Rules that are cached the same way share a policy, that of the first: an account may have twenty. */
export function cachingOf(rule: PathRule): PathRule {
  const key = (of: PathRule) => JSON.stringify([of.keyParameters, of.maxTtlS, of.gzip]);
  return PATH_RULES.find((other) => key(other) === key(rule)) ?? rule;
}
