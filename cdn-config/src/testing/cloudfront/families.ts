/** What a CloudFront of one account does for each family of things: names that are unique, ETags, who uses whom, the words of its errors. */
import type { Fields } from './wire.ts';

export class Refusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export interface Thing {
  readonly id: string;
  etag: string;
  config: Fields;
  /** Counts down with each list that does not know of it yet, and each reference to it that fails. */
  unlisted: number;
  unknown: number;
  readonly createdAt: Date;
  changedAtMs: number;
}

export interface Family {
  /** As in the operations' names: Create..., Get..., Delete... */
  readonly noun: string;
  readonly list: string;
  readonly plural: string;
  readonly config: string;
  readonly idPrefix: string;
  readonly exists: string;
  readonly missing: string;
  readonly inUse: string;
  /** Member of an answer that holds the thing. */
  readonly resource: (thing: Thing) => Fields;
  readonly listed: (thing: Thing) => Fields;
  readonly nameOf: (config: Fields) => string;
}

const named = (config: Fields): string => String(config.Name);
const MODIFIED = new Date('2026-01-01T00:00:00Z');

export const FAMILIES: readonly Family[] = [
  {
    noun: 'OriginAccessControl',
    plural: 'OriginAccessControls',
    list: 'OriginAccessControlList',
    config: 'OriginAccessControlConfig',
    idPrefix: 'EOAC',
    exists: 'OriginAccessControlAlreadyExists',
    missing: 'NoSuchOriginAccessControl',
    inUse: 'OriginAccessControlInUse',
    resource: ({ id, config }) => ({ Id: id, OriginAccessControlConfig: config }),
    listed: ({ id, config }) => ({ Id: id, Description: '', ...config }),
    nameOf: named,
  },
  {
    noun: 'PublicKey',
    plural: 'PublicKeys',
    list: 'PublicKeyList',
    config: 'PublicKeyConfig',
    idPrefix: 'K',
    exists: 'PublicKeyAlreadyExists',
    missing: 'NoSuchPublicKey',
    inUse: 'PublicKeyInUse',
    resource: ({ id, config, createdAt }) => ({ Id: id, CreatedTime: createdAt, PublicKeyConfig: config }),
    listed: ({ id, config, createdAt }) => ({
      ...{ Id: id, CreatedTime: createdAt },
      ...{ Name: config.Name, EncodedKey: config.EncodedKey, Comment: config.Comment },
    }),
    nameOf: named,
  },
  {
    noun: 'KeyGroup',
    plural: 'KeyGroups',
    list: 'KeyGroupList',
    config: 'KeyGroupConfig',
    idPrefix: 'g',
    exists: 'KeyGroupAlreadyExists',
    missing: 'NoSuchResource',
    inUse: 'ResourceInUse',
    resource: ({ id, config }) => ({ Id: id, LastModifiedTime: MODIFIED, KeyGroupConfig: config }),
    listed: ({ id, config }) => ({
      KeyGroup: { Id: id, LastModifiedTime: MODIFIED, KeyGroupConfig: config },
    }),
    nameOf: named,
  },
  policy('CachePolicy', 'CachePolicies'),
  policy('OriginRequestPolicy', 'OriginRequestPolicies'),
  policy('ResponseHeadersPolicy', 'ResponseHeadersPolicies'),
];

function policy(noun: string, plural: string): Family {
  const resource = ({ id, config }: Thing) => ({
    ...{ Id: id, LastModifiedTime: MODIFIED },
    [`${noun}Config`]: config,
  });
  return {
    noun,
    plural,
    list: `${noun}List`,
    config: `${noun}Config`,
    idPrefix: 'p',
    exists: `${noun}AlreadyExists`,
    missing: `NoSuch${noun}`,
    inUse: `${noun}InUse`,
    resource,
    listed: (thing) => ({ Type: 'custom', [noun]: resource(thing) }),
    nameOf: named,
  };
}

/** What CloudFront says of a distribution that nobody said. */
export function completed(config: Fields): Fields {
  const behavior = (given: Fields): Fields => ({
    SmoothStreaming: false,
    FieldLevelEncryptionId: '',
    LambdaFunctionAssociations: { Quantity: 0 },
    FunctionAssociations: { Quantity: 0 },
    ...given,
  });
  const origins = itemsOf(config.Origins).map((origin) => ({
    OriginPath: '',
    CustomHeaders: { Quantity: 0 },
    ConnectionAttempts: 3,
    ConnectionTimeout: 10,
    OriginAccessControlId: '',
    ...origin,
  }));
  const certificate = config.ViewerCertificate as Fields | undefined;
  return {
    DefaultRootObject: '',
    Logging: { Enabled: false, IncludeCookies: false, Bucket: '', Prefix: '' },
    PriceClass: 'PriceClass_All',
    Restrictions: { GeoRestriction: { RestrictionType: 'none', Quantity: 0 } },
    WebACLId: '',
    ContinuousDeploymentPolicyId: '',
    Staging: false,
    ...config,
    Origins: { Quantity: origins.length, Items: origins },
    DefaultCacheBehavior: behavior(config.DefaultCacheBehavior as Fields),
    CacheBehaviors: {
      ...(config.CacheBehaviors as Fields),
      Items: itemsOf(config.CacheBehaviors).map(behavior),
    },
    // The old way of saying it beside the new one.
    ViewerCertificate: certificate?.ACMCertificateArn
      ? { ...certificate, Certificate: certificate.ACMCertificateArn, CertificateSource: 'acm' }
      : { MinimumProtocolVersion: 'TLSv1', CertificateSource: 'cloudfront', ...certificate },
  };
}

export const itemsOf = (list: unknown): readonly Fields[] =>
  ((list as Fields | undefined)?.Items as readonly Fields[] | undefined) ?? [];

/** Every `{ Quantity, Items }` says how many there are. @throws Refusal */
export function checkQuantities(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  const { Quantity, Items } = value as Fields;
  const count = Array.isArray(Items) ? Items.length : 0;
  if (Quantity !== undefined && Quantity !== count)
    throw new Refusal(400, 'InconsistentQuantities', `Quantity is ${Quantity}, and there are ${count} items`);
  for (const member of Object.values(value)) checkQuantities(member);
}

/** Sets come back in an order of CloudFront's own. */
export function reordered(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(reordered);
    return items.every((item) => typeof item !== 'object') ? items.toReversed() : items;
  }
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, reordered(member)]));
}
