/** By these a page knows that somebody is there. */
const SIGNS = ['pointermove', 'keydown', 'focus'] as const;

/** Does it now, and again with each sign of somebody. The answer ends it. */
export function atSigns(act: () => void, page: EventTarget = window): () => void {
  const stopped = new AbortController();
  act();
  for (const sign of SIGNS) page.addEventListener(sign, act, { passive: true, signal: stopped.signal });
  return () => stopped.abort();
}
