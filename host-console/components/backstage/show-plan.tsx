'use client';

import { Button } from '@mantine/core';
import { IconPlayerStop } from '@tabler/icons-react';
import { useTranslations } from 'use-intl';
import { useControl } from '../control/context.ts';
import { RunningOrder } from './running-order.tsx';
import classes from './show-plan.module.css';

const MINUTES = [1, 3, 5, 10] as const;

/** What the crew settles for those backstage: when it goes on air, and who appears after whom. */
export function ShowPlan() {
  const { view } = useControl();
  if (view.phase.phase === 'ended' || !view.backstage) return null;
  return (
    <div className={classes.plan}>
      {view.phase.phase === 'scheduled' ? <CountdownButtons /> : null}
      <RunningOrder />
    </div>
  );
}

function CountdownButtons() {
  const t = useTranslations('backstage.countdown');
  const { view, send, serverOffsetMs } = useControl();
  const counting = view.backstage?.airsAtUnixMs !== null;
  return (
    <section className={classes.part} aria-label={t('title')}>
      <h3>{t('title')}</h3>
      <p>{t('hint')}</p>
      <div className={classes.buttons}>
        {MINUTES.map((count) => (
          <Button
            key={count}
            size="xs"
            variant="default"
            aria-label={t('start', { count })}
            onClick={() => {
              const airsAtUnixMs = Math.round(Date.now() + serverOffsetMs) + count * 60_000;
              void send('backstage:countdown', { airsAtUnixMs });
            }}
          >
            {t('minutes', { count })}
          </Button>
        ))}
        <Button
          size="xs"
          variant="subtle"
          disabled={!counting}
          leftSection={<IconPlayerStop size={16} aria-hidden />}
          onClick={() => void send('backstage:countdown', { airsAtUnixMs: null })}
        >
          {t('stop')}
        </Button>
      </div>
    </section>
  );
}
