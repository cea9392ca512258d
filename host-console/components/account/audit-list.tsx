'use client';

import { Button } from '@mantine/core';
import type { AuditEntry } from '@rostrum/contracts';
import { useCallback, useEffect, useState } from 'react';
import { useFormatter, useTranslations } from 'use-intl';
import { accountApi } from '../../lib/account-api.ts';
import { notifyProblem } from '../../lib/notify.ts';
import classes from './account.module.css';

/** Who did what, the newest first. */
export function AuditList() {
  const t = useTranslations('account');
  const format = useFormatter();
  const [entries, setEntries] = useState<readonly AuditEntry[]>([]);
  const [next, setNext] = useState<string | null>(null);
  const load = useCallback(async (after: string | null) => {
    const result = await accountApi.audit(after);
    if (!result.ok) return notifyProblem(result.error.code);
    setEntries((before) => (after === null ? result.value.entries : [...before, ...result.value.entries]));
    setNext(result.value.next);
  }, []);
  useEffect(() => void load(null), [load]);
  return (
    <section className={classes.section} aria-labelledby="members-audit">
      <h2 id="members-audit">{t('members.audit')}</h2>
      <ul className={classes.list}>
        {entries.map((entry) => (
          <li key={entry.auditId}>
            <span className={classes.who}>
              <span>
                <bdi>{entry.actorName}</bdi>: <code>{entry.action}</code>
              </span>
              <small>
                {Object.values(entry.subject).join(', ')}{' '}
                {format.dateTime(entry.atUnixMs, { dateStyle: 'medium', timeStyle: 'medium' })}
              </small>
            </span>
          </li>
        ))}
      </ul>
      {next === null ? null : (
        <div>
          <Button variant="default" onClick={() => void load(next)}>
            {t('members.more')}
          </Button>
        </div>
      )}
    </section>
  );
}
