'use client';

import { Button } from '@mantine/core';
import type { FindingState } from '@rostrum/contracts/outside';
import type { RoomClient } from '@rostrum/room-client/room';
import { useEffect } from 'react';
import { useTranslations } from 'use-intl';
import { useReach, verdictOn, WAYS, type WayState } from '../../lib/use-reach.ts';
import { Finding } from './finding.tsx';
import classes from './ready.module.css';

const MARK_OF: Readonly<Record<WayState, FindingState | null>> = {
  waiting: null,
  trying: null,
  reached: 'good',
  none: null,
  blocked: 'unsure',
  refused: 'unsure',
};
const MARK_OF_VERDICT = { good: 'good', fair: 'unsure', bad: 'bad' } as const;

/** By which ways this device's network reaches the stage, one after the other. */
export function ReachCheck({ room }: { readonly room: RoomClient }) {
  const t = useTranslations('ready.reach');
  const { ways, busy, start } = useReach(room);
  const verdict = verdictOn(ways);
  useEffect(start, [start]);
  return (
    <div className={classes.reach}>
      <ul className={classes.findings}>
        <Finding state="good" told={t('page')} mend={t('pageReached')} />
        {WAYS.map((way) => (
          <Finding key={way} state={MARK_OF[ways[way]]} told={t(way)} mend={t(ways[way])} />
        ))}
      </ul>
      <p role="status" className={classes.verdict} data-state={verdict && MARK_OF_VERDICT[verdict]}>
        {verdict ? t(`verdict.${verdict}`) : ''}
      </p>
      <Button variant="default" loading={busy} onClick={start}>
        {t('again')}
      </Button>
    </div>
  );
}
