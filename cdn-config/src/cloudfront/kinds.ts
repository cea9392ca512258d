/** How each kind of thing is listed, read, made, changed and removed: the calls of the AWS SDK, and nothing else. */
import {
  type CloudFrontClient,
  CreateCachePolicyCommand,
  CreateDistributionCommand,
  CreateKeyGroupCommand,
  CreateOriginAccessControlCommand,
  CreateOriginRequestPolicyCommand,
  CreatePublicKeyCommand,
  CreateRealtimeLogConfigCommand,
  CreateResponseHeadersPolicyCommand,
  DeleteCachePolicyCommand,
  DeleteDistributionCommand,
  DeleteKeyGroupCommand,
  DeleteOriginAccessControlCommand,
  DeleteOriginRequestPolicyCommand,
  DeletePublicKeyCommand,
  DeleteRealtimeLogConfigCommand,
  DeleteResponseHeadersPolicyCommand,
  GetCachePolicyCommand,
  GetDistributionCommand,
  GetKeyGroupCommand,
  GetOriginAccessControlCommand,
  GetOriginRequestPolicyCommand,
  GetPublicKeyCommand,
  GetRealtimeLogConfigCommand,
  GetResponseHeadersPolicyCommand,
  ListCachePoliciesCommand,
  ListDistributionsCommand,
  ListKeyGroupsCommand,
  ListOriginAccessControlsCommand,
  ListOriginRequestPoliciesCommand,
  ListPublicKeysCommand,
  ListRealtimeLogConfigsCommand,
  ListResponseHeadersPoliciesCommand,
  UpdateCachePolicyCommand,
  UpdateDistributionCommand,
  UpdateKeyGroupCommand,
  UpdateOriginAccessControlCommand,
  UpdateOriginRequestPolicyCommand,
  UpdatePublicKeyCommand,
  UpdateRealtimeLogConfigCommand,
  UpdateResponseHeadersPolicyCommand,
} from '@aws-sdk/client-cloudfront';
import type { Configs, Kind } from './things.ts';

/** What a list says of a thing. */
export interface Listed {
  readonly id: string;
  /** Undefined for distributions, which have none. */
  readonly name: string | undefined;
  /** Undefined where a kind has none. */
  readonly comment: string | undefined;
  /** Ids of policies that it uses. */
  readonly uses?: readonly string[];
}

/** A thing as it stands. */
export interface Standing<C> {
  readonly id: string;
  /** Undefined where a kind has none. */
  readonly etag: string | undefined;
  readonly config: C;
  readonly createdAtMs?: number | undefined;
  readonly deployment?: { readonly status: string; readonly domainName: string; readonly arn: string };
}

export interface KindCalls<C> {
  /** One page of ours and everybody else's. */
  list(client: CloudFrontClient, marker: string | undefined): Promise<Page>;
  read(client: CloudFrontClient, id: string): Promise<Standing<C>>;
  create(client: CloudFrontClient, config: C): Promise<Standing<C>>;
  update(client: CloudFrontClient, standing: Standing<C>, config: C): Promise<Standing<C>>;
  remove(client: CloudFrontClient, standing: Standing<C>): Promise<void>;
}

export interface Page {
  readonly items: readonly Listed[];
  readonly next: string | undefined;
}

/** An answer without what the service promises in it: nothing that could be mended here. */
function there<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`CloudFront answered without ${what}`);
  return value;
}

/** The same for all kinds with an id, a config and an ETag. */
const standing = <C>(
  id: string | undefined,
  config: C | undefined,
  etag: string | undefined,
): Standing<C> => ({
  id: there(id, 'an id'),
  config: there(config, 'a config'),
  etag: there(etag, 'an ETag'),
});

const matching = <C>({ id, etag }: Standing<C>) => ({ Id: id, IfMatch: etag });

