import type { CdnOptions } from '../cloudfront/settings.ts';

/** What of each kind the command does. */
const VERBS = ['Create', 'Get', 'Update', 'Delete'] as const;
const NOUNS: Readonly<Record<string, string>> = {
  Distribution: 'Distributions',
  CachePolicy: 'CachePolicies',
  OriginRequestPolicy: 'OriginRequestPolicies',
  ResponseHeadersPolicy: 'ResponseHeadersPolicies',
  OriginAccessControl: 'OriginAccessControls',
  PublicKey: 'PublicKeys',
  KeyGroup: 'KeyGroups',
  RealtimeLogConfig: 'RealtimeLogConfigs',
};

/** The actions of CloudFront that the command needs, without the service's name. */
export const ACTIONS: readonly string[] = [
  ...Object.entries(NOUNS).flatMap(([one, many]) => [`List${many}`, ...VERBS.map((verb) => `${verb}${one}`)]),
  'CreateInvalidation',
  'GetInvalidation',
];

/** A policy of IAM for whoever runs the command. CloudFront cannot bound rights by name: they are for all of the account's. */
export function rightsPolicy({ logs }: CdnOptions): object {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'RostrumCdn',
        Effect: 'Allow',
        Action: ACTIONS.map((action) => `cloudfront:${action}`),
        Resource: '*',
      },
      ...(logs
        ? [{ Sid: 'RostrumCdnLogs', Effect: 'Allow', Action: 'iam:PassRole', Resource: logs.roleArn }]
        : []),
    ],
  };
}
