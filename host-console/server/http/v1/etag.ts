import { createHash } from 'node:crypto';
import { HttpFailure } from '../failures.ts';

/** A strong one (RFC 9110 section 8.8.3) of what can be edited of something. */
export const etagOf = (editable: unknown): string =>
  `"${createHash('sha256').update(JSON.stringify(editable)).digest('base64url').slice(0, 22)}"`;

/**
 * RFC 9110 section 13.1.1: asked where the change is decided, on the state that it changes. Without the header the last one
 * to write wins, as who sends none expects. Throws 412.
 */
export function mustMatch(ifMatch: string | undefined, editable: unknown): void {
  if (ifMatch === undefined || ifMatch.trim() === '*') return;
  const tags = ifMatch.split(',').map((tag) => tag.trim());
  if (tags.includes(etagOf(editable))) return;
  throw new HttpFailure(412, 'it was changed since it was read: read it again', {}, 'changed-meanwhile');
}
