import { CloudFrontClient } from '@aws-sdk/client-cloudfront';
import type { Environment } from '@rostrum/service-kit/settings';

/**
 * Talks to CloudFront. Credentials and a different endpoint (AWS_ENDPOINT_URL_CLOUDFRONT) come by AWS's own variables and files;
 * throttling and broken connections are answered by the SDK's own attempts.
 */
export function cloudFrontClient(env: Environment): CloudFrontClient {
  return new CloudFrontClient({
    // CloudFront is one for the world, and lives there.
    region: 'us-east-1',
    // The SDK's three are few for an account in which others work too.
    ...(env.AWS_MAX_ATTEMPTS ? {} : { maxAttempts: 8 }),
    requestHandler: { connectionTimeout: 5000, requestTimeout: 30_000 },
  });
}
