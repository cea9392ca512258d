/** How each kind of thing is listed, read, made, changed and removed: the calls of the AWS SDK, and nothing else. */
import {
  CreateDistributionCommand,
  CreateKeyGroupCommand,
  CreateOriginAccessControlCommand,
  CreatePublicKeyCommand,
  CreateRealtimeLogConfigCommand,
  DeleteDistributionCommand,
  DeleteKeyGroupCommand,
  DeleteOriginAccessControlCommand,
  DeletePublicKeyCommand,
  DeleteRealtimeLogConfigCommand,
  GetDistributionCommand,
  GetKeyGroupCommand,
  GetOriginAccessControlCommand,
  GetPublicKeyCommand,
  GetRealtimeLogConfigCommand,
  ListDistributionsCommand,
  ListKeyGroupsCommand,
  ListOriginAccessControlsCommand,
  ListPublicKeysCommand,
  ListRealtimeLogConfigsCommand,
  UpdateDistributionCommand,
  UpdateKeyGroupCommand,
  UpdateOriginAccessControlCommand,
  UpdatePublicKeyCommand,
  UpdateRealtimeLogConfigCommand,
} from '@aws-sdk/client-cloudfront';
import { type KindCalls, matching, type Standing, standing, there } from './calls.ts';
import { POLICY_CALLS } from './policy-calls.ts';
import type { Configs, Kind } from './things.ts';

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
  ...POLICY_CALLS,
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
