'use client';

import type { WebinarView } from '@rostrum/contracts';
import { useFormatter, useTranslations } from 'use-intl';
import { staysUntilUnixMs } from '../../lib/backstage.ts';

/** After the end: who still sees and hears whom, and until when. */
export function StaysUntil({ view }: { readonly view: Pick<WebinarView, 'phase'> }) {
  const t = useTranslations('backstage.after');
  const format = useFormatter();
  const untilUnixMs = staysUntilUnixMs(view);
  if (untilUnixMs === null) return null;
  return t('staying', {
    time: format.dateTime(untilUnixMs, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }),
  });
}
