'use client';

import { Button, PasswordInput, TextInput } from '@mantine/core';
import type { OwnAccount, SessionSummary } from '@rostrum/contracts';
import { type FormEvent, useCallback, useEffect, useState } from 'react';
import { useFormatter, useTranslations } from 'use-intl';
import { accountApi } from '../../lib/account-api.ts';
import { notifyDone, notifyProblem } from '../../lib/notify.ts';
import { useAccount } from '../../lib/use-account.ts';
import { PageLoading } from '../shared/page-loading.tsx';
import { ProblemPage } from '../shared/problem-page.tsx';
import classes from './account.module.css';
import { AccountFrame } from './account-frame.tsx';

/** One's own account: name, password, and where one is signed in. */
export function AccountPage() {
  const t = useTranslations('account');
  const [looked, setAccount] = useAccount();
  if (looked.is === 'looking') return <PageLoading label={t('working')} />;
  if (looked.is === 'failed') return <ProblemPage code={looked.code} />;
  const { account } = looked;
  return (
    <AccountFrame account={account} title={t('own.title')}>
      <Profile account={account} onChanged={setAccount} />
      <Password account={account} onChanged={() => setAccount({ ...account, hasPassword: true })} />
      <Sessions />
    </AccountFrame>
  );
}

function Profile({
  account,
  onChanged,
}: {
  readonly account: OwnAccount;
  readonly onChanged: (account: OwnAccount) => void;
}) {
  const t = useTranslations('account');
  const save = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get('name'));
    const result = await accountApi.change({ name });
    if (!result.ok) return notifyProblem(result.error.code);
    onChanged(result.value);
    notifyDone(t('own.saved'));
  };
  return (
    <form
      className={classes.section}
      onSubmit={(event) => void save(event)}
      aria-labelledby="account-profile"
    >
      <h2 id="account-profile">{t('own.profile')}</h2>
      <TextInput name="name" label={t('name')} defaultValue={account.name} required maxLength={60} />
      <TextInput label={t('email')} value={account.email} readOnly description={t(`roles.${account.role}`)} />
      <div>
        <Button type="submit" variant="default">
          {t('own.save')}
        </Button>
      </div>
    </form>
  );
}

function Password({ account, onChanged }: { readonly account: OwnAccount; readonly onChanged: () => void }) {
  const t = useTranslations('account');
  const [wrong, setWrong] = useState<string | null>(null);
  const change = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget;
    const data = new FormData(form);
    const current = account.hasPassword ? String(data.get('current')) : null;
    const result = await accountApi.changePassword(current, String(data.get('next')));
    setWrong(!result.ok && result.error.code === 'forbidden' ? t('own.wrong') : null);
    if (!result.ok) {
      if (result.error.code !== 'forbidden') notifyProblem(result.error.code);
      return;
    }
    form.reset();
    onChanged();
    notifyDone(t('own.changed'));
  };
  return (
    <form
      className={classes.section}
      onSubmit={(event) => void change(event)}
      aria-labelledby="account-password"
    >
      <h2 id="account-password">{t('own.password')}</h2>
      {account.hasPassword ? (
        <PasswordInput
          name="current"
          label={t('own.current')}
          error={wrong}
          autoComplete="current-password"
          required
        />
      ) : null}
      <PasswordInput
        name="next"
        label={t('own.next')}
        description={t('passwordHint')}
        autoComplete="new-password"
        required
        minLength={12}
        maxLength={256}
      />
      <div>
        <Button type="submit" variant="default">
          {t('own.change')}
        </Button>
      </div>
    </form>
  );
}

function Sessions() {
  const t = useTranslations('account');
  const format = useFormatter();
  const [sessions, setSessions] = useState<readonly SessionSummary[]>([]);
  const load = useCallback(async () => {
    const result = await accountApi.sessions();
    if (result.ok) setSessions(result.value.sessions);
    else notifyProblem(result.error.code);
  }, []);
  useEffect(() => void load(), [load]);
  const end = async (session: SessionSummary): Promise<void> => {
    const result = await accountApi.endSession(session.sessionId);
    if (!result.ok) notifyProblem(result.error.code);
    if (session.current) window.location.assign('/signin');
    else await load();
  };
  const endOthers = async (): Promise<void> => {
    const result = await accountApi.endOtherSessions();
    if (!result.ok) notifyProblem(result.error.code);
    await load();
  };
  return (
    <section className={classes.section} aria-labelledby="account-sessions">
      <div className={classes.row}>
        <h2 id="account-sessions">{t('own.sessions')}</h2>
        {sessions.length > 1 ? (
          <Button variant="subtle" color="plain" onClick={() => void endOthers()}>
            {t('own.endOthers')}
          </Button>
        ) : null}
      </div>
      <ul className={classes.list}>
        {sessions.map((session) => (
          <li key={session.sessionId}>
            <span className={classes.who}>
              <span>{session.userAgent || t('own.unknownBrowser')}</span>
              <small>
                {session.current
                  ? t('own.here')
                  : t('own.seen', {
                      time: format.dateTime(session.seenUnixMs, { dateStyle: 'medium', timeStyle: 'short' }),
                    })}
              </small>
            </span>
            <Button variant="default" size="sm" onClick={() => void end(session)}>
              {t('own.end')}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
