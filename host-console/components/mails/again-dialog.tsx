import { Button, Modal, Stack } from '@mantine/core';
import type { MailSummary } from '@rostrum/contracts';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Api } from '../../lib/api.ts';
import { notifyDone, notifyProblem } from '../../lib/notify.ts';
import { recipientOf } from './mail-card.tsx';
import classes from './mails.module.css';

/** Sends one again; asks before, since it cannot be taken back. */
export function AgainDialog({
  api,
  mail,
  onClose,
  onSent,
}: {
  readonly api: Api;
  readonly mail: MailSummary | null;
  readonly onClose: () => void;
  readonly onSent: (mail: MailSummary) => void;
}) {
  const t = useTranslations('mails');
  const [working, setWorking] = useState(false);
  if (!mail?.said) return null;
  const to = recipientOf(mail.said);
  const send = async (): Promise<void> => {
    setWorking(true);
    const result = await api.sendMailAgain(mail.mailId);
    setWorking(false);
    onClose();
    if (!result.ok) return notifyProblem(result.error.code);
    onSent(result.value);
    notifyDone(t('againDone'));
  };
  return (
    <Modal opened onClose={onClose} title={t('doubt.title')}>
      <Stack gap="lg">
        <p className={classes.ask}>
          <strong>
            <bdi>{mail.said.subject}</bdi>
          </strong>
          <br />
          <bdi>{mail.state === 'doubtful' ? t('doubt.text', { to }) : t('to', { to })}</bdi>
        </p>
        <div className={classes.buttons}>
          <Button variant="default" onClick={onClose} data-autofocus>
            {t('doubt.keep')}
          </Button>
          <Button loading={working} onClick={() => void send()}>
            {t('again')}
          </Button>
        </div>
      </Stack>
    </Modal>
  );
}
