/** What should stand in CloudFront, as the inputs of its API, for those who apply by other means. */
import { desiredState } from '../cloudfront/desired.ts';
import type { CdnOptions } from '../cloudfront/settings.ts';
import { KINDS } from '../cloudfront/things.ts';

/** By kind, in the order in which it has to be made. Ids that CloudFront gives stand as `<id of the ... NAME>`. */
export function desiredJson(options: CdnOptions): Readonly<Record<string, readonly object[]>> {
  const desired = desiredState(options);
  const idOf = (kind: string, name: string) => `<id of the ${kind} ${name}>`;
  return Object.fromEntries(
    KINDS.map((kind) => [
      kind,
      desired.filter((each) => each.kind === kind).map((each) => each.config(idOf)),
    ]).filter(([, configs]) => configs?.length !== 0),
  );
}
