import type { CdnOptions } from '../cloudfront/settings.ts';

/** What the bucket has to allow, so that this distribution reads it and nobody else does. */
export function bucketPolicy(bucket: NonNullable<CdnOptions['bucket']>, distributionArn: string): object {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'RostrumCdnReads',
        Effect: 'Allow',
        Principal: { Service: 'cloudfront.amazonaws.com' },
        Action: 's3:GetObject',
        Resource: `arn:aws:s3:::${[bucket.name, bucket.prefix].filter(Boolean).join('/')}/*`,
        Condition: { StringEquals: { 'AWS:SourceArn': distributionArn } },
      },
    ],
  };
}
