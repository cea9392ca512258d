'use client';

import type { WebinarView } from '@rostrum/contracts';
import { IconClockPlay } from '@tabler/icons-react';
import { useTranslations } from 'use-intl';
import { formatCountdown } from '../../lib/time.ts';
import { useNow } from '../../lib/use-now.ts';
import classes from './air-countdown.module.css';

/** Read out when so much of it is left, s. */
const SAID_AT_S = [600, 300, 120, 60, 30, 10] as const;

/** A page knows the coordinator's clock to half a round trip: five minutes begin with 5:00 on all of them. */
const CLOCK_ERROR_MS = 250;

/** How long until it goes on air, by the coordinator's clock: the same on everybody's page. Nothing where nobody counts down. */
export function AirCountdown({
  view,
  serverOffsetMs,
}: {
  readonly view: WebinarView;
  readonly serverOffsetMs: number;
}) {
  const airsAtUnixMs = view.backstage?.airsAtUnixMs ?? null;
  return airsAtUnixMs === null ? null : (
    <Counting until={airsAtUnixMs - CLOCK_ERROR_MS} serverOffsetMs={serverOffsetMs} />
  );
}

function Counting({ until, serverOffsetMs }: { readonly until: number; readonly serverOffsetMs: number }) {
  const t = useTranslations('backstage.countdown');
  const now = useNow(200, serverOffsetMs);
  const leftS = Math.ceil((until - now) / 1000);
  // The last of them that is reached: it changes, and is read out, once for each.
  const saidS = SAID_AT_S.findLast((s) => leftS <= s);
  const said =
    leftS <= 0
      ? t('now')
      : saidS === undefined
        ? ''
        : saidS >= 60
          ? t('saidMinutes', { count: saidS / 60 })
          : t('saidSeconds', { count: saidS });
  return (
    <span className={classes.countdown} data-soon={leftS <= 30 || undefined}>
      <IconClockPlay size={18} aria-hidden />
      {leftS <= 0 ? (
        <strong>{t('now')}</strong>
      ) : (
        <>
          {t('onAirIn')}{' '}
          <strong role="timer" aria-label={t('title')}>
            {formatCountdown(until, now)}
          </strong>
        </>
      )}
      <span className="visually-hidden" role="status" aria-live="polite">
        {said}
      </span>
    </span>
  );
}
