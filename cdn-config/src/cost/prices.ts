import type { Prices } from './cost.ts';

/**
 * CloudFront's list prices without a plan or a commitment, in US dollars: the first 10 TB of a month and HTTPS requests. They change:
 * https://aws.amazon.com/cloudfront/pricing/ has those of today.
 */
export const PRICES: Readonly<Record<'Europe' | 'North America', Prices>> = {
  Europe: { perGb: 0.085, perTenThousandRequests: 0.012 },
  'North America': { perGb: 0.085, perTenThousandRequests: 0.01 },
};

/** For each request that another of CloudFront's regions sends to Origin Shield. */
export const SHIELD_PER_TEN_THOUSAND = 0.009;

/** For a million lines of real-time logs, before what Kinesis takes. */
export const LOGS_PER_MILLION = 0.01;
