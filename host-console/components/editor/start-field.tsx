'use client';

import { Select, TextInput } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useFormatter, useTranslations } from 'use-intl';
import { unixMsToZoned, zonedToUnixMs } from '../../lib/time.ts';
import classes from './editor.module.css';
import { Clash, type Edited } from './field.tsx';

/** When it begins, by the clocks of a place, and what that is here. */
export function StartField({ editing, saver }: Edited) {
  const t = useTranslations('plan.start');
  const format = useFormatter();
  const { fields, planned, refused } = editing;
  const ownZone = useMemo(() => Intl.DateTimeFormat().resolvedOptions().timeZone, []);
  const zones = useMemo(
    () => [...new Set([ownZone, 'UTC', ...Intl.supportedValuesOf('timeZone')])],
    [ownZone],
  );
  // The place is chosen before there is a time too.
  const [chosenZone, setChosenZone] = useState(ownZone);
  const zone = fields.start?.zone ?? chosenZone;
  const local =
    fields.start?.local ??
    (planned.startsAtUnixMs === null ? '' : unixMsToZoned(planned.startsAtUnixMs, zone));
  // While the browser's field is being filled in, what it shows is no time yet.
  const [partial, setPartial] = useState<string | null>(null);
  const startsAtUnixMs = local === '' ? null : zonedToUnixMs(local, zone);
  const frozen = planned.phase !== 'scheduled';
  const change = (next: string): void => {
    if (next !== '' && zonedToUnixMs(next, zone) === null) {
      setPartial(next);
      return;
    }
    setPartial(null);
    saver.edit({ start: next === '' ? null : { local: next.slice(0, 16), zone } });
  };
  return (
    <div>
      <div className={classes.pair}>
        <TextInput
          label={t('label')}
          type="datetime-local"
          min="2000-01-01T00:00"
          max="2099-12-31T23:59"
          disabled={frozen}
          value={partial ?? local}
          error={refused.has('start') ? t('none') : null}
          onChange={(event) => change(event.currentTarget.value)}
        />
        <Select
          label={t('zone')}
          searchable
          allowDeselect={false}
          limit={80}
          nothingFoundMessage={t('noZone')}
          disabled={frozen}
          data={zones.includes(zone) ? zones : [zone, ...zones]}
          value={zone}
          onChange={(next) => {
            if (!next) return;
            setChosenZone(next);
            if (local !== '') saver.edit({ start: { local, zone: next } });
          }}
        />
      </div>
      <p className={classes.note}>
        {frozen
          ? t('stays')
          : startsAtUnixMs === null
            ? t('open')
            : zone === ownZone
              ? t('here', { time: format.dateTime(startsAtUnixMs, LONG) })
              : t('elsewhere', { time: format.dateTime(startsAtUnixMs, LONG) })}
      </p>
      <Clash editing={editing} saver={saver} of="start" />
    </div>
  );
}

const LONG = {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: 'numeric',
  minute: '2-digit',
  timeZoneName: 'short',
} as const;
