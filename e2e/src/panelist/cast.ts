import type { HeadlessCast } from '../lib/show.ts';
import type { PanelistMedia } from './media.ts';
import { joinHeadless } from './panelist.ts';

/** Somebody for a show's cast whose media is sent from this process. */
export function headless(name: string, media: PanelistMedia): HeadlessCast {
  return {
    kind: 'headless',
    name,
    join: (link) =>
      joinHeadless({
        ...link,
        media,
        onTrouble: ({ code, message, retryInMs }) =>
          link.progress(`${message} (${code}); trying again in ${retryInMs} ms`),
      }),
  };
}