export const CALLS: { readonly [K in Kind]: KindCalls<Configs[K]> } = {
  'origin-access-control': {
    async list(client, Marker) {
      const { OriginAccessControlList: list } = await client.send(
        new ListOriginAccessControlsCommand({ Marker }),
      );
      const items = (list?.Items ?? []).map(({ Id, Name, Description }) => ({
        id: there(Id, 'an id'),
        name: Name,
        comment: Description,
      }));
      return { items, next: list?.NextMarker };
    },
    async read(client, Id) {
      const { OriginAccessControl: it, ETag } = await client.send(new GetOriginAccessControlCommand({ Id }));
      return standing(it?.Id, it?.OriginAccessControlConfig, ETag);
    },
    async create(client, config) {
      const input = { OriginAccessControlConfig: config };
      const { OriginAccessControl: it, ETag } = await client.send(
        new CreateOriginAccessControlCommand(input),
      );
      return standing(it?.Id, it?.OriginAccessControlConfig, ETag);
    },
    async update(client, before, config) {
      const input = { ...matching(before), OriginAccessControlConfig: config };
      const { OriginAccessControl: it, ETag } = await client.send(
        new UpdateOriginAccessControlCommand(input),
      );
      return standing(it?.Id, it?.OriginAccessControlConfig, ETag);
    },
    async remove(client, before) {
      await client.send(new DeleteOriginAccessControlCommand(matching(before)));
    },
  },
  'public-key': {
    async list(client, Marker) {
      const { PublicKeyList: list } = await client.send(new ListPublicKeysCommand({ Marker }));
      const items = (list?.Items ?? []).map(({ Id, Name, Comment }) => ({
        id: there(Id, 'an id'),
        name: Name,
        comment: Comment,
      }));
      return { items, next: list?.NextMarker };
    },
    async read(client, Id) {
      const { PublicKey: it, ETag } = await client.send(new GetPublicKeyCommand({ Id }));
      return { ...standing(it?.Id, it?.PublicKeyConfig, ETag), createdAtMs: it?.CreatedTime?.getTime() };
    },
    async create(client, config) {
      const { PublicKey: it, ETag } = await client.send(
        new CreatePublicKeyCommand({ PublicKeyConfig: config }),
      );
      return { ...standing(it?.Id, it?.PublicKeyConfig, ETag), createdAtMs: it?.CreatedTime?.getTime() };
    },
    async update(client, before, config) {
      const input = { ...matching(before), PublicKeyConfig: config };
      const { PublicKey: it, ETag } = await client.send(new UpdatePublicKeyCommand(input));
      return { ...standing(it?.Id, it?.PublicKeyConfig, ETag), createdAtMs: it?.CreatedTime?.getTime() };
    },
    async remove(client, before) {
      await client.send(new DeletePublicKeyCommand(matching(before)));
    },
  },
  'key-group': {
    async list(client, Marker) {
      const { KeyGroupList: list } = await client.send(new ListKeyGroupsCommand({ Marker }));
      const items = (list?.Items ?? []).map(({ KeyGroup }) => ({
        id: there(KeyGroup?.Id, 'an id'),
        name: KeyGroup?.KeyGroupConfig?.Name,
        comment: KeyGroup?.KeyGroupConfig?.Comment,
      }));
      return { items, next: list?.NextMarker };
    },
    async read(client, Id) {
      const { KeyGroup: it, ETag } = await client.send(new GetKeyGroupCommand({ Id }));
      return standing(it?.Id, it?.KeyGroupConfig, ETag);
    },
    async create(client, config) {
      const { KeyGroup: it, ETag } = await client.send(new CreateKeyGroupCommand({ KeyGroupConfig: config }));
      return standing(it?.Id, it?.KeyGroupConfig, ETag);
    },
    async update(client, before, config) {
      const input = { ...matching(before), KeyGroupConfig: config };
      const { KeyGroup: it, ETag } = await client.send(new UpdateKeyGroupCommand(input));
      return standing(it?.Id, it?.KeyGroupConfig, ETag);
    },
    async remove(client, before) {
      await client.send(new DeleteKeyGroupCommand(matching(before)));
    },
  },
  'cache-policy': {
    async list(client, Marker) {
      const { CachePolicyList: list } = await client.send(
        new ListCachePoliciesCommand({ Type: 'custom', Marker }),
      );
      const items = (list?.Items ?? []).map(({ CachePolicy }) => ({
        id: there(CachePolicy?.Id, 'an id'),
        name: CachePolicy?.CachePolicyConfig?.Name,
        comment: CachePolicy?.CachePolicyConfig?.Comment,
      }));
      return { items, next: list?.NextMarker };
    },
    async read(client, Id) {
      const { CachePolicy: it, ETag } = await client.send(new GetCachePolicyCommand({ Id }));
      return standing(it?.Id, it?.CachePolicyConfig, ETag);
    },
    async create(client, config) {
      const input = { CachePolicyConfig: config };
      const { CachePolicy: it, ETag } = await client.send(new CreateCachePolicyCommand(input));
      return standing(it?.Id, it?.CachePolicyConfig, ETag);
    },
    async update(client, before, config) {
      const input = { ...matching(before), CachePolicyConfig: config };
      const { CachePolicy: it, ETag } = await client.send(new UpdateCachePolicyCommand(input));
      return standing(it?.Id, it?.CachePolicyConfig, ETag);
    },
    async remove(client, before) {
      await client.send(new DeleteCachePolicyCommand(matching(before)));
    },
  },
  'origin-request-policy': {
    async list(client, Marker) {
      const input = { Type: 'custom', Marker } as const;
      const { OriginRequestPolicyList: list } = await client.send(
        new ListOriginRequestPoliciesCommand(input),
      );
      const items = (list?.Items ?? []).map(({ OriginRequestPolicy: it }) => ({
        id: there(it?.Id, 'an id'),
        name: it?.OriginRequestPolicyConfig?.Name,
        comment: it?.OriginRequestPolicyConfig?.Comment,
      }));
      return { items, next: list?.NextMarker };
    },
    async read(client, Id) {
      const { OriginRequestPolicy: it, ETag } = await client.send(new GetOriginRequestPolicyCommand({ Id }));
      return standing(it?.Id, it?.OriginRequestPolicyConfig, ETag);
    },
    async create(client, config) {
      const input = { OriginRequestPolicyConfig: config };
      const { OriginRequestPolicy: it, ETag } = await client.send(
        new CreateOriginRequestPolicyCommand(input),
      );
      return standing(it?.Id, it?.OriginRequestPolicyConfig, ETag);
    },
    async update(client, before, config) {
      const input = { ...matching(before), OriginRequestPolicyConfig: config };
      const { OriginRequestPolicy: it, ETag } = await client.send(
        new UpdateOriginRequestPolicyCommand(input),
      );
      return standing(it?.Id, it?.OriginRequestPolicyConfig, ETag);
    },
    async remove(client, before) {
      await client.send(new DeleteOriginRequestPolicyCommand(matching(before)));
    },
  },
  'response-headers-policy': {
    async list(client, Marker) {
      const input = { Type: 'custom', Marker } as const;
      const { ResponseHeadersPolicyList: list } = await client.send(
        new ListResponseHeadersPoliciesCommand(input),
      );
      const items = (list?.Items ?? []).map(({ ResponseHeadersPolicy: it }) => ({
        id: there(it?.Id, 'an id'),
        name: it?.ResponseHeadersPolicyConfig?.Name,
        comment: it?.ResponseHeadersPolicyConfig?.Comment,
      }));
      return { items, next: list?.NextMarker };
    },
    async read(client, Id) {
      const { ResponseHeadersPolicy: it, ETag } = await client.send(
        new GetResponseHeadersPolicyCommand({ Id }),
      );
      return standing(it?.Id, it?.ResponseHeadersPolicyConfig, ETag);
    },
    async create(client, config) {
      const input = { ResponseHeadersPolicyConfig: config };
      const { ResponseHeadersPolicy: it, ETag } = await client.send(
        new CreateResponseHeadersPolicyCommand(input),
      );
      return standing(it?.Id, it?.ResponseHeadersPolicyConfig, ETag);
    },
    async update(client, before, config) {
      const input = { ...matching(before), ResponseHeadersPolicyConfig: config };
      const { ResponseHeadersPolicy: it, ETag } = await client.send(
        new UpdateResponseHeadersPolicyCommand(input),
      );
      return standing(it?.Id, it?.ResponseHeadersPolicyConfig, ETag);
    },
    async remove(client, before) {
      await client.send(new DeleteResponseHeadersPolicyCommand(matching(before)));
    },
  },
  // Known by their ARN, without comment and ETag: the last write holds.
  'realtime-logs': {
    async list(client, Marker) {
      const { RealtimeLogConfigs: list } = await client.send(new ListRealtimeLogConfigsCommand({ Marker }));
      const items = (list?.Items ?? []).map(({ ARN, Name }) => ({
        id: there(ARN, 'an ARN'),
        name: Name,
        comment: undefined,
      }));
      return { items, next: list?.NextMarker };
    },
    async read(client, ARN) {
      const { RealtimeLogConfig: it } = await client.send(new GetRealtimeLogConfigCommand({ ARN }));
      return { id: there(it?.ARN, 'an ARN'), etag: undefined, config: there(it, 'a config') };
    },
    async create(client, config) {
      const { RealtimeLogConfig: it } = await client.send(new CreateRealtimeLogConfigCommand(config));
      return { id: there(it?.ARN, 'an ARN'), etag: undefined, config: there(it, 'a config') };
    },
    async update(client, before, config) {
      const input = { ...config, ARN: before.id };
      const { RealtimeLogConfig: it } = await client.send(new UpdateRealtimeLogConfigCommand(input));
      return { id: there(it?.ARN, 'an ARN'), etag: undefined, config: there(it, 'a config') };
    },
    async remove(client, before) {
      await client.send(new DeleteRealtimeLogConfigCommand({ ARN: before.id }));
    },
  },
  distribution: {
    async list(client, Marker) {
      const { DistributionList: list } = await client.send(new ListDistributionsCommand({ Marker }));
      const items = (list?.Items ?? []).map((it) => ({
        id: there(it.Id, 'an id'),
        name: undefined,
        comment: it.Comment,
        uses: [it.DefaultCacheBehavior, ...(it.CacheBehaviors?.Items ?? [])].flatMap((behavior) =>
          behavior?.CachePolicyId === undefined ? [] : [behavior.CachePolicyId],
        ),
      }));
      return { items, next: list?.NextMarker };
    },
    async read(client, Id) {
      const { Distribution: it, ETag } = await client.send(new GetDistributionCommand({ Id }));
      return deployed(it, ETag);
    },
    async create(client, config) {
      const input = { DistributionConfig: config };
      const { Distribution: it, ETag } = await client.send(new CreateDistributionCommand(input));
      return deployed(it, ETag);
    },
    async update(client, before, config) {
      const input = { ...matching(before), DistributionConfig: config };
      const { Distribution: it, ETag } = await client.send(new UpdateDistributionCommand(input));
      return deployed(it, ETag);
    },
    async remove(client, before) {
      await client.send(new DeleteDistributionCommand(matching(before)));
    },
  },
};

function deployed(
  it:
    | {
        Id?: string | undefined;
        ARN?: string | undefined;
        Status?: string | undefined;
        DomainName?: string | undefined;
        DistributionConfig?: Configs['distribution'] | undefined;
      }
    | undefined,
  etag: string | undefined,
): Standing<Configs['distribution']> {
  return {
    ...standing(it?.Id, it?.DistributionConfig, etag),
    deployment: {
      status: there(it?.Status, 'a status'),
      domainName: there(it?.DomainName, 'a domain name'),
      arn: there(it?.ARN, 'an ARN'),
    },
  };
}
