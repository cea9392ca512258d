'use client';

import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import type { FieldName } from '../../lib/plan-fields.ts';
import type { Editing, PlanSaver } from '../../lib/plan-saver.ts';
import classes from './editor.module.css';

export interface Edited {
  readonly editing: Editing;
  readonly saver: PlanSaver;
}

/** A part of the plan, with its heading. */
export function Section({
  title,
  hint,
  children,
}: {
  readonly title: string;
  readonly hint: string;
  readonly children: ReactNode;
}) {
  return (
    <section className={classes.section} aria-label={title}>
      <div className={classes.about}>
        <h2>{title}</h2>
        <p>{hint}</p>
      </div>
      <div className={classes.fields}>{children}</div>
    </section>
  );
}

/** Below a field: that somebody else changed it too, and who is to have the last word. */
export function Clash({ editing, saver, of }: Edited & { readonly of: FieldName }) {
  const t = useTranslations('plan.conflict');
  if (!editing.conflicts.has(of)) return null;
  return (
    <div className={classes.clash} role="alert">
      <span>{t('told')}</span>
      <span className={classes.choice}>
        <Button size="xs" variant="default" onClick={() => saver.settle(of, 'theirs')}>
          {t('theirs')}
        </Button>
        <Button size="xs" onClick={() => saver.settle(of, 'mine')}>
          {t('mine')}
        </Button>
      </span>
    </div>
  );
}
