/** The same right as CloudFront asks for it: signed cookies with a policy of our own. */
import { getSignedCookies } from '@aws-sdk/cloudfront-signer';

export interface CloudFrontKey {
  /** Of the public half, as CloudFront calls it. */
  readonly keyPairId: string;
  /** RSA or ECDSA P-256, PEM. */
  readonly privateKeyPem: string;
}

/**
 * Names and values of the cookies for what lies below a folder. The one wildcard is the end of the address: CloudFront matches it
 * against query strings too, so that one in the middle would fit addresses of other channels.
 * @param folderUrl without a last slash
 */
export function cloudFrontCookies(
  { keyPairId, privateKeyPem }: CloudFrontKey,
  folderUrl: string,
  expiresUnixMs: number,
): readonly (readonly [name: string, value: string])[] {
  const until = { DateLessThan: { 'AWS:EpochTime': Math.floor(expiresUnixMs / 1000) } };
  const policy = JSON.stringify({ Statement: [{ Resource: `${folderUrl}/*`, Condition: until }] });
  return Object.entries(getSignedCookies({ policy, keyPairId, privateKey: privateKeyPem }));
}
