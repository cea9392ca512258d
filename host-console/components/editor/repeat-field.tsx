'use client';

import { Button, NativeSelect, NumberInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Api } from '../../lib/api.ts';
import { notifyProblem } from '../../lib/notify.ts';
import classes from './editor.module.css';
import type { Edited } from './field.tsx';

const RHYTHMS = {
  day: { every: 'day', interval: 1 },
  week: { every: 'week', interval: 1 },
  fortnight: { every: 'week', interval: 2 },
  monthDate: { every: 'month', interval: 1, by: 'date' },
  monthWeekday: { every: 'month', interval: 1, by: 'weekday' },
} as const;
type Rhythm = keyof typeof RHYTHMS;

/** Makes a series of it; of one that is, says so. */
export function RepeatField({ api, editing, saver }: Edited & { readonly api: Api }) {
  const t = useTranslations('plan.repeat');
  const [rhythm, setRhythm] = useState<Rhythm>('week');
  const [count, setCount] = useState(4);
  const [busy, setBusy] = useState(false);
  const { planned, fields } = editing;
  if (fields.series) return <p className={classes.note}>{t('isOne', { count: fields.series.count })}</p>;
  if (planned.phase !== 'scheduled' || !fields.start) return null;
  const repeat = async (): Promise<void> => {
    setBusy(true);
    await saver.flush();
    const result = await api.repeatWebinar(planned.webinarId, { ...RHYTHMS[rhythm], count });
    if (result.ok) await saver.reload();
    else notifyProblem(result.error.code);
    setBusy(false);
  };
  return (
    <div className={classes.repeat}>
      <NativeSelect
        label={t('label')}
        data={(Object.keys(RHYTHMS) as Rhythm[]).map((value) => ({ value, label: t(`rhythms.${value}`) }))}
        value={rhythm}
        onChange={(event) => setRhythm(event.currentTarget.value as Rhythm)}
      />
      <NumberInput
        label={t('count')}
        min={2}
        max={52}
        allowDecimal={false}
        value={count}
        onChange={(value) => setCount(typeof value === 'number' ? value : 2)}
      />
      <Button variant="default" loading={busy} onClick={() => void repeat()}>
        {t('make')}
      </Button>
    </div>
  );
}
