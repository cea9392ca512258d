'use client';

import { Button, Checkbox, FileInput, Loader, Modal } from '@mantine/core';
import type { ImportReport } from '@rostrum/contracts';
import { useState } from 'react';
import { useLocale, useTranslations } from 'use-intl';
import type { Api } from '../../lib/api.ts';
import { notifyDone, notifyProblem } from '../../lib/notify.ts';
import classes from './registrations.module.css';

type Look =
  | { readonly status: 'nothing' }
  | { readonly status: 'looking' }
  | { readonly status: 'unreadable' }
  | { readonly status: 'seen'; readonly csv: string; readonly report: ImportReport };

/** A list from elsewhere: what would come of it is shown before anything does. */
export function ImportDialog({
  api,
  webinarId,
  opened,
  onClose,
  onAdded,
}: {
  readonly api: Api;
  readonly webinarId: string;
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly onAdded: () => Promise<void>;
}) {
  const t = useTranslations('registrations');
  const locale = useLocale();
  const [look, setLook] = useState<Look>({ status: 'nothing' });
  const [mail, setMail] = useState(true);
  const [working, setWorking] = useState(false);

  const read = async (file: File | null): Promise<void> => {
    if (!file) {
      setLook({ status: 'nothing' });
      return;
    }
    setLook({ status: 'looking' });
    const csv = await file.text();
    const result = await api.importRegistrations(webinarId, { csv, locale, mail: false, dryRun: true });
    if (result.ok) setLook({ status: 'seen', csv, report: result.value });
    else if (result.error.code === 'bad-input') setLook({ status: 'unreadable' });
    else {
      setLook({ status: 'nothing' });
      notifyProblem(result.error.code);
    }
  };
  const take = async (csv: string): Promise<void> => {
    setWorking(true);
    const result = await api.importRegistrations(webinarId, { csv, locale, mail, dryRun: false });
    setWorking(false);
    if (!result.ok) {
      notifyProblem(result.error.code);
      return;
    }
    notifyDone(t('imported', { count: result.value.added }));
    onClose();
    await onAdded();
  };
  const added = look.status === 'seen' ? look.report.added : 0;
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      size="lg"
      title={t('importTitle')}
      closeButtonProps={{ 'aria-label': t('cancel') }}
    >
      <div className={classes.form}>
        <p className={classes.hint}>{t('importHint')}</p>
        <FileInput
          label={t('file')}
          placeholder={t('choose')}
          accept=".csv,text/csv,text/plain"
          clearable
          onChange={(file) => void read(file)}
        />
        <div aria-live="polite" className={classes.preview}>
          {look.status === 'looking' ? (
            <span className={classes.looking}>
              <Loader size="xs" aria-hidden /> {t('looking')}
            </span>
          ) : null}
          {look.status === 'unreadable' ? <p role="alert">{t('unreadable')}</p> : null}
          {look.status === 'seen' ? <Preview report={look.report} /> : null}
        </div>
        <Checkbox
          label={t('mail')}
          checked={mail}
          onChange={(event) => setMail(event.currentTarget.checked)}
        />
        <div className={classes.buttons}>
          <Button variant="default" onClick={onClose}>
            {t('cancel')}
          </Button>
          <Button
            loading={working}
            disabled={added === 0}
            onClick={() => {
              if (look.status === 'seen') void take(look.csv);
            }}
          >
            {t('importNow', { count: added })}
          </Button>
        </div>
      </div>
    </Modal>
  );
}

function Preview({ report }: { readonly report: ImportReport }) {
  const t = useTranslations('registrations');
  const { added, known, sample, problems, problemCount } = report;
  return (
    <>
      <p>{t('preview', { added, known })}</p>
      {sample.length > 0 ? (
        <ul className={classes.sample}>
          {sample.map(({ name, address }) => (
            <li key={address}>
              <bdi>{name}</bdi> <span className={classes.address}>{address}</span>
            </li>
          ))}
          {added > sample.length ? <li>…</li> : null}
        </ul>
      ) : null}
      {problemCount > 0 ? (
        <>
          <p>{t('problems', { count: problemCount })}</p>
          <ul className={classes.sample}>
            {problems.map(({ line, problem, text }) => (
              <li key={line}>
                {t('line', { line: String(line), problem: t(`problem.${problem}`) })}{' '}
                <span className={classes.address}>
                  <bdi>{text}</bdi>
                </span>
              </li>
            ))}
          </ul>
        </>
      ) : null}
    </>
  );
}
