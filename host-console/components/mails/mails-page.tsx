'use client';

import { Button, NativeSelect, Skeleton } from '@mantine/core';
import type { MailFilter, MailList, MailSummary } from '@rostrum/contracts';
import { IconArrowLeft } from '@tabler/icons-react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { type Api, createApi } from '../../lib/api.ts';
import { withToken } from '../../lib/fragment.ts';
import { BY_SESSION, isBySession } from '../../lib/session-token.ts';
import { useAccount } from '../../lib/use-account.ts';
import { useToken } from '../../lib/use-token.ts';
import { Brand } from '../shared/brand.tsx';
import { LanguageMenu } from '../shared/language-menu.tsx';
import { PageLoading } from '../shared/page-loading.tsx';
import { ProblemPage } from '../shared/problem-page.tsx';
import { ThemeToggle } from '../shared/theme-toggle.tsx';
import { AgainDialog } from './again-dialog.tsx';
import { MailCard } from './mail-card.tsx';
import { MailDialog } from './mail-dialog.tsx';
import classes from './mails.module.css';

const FILTERS = ['all', 'waiting', 'sent', 'trouble', 'folder'] as const satisfies readonly MailFilter[];
const REFRESH_MS = 10_000;

/** What is mailed, for the owner. */
export function MailsPage() {
  const t = useTranslations('mails');
  const token = useToken();
  if (token === undefined) return <PageLoading label={t('loading')} />;
  if (token === null || isBySession(token)) return <BySession />;
  return <Mails key={token} token={token} />;
}

/** For whoever is signed in; whoever is not is led to where one does. */
function BySession() {
  const t = useTranslations('mails');
  const [looked] = useAccount();
  if (looked.is === 'looking') return <PageLoading label={t('loading')} />;
  if (looked.is === 'failed') return <ProblemPage code={looked.code} />;
  return <Mails token={BY_SESSION} />;
}

type Loaded =
  | { readonly is: 'loading' }
  | { readonly is: 'failed'; readonly code: string }
  | ({ readonly is: 'loaded' } & MailList);

function Mails({ token }: { readonly token: string }) {
  const t = useTranslations('mails');
  const api = useMemo(() => createApi(token), [token]);
  const [show, setShow] = useState<MailFilter>('all');
  const { list, load, more, put } = useMails(api, show);
  const [viewed, setViewed] = useState<MailSummary | null>(null);
  const [doubted, setDoubted] = useState<MailSummary | null>(null);
  if (list.is === 'failed' && (list.code === 'unauthenticated' || list.code === 'forbidden')) {
    return <ProblemPage code={list.code} />;
  }
  return (
    <div className={classes.page}>
      <header className={classes.bar}>
        <Brand />
        <span className={classes.tools}>
          <LanguageMenu />
          <ThemeToggle />
        </span>
      </header>
      <main className={classes.main}>
        <a className={classes.back} href={withToken('/', token)}>
          <IconArrowLeft size={16} aria-hidden /> {t('back')}
        </a>
        <div className={classes.head}>
          <h1>{t('title')}</h1>
          <NativeSelect
            label={t('show')}
            value={show}
            onChange={({ currentTarget }) => setShow(FILTERS.find((f) => f === currentTarget.value) ?? 'all')}
            data={FILTERS.map((value) => ({ value, label: t(`filter.${value}`) }))}
          />
        </div>
        {list.is === 'loaded' && list.delivery === 'folder' ? (
          <p className={classes.note}>{t('folder')}</p>
        ) : null}
        {list.is === 'loading' ? (
          <div className={classes.list} aria-busy="true" role="status" aria-label={t('loading')}>
            {[0, 1, 2].map((n) => (
              <Skeleton key={n} height={92} radius="md" />
            ))}
          </div>
        ) : null}
        {list.is === 'failed' ? (
          <div className={classes.empty} role="alert">
            <strong>{t('failed')}</strong>
            <Button variant="default" onClick={() => void load()}>
              {t('retry')}
            </Button>
          </div>
        ) : null}
        {list.is === 'loaded' && list.mails.length === 0 ? (
          <div className={classes.empty}>
            <strong>{t('empty.title')}</strong>
            <span>{t('empty.hint')}</span>
          </div>
        ) : null}
        {list.is === 'loaded' && list.mails.length > 0 ? (
          <ul className={classes.list} aria-label={t('title')}>
            {list.mails.map((mail) => (
              <li key={mail.mailId}>
                <MailCard mail={mail} onView={() => setViewed(mail)} onAgain={() => setDoubted(mail)} />
              </li>
            ))}
          </ul>
        ) : null}
        {list.is === 'loaded' && list.next !== null ? (
          <Button className={classes.more} variant="default" onClick={() => void more()}>
            {t('more')}
          </Button>
        ) : null}
      </main>
      <MailDialog key={viewed?.mailId} api={api} mail={viewed} onClose={() => setViewed(null)} />
      <AgainDialog api={api} mail={doubted} onClose={() => setDoubted(null)} onSent={put} />
    </div>
  );
}

/** The list by one filter; what was shown is never taken away by a refresh that failed. */
function useMails(api: Api, show: MailFilter) {
  const [list, setList] = useState<Loaded>({ is: 'loading' });
  const pages = useRef(1);
  const shown = useRef(show);
  const load = useCallback(async () => {
    const result = await api.listMails(show, null);
    if (shown.current !== show) return;
    setList((now) => {
      if (result.ok) return { is: 'loaded', ...result.value };
      return now.is === 'loaded' ? now : { is: 'failed', code: result.error.code };
    });
  }, [api, show]);
  useEffect(() => {
    shown.current = show;
    pages.current = 1;
    setList({ is: 'loading' });
    void load();
    const timer = setInterval(() => {
      // Further down nothing moves under who reads there.
      if (pages.current === 1) void load();
    }, REFRESH_MS);
    return () => clearInterval(timer);
  }, [load, show]);
  const more = async (): Promise<void> => {
    if (list.is !== 'loaded' || list.next === null) return;
    const result = await api.listMails(show, list.next);
    if (!result.ok || shown.current !== show) return;
    pages.current += 1;
    setList({ is: 'loaded', ...result.value, mails: [...list.mails, ...result.value.mails] });
  };
  const put = (mail: MailSummary): void =>
    setList((now) =>
      now.is === 'loaded'
        ? { ...now, mails: now.mails.map((one) => (one.mailId === mail.mailId ? mail : one)) }
        : now,
    );
  return { list, load, more, put };
}
