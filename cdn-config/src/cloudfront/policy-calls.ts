/** The three kinds of policies: the calls of the AWS SDK, and nothing else. */
import {
  CreateCachePolicyCommand,
  CreateOriginRequestPolicyCommand,
  CreateResponseHeadersPolicyCommand,
  DeleteCachePolicyCommand,
  DeleteOriginRequestPolicyCommand,
  DeleteResponseHeadersPolicyCommand,
  GetCachePolicyCommand,
  GetOriginRequestPolicyCommand,
  GetResponseHeadersPolicyCommand,
  ListCachePoliciesCommand,
  ListOriginRequestPoliciesCommand,
  ListResponseHeadersPoliciesCommand,
  UpdateCachePolicyCommand,
  UpdateOriginRequestPolicyCommand,
  UpdateResponseHeadersPolicyCommand,
} from '@aws-sdk/client-cloudfront';
import { type KindCalls, matching, standing, there } from './calls.ts';
import type { Configs } from './things.ts';

type Policy = 'cache-policy' | 'origin-request-policy' | 'response-headers-policy';

export const POLICY_CALLS: { readonly [K in Policy]: KindCalls<Configs[K]> } = {
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
};
