'use client';

import { Button, NumberInput, Popover, Switch } from '@mantine/core';
import { DOORS_MINUTES_MAX } from '@rostrum/contracts/doors-limits';
import { IconDoor } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { useControl } from './context.ts';
import classes from './doors.module.css';

const USUAL_MINUTES = 10;

/** Before the show: the channel that runs already, and how many wait in front of it. */
export function Doors() {
  const { view, presence, send, busy } = useControl();
  const t = useTranslations('doors');
  const [shown, setShown] = useState(false);
  if (view.phase.phase !== 'scheduled') return null;
  const open = view.phase.doors !== undefined;
  const mayOpen = view.self.role !== 'moderator';
  const waiting = presence?.watching ?? 0;
  return (
    <Popover opened={shown} onChange={setShown} position="bottom-end" width={320} trapFocus withArrow>
      <Popover.Target>
        <Button
          variant={open ? 'light' : 'default'}
          size="md"
          leftSection={<IconDoor size={18} aria-hidden />}
          aria-expanded={shown}
          onClick={() => setShown(!shown)}
        >
          <span data-testid="doors">{open ? t('opened') : t('settings')}</span>
          {open ? <span className={classes.count}>{t('waiting', { count: waiting })}</span> : null}
        </Button>
      </Popover.Target>
      <Popover.Dropdown className={classes.panel}>
        <p className={classes.hint}>{open ? t('closeHint') : t('openHint')}</p>
        {mayOpen ? (
          <Button
            fullWidth
            variant={open ? 'default' : 'filled'}
            loading={busy.has('doors:open') || busy.has('doors:close')}
            onClick={() => void send(open ? 'doors:close' : 'doors:open', {})}
          >
            {open ? t('close') : t('open')}
          </Button>
        ) : null}
        <Switch
          label={t('music')}
          description={t('musicHint')}
          checked={view.doors.bed}
          onChange={({ currentTarget: { checked } }) => void send('doors:rule', { bed: checked })}
        />
        {view.startsAtUnixMs === null ? null : <ByThemselves />}
      </Popover.Dropdown>
    </Popover>
  );
}

function ByThemselves() {
  const { view, send } = useControl();
  const t = useTranslations('doors');
  const { openMinutes } = view.doors;
  const byThemselves = openMinutes !== 0;
  return (
    <div className={classes.rules}>
      <Switch
        label={t('byThemselves')}
        checked={byThemselves}
        onChange={({ currentTarget: { checked } }) =>
          void send('doors:rule', { openMinutes: checked ? null : 0 })
        }
      />
      {byThemselves ? (
        <NumberInput
          label={t('minutesBefore')}
          description={openMinutes === null ? t('asUsual') : undefined}
          placeholder={String(USUAL_MINUTES)}
          value={openMinutes ?? ''}
          min={1}
          max={DOORS_MINUTES_MAX}
          clampBehavior="strict"
          allowDecimal={false}
          allowNegative={false}
          onChange={(minutes) =>
            void send('doors:rule', { openMinutes: typeof minutes === 'number' ? minutes : null })
          }
        />
      ) : (
        <p className={classes.hint}>{t('never')}</p>
      )}
    </div>
  );
}
