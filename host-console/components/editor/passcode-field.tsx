'use client';

import { Button, TextInput } from '@mantine/core';
import { useEffect, useId, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Api } from '../../lib/api.ts';
import { notifyProblem } from '../../lib/notify.ts';
import classes from './editor.module.css';

const LEAST = 4;

/** `saved`: in this window just now. What a passcode is nobody can say again: a hash is kept. */
type Standing = 'asking' | 'none' | 'set' | 'saved';

/** The passcode that is asked for on the watch page. It is no part of the plan: the log keeps none. */
export function PasscodeField({ api, webinarId }: { readonly api: Api; readonly webinarId: string }) {
  const t = useTranslations('plan.passcode');
  const statusId = useId();
  const [standing, setStanding] = useState<Standing>('asking');
  const [written, setWritten] = useState('');
  const [busy, setBusy] = useState(false);

  useEffect(() => {
    let here = true;
    void api.passcodeIsSet(webinarId).then((result) => {
      if (here && result.ok) setStanding(result.value ? 'set' : 'none');
    });
    return () => {
      here = false;
    };
  }, [api, webinarId]);

  const set = async (): Promise<void> => {
    setBusy(true);
    const result = await api.setPasscode(webinarId, written.trim());
    setBusy(false);
    if (!result.ok) {
      notifyProblem(result.error.code);
      return;
    }
    setWritten('');
    setStanding('saved');
  };
  return (
    <form
      className={classes.passcode}
      onSubmit={(event) => {
        event.preventDefault();
        void set();
      }}
    >
      <TextInput
        label={t('label')}
        description={t('hint')}
        autoComplete="off"
        maxLength={64}
        value={written}
        aria-describedby={statusId}
        onChange={(event) => setWritten(event.currentTarget.value)}
      />
      <Button type="submit" variant="default" loading={busy} disabled={written.trim().length < LEAST}>
        {standing === 'none' ? t('put') : t('replace')}
      </Button>
      <p id={statusId} role="status" className={classes.note} data-missing={standing === 'none' || undefined}>
        {standing === 'asking' ? '' : t(standing)}
      </p>
    </form>
  );
}
