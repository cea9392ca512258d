/** What every kind of thing can be asked. */
import type { CloudFrontClient } from '@aws-sdk/client-cloudfront';

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
export function there<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`CloudFront answered without ${what}`);
  return value;
}

/** The same for all kinds with an id, a config and an ETag. */
export const standing = <C>(
  id: string | undefined,
  config: C | undefined,
  etag: string | undefined,
): Standing<C> => ({
  id: there(id, 'an id'),
  config: there(config, 'a config'),
  etag: there(etag, 'an ETag'),
});

export const matching = <C>({ id, etag }: Standing<C>) => ({ Id: id, IfMatch: etag });
