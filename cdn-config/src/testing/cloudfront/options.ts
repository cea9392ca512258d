/** What tests have stand in CloudFront. */
import type { CdnOptions } from '../../cloudfront/settings.ts';

export const PLAIN: CdnOptions = {
  name: 'rostrum',
  originHost: 'live.example.org',
  originPort: 443,
  shieldRegion: 'eu-central-1',
  keyGraceMs: 0,
  pollMs: 1,
};

/** With all that there can be. The key is a real one only where a test gives one. */
export const FULL: CdnOptions = {
  ...PLAIN,
  bucket: { name: 'recordings', region: 'eu-west-1' },
  domains: { names: ['watch.example.org'], certificateArn: 'arn:aws:acm:us-east-1:1:certificate/1' },
  publicKeyPem: 'a key',
  logs: {
    streamArn: 'arn:aws:kinesis:eu-central-1:1:stream/s',
    roleArn: 'arn:aws:iam::1:role/r',
    percent: 5,
  },
};
