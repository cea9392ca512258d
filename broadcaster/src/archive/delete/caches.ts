/** Caches in front of the origin that are told to forget a channel. */
import type { CloudFrontClient } from '@aws-sdk/client-cloudfront';
import { EDGE_SECRET_HEADER, edgeForgetPath } from '@rostrum/cdn-config/edge-control';
import { forgetChannel } from '@rostrum/cdn-config/purge';

export interface CachePurge {
  readonly name: 'edge' | 'cdn';
  /**
   * Resolves when it gives out nothing of the channel that it had before. Idempotent by `reference`: asked again under the same it
   * is the same request. Rejects when it is not so.
   */
  forget(channelId: string, reference: string, signal: AbortSignal): Promise<void>;
}

const EDGE_TIMEOUT_MS = 5000;

/** The edges of one origin. @param urls base URLs of their control ports */
export const edgeCaches = (urls: readonly string[], secret: string): CachePurge => ({
  name: 'edge',
  async forget(channelId, _reference, signal) {
    await Promise.all(
      urls.map(async (url) => {
        const response = await fetch(`${url}${edgeForgetPath(channelId)}`, {
          method: 'POST',
          headers: { [EDGE_SECRET_HEADER]: secret },
          signal: AbortSignal.any([signal, AbortSignal.timeout(EDGE_TIMEOUT_MS)]),
          redirect: 'error',
        });
        await response.body?.cancel();
        if (!response.ok) throw new Error(`the edge at ${url} answers ${response.status}`);
      }),
    );
  },
});

/** A distribution of CloudFront. */
export const cloudFrontCache = (client: CloudFrontClient, distributionId: string): CachePurge => ({
  name: 'cdn',
  forget: (channelId, reference, signal) =>
    forgetChannel({ client, distributionId, reference, signal }, channelId),
});
