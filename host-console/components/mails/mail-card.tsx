import { Button } from '@mantine/core';
import type { MailSummary } from '@rostrum/contracts';
import { useFormatter, useTranslations } from 'use-intl';
import classes from './mails.module.css';

/** One mail in the list, with what became of it. */
export function MailCard({
  mail,
  onView,
  onAgain,
}: {
  readonly mail: MailSummary;
  readonly onView: () => void;
  readonly onAgain: () => void;
}) {
  const t = useTranslations('mails');
  const format = useFormatter();
  const { said, state } = mail;
  const at = (unixMs: number): string => format.dateTime(unixMs, { dateStyle: 'medium', timeStyle: 'short' });
  const when =
    mail.settledUnixMs !== null
      ? t('settled', { time: at(mail.settledUnixMs) })
      : mail.attempts > 0 && mail.nextUnixMs !== null
        ? t('next', { time: at(mail.nextUnixMs) })
        : t('due', { time: at(mail.dueUnixMs) });
  const hint = state === 'doubtful' || state === 'expired' ? t(`hint.${state}`) : null;
  const answer = state === 'sent' || state === 'expired' ? null : mail.answer;
  return (
    <article className={classes.card} data-state={state}>
      <div className={classes.words}>
        <h2>{said ? <bdi>{said.subject}</bdi> : t('forgotten')}</h2>
        <div className={classes.facts}>
          <span className={classes.state} data-state={state}>
            {t(`state.${state}`)}
          </span>
          {said ? <bdi>{t('to', { to: recipientOf(said) })}</bdi> : null}
          <span>{when}</span>
        </div>
        {hint === null ? null : <p className={classes.hint}>{hint}</p>}
        {answer === null ? null : (
          <p className={classes.answer}>
            <bdi>{answer}</bdi>
          </p>
        )}
      </div>
      <div className={classes.buttons}>
        {mail.mayBeSentAgain ? (
          <Button
            variant="default"
            size="sm"
            onClick={onAgain}
            aria-label={said ? `${t('again')}: ${said.subject}` : undefined}
          >
            {t('again')}
          </Button>
        ) : null}
        {said ? (
          <Button variant="default" size="sm" onClick={onView} aria-label={`${t('view')}: ${said.subject}`}>
            {t('view')}
          </Button>
        ) : null}
      </div>
    </article>
  );
}

export const recipientOf = ({ name, address }: NonNullable<MailSummary['said']>): string =>
  name === null ? address : `${name} <${address}>`;
