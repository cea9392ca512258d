import type { WebinarSummary } from '@rostrum/contracts';

const RANK: Record<WebinarSummary['phase'], number> = { live: 0, scheduled: 1, ended: 2 };

/** Live ones first, then what comes (soonest first, those without a time after), then what has been (newest first). */
export function sortWebinars(webinars: readonly WebinarSummary[]): WebinarSummary[] {
  const start = (w: WebinarSummary): number => w.startsAtUnixMs ?? Number.POSITIVE_INFINITY;
  return [...webinars].sort((a, b) => {
    if (a.phase !== b.phase) return RANK[a.phase] - RANK[b.phase];
    if (a.phase === 'scheduled' && start(a) !== start(b)) return start(a) - start(b);
    return b.createdUnixMs - a.createdUnixMs;
  });
}

/** Who may watch, in people's words. */
export const ACCESS_WORDS: Record<
  WebinarSummary['access'],
  { readonly label: string; readonly hint: string }
> = {
  open: { label: 'Everybody', hint: 'Whoever has the address of the watch page.' },
  private: {
    label: 'Only who has a link',
    hint: 'Make a link for each attendee. What was recorded is for them alone, too.',
  },
};

/** What the latency profiles are for, in people's words. */
export const PROFILE_WORDS: Record<
  WebinarSummary['profile'],
  { readonly label: string; readonly hint: string }
> = {
  fast: {
    label: 'Fast',
    hint: 'Under a second behind. For conversation with the audience; wants good networks.',
  },
  standard: { label: 'Standard', hint: 'About a second behind. Right for most webinars.' },
  scale: { label: 'Scale', hint: 'A few seconds behind, fewest requests. For very large audiences.' },
};
