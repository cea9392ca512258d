import { Button, Modal, Skeleton } from '@mantine/core';
import type { MailSummary, MailView } from '@rostrum/contracts';
import { useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Api } from '../../lib/api.ts';
import { recipientOf } from './mail-card.tsx';
import classes from './mails.module.css';

type Look =
  | { readonly is: 'loading' }
  | { readonly is: 'failed' }
  | { readonly is: 'loaded'; readonly view: MailView };

/** A mail as its recipient sees it: nothing in it runs, and none of its links opens, which are theirs. */
export function MailDialog({
  api,
  mail,
  onClose,
}: {
  readonly api: Api;
  readonly mail: MailSummary | null;
  readonly onClose: () => void;
}) {
  const t = useTranslations('mails');
  const [look, setLook] = useState<Look>({ is: 'loading' });
  const [asked, setAsked] = useState(0);
  const mailId = mail?.mailId;
  useEffect(() => {
    if (mailId === undefined || asked < 0) return;
    let gone = false;
    setLook({ is: 'loading' });
    void api.getMail(mailId).then((result) => {
      if (!gone) setLook(result.ok ? { is: 'loaded', view: result.value } : { is: 'failed' });
    });
    return () => {
      gone = true;
    };
  }, [api, mailId, asked]);
  if (!mail?.said) return null;
  return (
    <Modal opened onClose={onClose} size="lg" title={<bdi>{mail.said.subject}</bdi>}>
      <p className={classes.to}>
        <bdi>{t('to', { to: recipientOf(mail.said) })}</bdi>
      </p>
      {look.is === 'loading' ? <Skeleton className={classes.message} /> : null}
      {look.is === 'failed' ? (
        <div className={classes.empty} role="alert">
          <strong>{t('failed')}</strong>
          <Button variant="default" onClick={() => setAsked((n) => n + 1)}>
            {t('retry')}
          </Button>
        </div>
      ) : null}
      {look.is === 'loaded' ? (
        <iframe
          className={classes.message}
          title={t('message')}
          sandbox=""
          referrerPolicy="no-referrer"
          srcDoc={look.view.html}
        />
      ) : null}
    </Modal>
  );
}
