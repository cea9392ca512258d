/** Why a recording does not play: it is not there any more, or not for this browser. */
export type Refusal = 'gone' | 'forbidden';

/** What the answer to a request for its playlist says. null: nothing of the kind, it may yet play. Pure. */
export function refusalOf(status: number): Refusal | null {
  if (status === 404 || status === 410) return 'gone';
  return status === 401 || status === 403 ? 'forbidden' : null;
}
