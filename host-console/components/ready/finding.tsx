'use client';

import type { FindingState } from '@rostrum/contracts/outside';
import { IconAlertTriangle, IconCircle, IconCircleCheck, IconInfoCircle } from '@tabler/icons-react';
import { useTranslations } from 'use-intl';
import classes from './ready.module.css';

const ICONS = { good: IconCircleCheck, unsure: IconInfoCircle, bad: IconAlertTriangle } as const;

/** One thing that was looked at, and what to do about it. `state` null: not known yet, or of no weight. */
export function Finding({
  state,
  told,
  mend,
}: {
  readonly state: FindingState | null;
  readonly told: string;
  readonly mend: string | null;
}) {
  const t = useTranslations('ready.state');
  const Icon = state ? ICONS[state] : IconCircle;
  return (
    <li className={classes.finding} data-state={state}>
      {state ? <Icon size={20} role="img" aria-label={t(state)} /> : <Icon size={20} aria-hidden />}
      <span className={classes.words}>
        <span>{told}</span>
        {mend === null ? null : <span className={classes.mend}>{mend}</span>}
      </span>
    </li>
  );
}
