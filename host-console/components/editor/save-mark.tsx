'use client';

import { IconAlertTriangle, IconCheck, IconCloudUpload, IconRefresh } from '@tabler/icons-react';
import { useTranslations } from 'use-intl';
import type { SaveState } from '../../lib/plan-saver.ts';
import classes from './editor.module.css';

const ICONS = {
  saved: IconCheck,
  saving: IconCloudUpload,
  failing: IconRefresh,
  held: IconAlertTriangle,
} as const;

/** Whether what is typed is safe. */
export function SaveMark({ state }: { readonly state: SaveState }) {
  const t = useTranslations('plan.save');
  const Icon = ICONS[state];
  return (
    <span className={classes.mark} data-state={state} role="status">
      <Icon size={16} aria-hidden /> {t(state)}
    </span>
  );
}
