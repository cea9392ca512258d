import type { Rate } from '../token-bucket.ts';

const POLICY = '"default"';

/**
 * What is left of a rate, as draft-ietf-httpapi-ratelimit-headers-10 has it (Structured Fields, RFC 9651): `q` requests in `w`
 * seconds; `r` of them are left, and all are there again in `t` seconds. A bucket fills steadily, so that its window is how
 * long an empty one takes.
 *
 * @param left tokens, with a fraction
 */
export function rateLimitFields({ burst, perSecond }: Rate, left: number): Readonly<Record<string, string>> {
  const windowS = Math.max(1, Math.ceil(burst / perSecond));
  const fullInS = Math.max(0, Math.ceil((burst - left) / perSecond));
  return {
    'ratelimit-policy': `${POLICY};q=${burst};w=${windowS}`,
    ratelimit: `${POLICY};r=${Math.floor(left)};t=${fullInS}`,
  };
}
