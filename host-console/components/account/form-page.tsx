'use client';

import { Button } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useTranslations } from 'use-intl';
import { wording } from '../../lib/messages.ts';
import { MessagePage } from '../shared/problem-page.tsx';
import classes from './account.module.css';

/** What became of it: words for a failure, by its code; null: another page is opened. */
export type Sent = { readonly code: string; readonly words?: string } | null;

/** A page that is one form. */
export function FormPage({
  title,
  hint,
  submit,
  onSubmit,
  children,
  below,
}: {
  readonly title: string;
  readonly hint?: string;
  readonly submit: string;
  readonly onSubmit: (fields: (name: string) => string) => Promise<Sent>;
  readonly children: ReactNode;
  readonly below?: ReactNode;
}) {
  const t = useTranslations('account');
  const [working, setWorking] = useState(false);
  const [failed, setFailed] = useState<Sent>(null);
  const send = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    setWorking(true);
    const sent = await onSubmit((name) => String(data.get(name) ?? ''));
    setFailed(sent);
    if (sent) setWorking(false);
  };
  return (
    <MessagePage title={title}>
      {hint ? <p>{hint}</p> : null}
      <form className={classes.form} onSubmit={(event) => void send(event)} aria-busy={working}>
        {children}
        <p className={classes.wrong} role="alert" hidden={failed === null}>
          {failed ? (failed.words ?? `${wording(failed.code).title}. ${wording(failed.code).hint}`) : null}
        </p>
        <Button type="submit" loading={working} loaderProps={{ 'aria-label': t('working') }}>
          {submit}
        </Button>
      </form>
      {below}
    </MessagePage>
  );
}
