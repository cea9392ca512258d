'use client';

import { Button, SegmentedControl, Skeleton } from '@mantine/core';
import type { OwnAccount, RecordingTrouble, WebinarSummary } from '@rostrum/contracts';
import { IconPlus } from '@tabler/icons-react';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { useTranslations } from 'use-intl';
import { createApi } from '../../lib/api.ts';
import { withToken } from '../../lib/fragment.ts';
import { LINKS, wording } from '../../lib/messages.ts';
import { notifyProblem } from '../../lib/notify.ts';
import { BY_SESSION, isBySession } from '../../lib/session-token.ts';
import { describeRecording } from '../../lib/show-health.ts';
import { useAccount } from '../../lib/use-account.ts';
import { useToken } from '../../lib/use-token.ts';
import { sortWebinars } from '../../lib/webinars.ts';
import accountClasses from '../account/account.module.css';
import { AccountMenu } from '../account/account-menu.tsx';
import { Brand } from '../shared/brand.tsx';
import { Contained } from '../shared/contained.tsx';
import { LanguageMenu } from '../shared/language-menu.tsx';
import { PageLoading } from '../shared/page-loading.tsx';
import { ProblemPage } from '../shared/problem-page.tsx';
import { ThemeToggle } from '../shared/theme-toggle.tsx';
import { Calendar } from './calendar.tsx';
import { CancelDialog } from './cancel-dialog.tsx';
import { CreateWebinarDialog } from './create-webinar.tsx';
import classes from './dashboard.module.css';
import { DeleteDialog } from './delete-dialog.tsx';
import { LinksDialog } from './links-dialog.tsx';
import { OwnerLinksDialog } from './owner-links-dialog.tsx';
import { BrokenCard, WebinarCard } from './webinar-card.tsx';

const REFRESH_MS = 5000;

type List =
  | { readonly status: 'loading' }
  | { readonly status: 'failed'; readonly code: string }
  /** `stale`: the last refresh failed, what is shown is from before. */
  | {
      readonly status: 'loaded';
      readonly webinars: readonly WebinarSummary[];
      readonly recording: RecordingTrouble | null;
      readonly stale: boolean;
    };

/** Every webinar of the installation, for its owner. */
export function Dashboard() {
  const token = useToken();
  if (token === undefined) return <PageLoading label="Opening the dashboard" />;
  if (token === null || isBySession(token)) return <BySession />;
  return <Webinars key={token} token={token} account={null} />;
}

/** The webinars of whoever is signed in; whoever is not is led to where one does. */
function BySession() {
  const [looked] = useAccount();
  if (looked.is === 'looking') return <PageLoading label="Opening the dashboard" />;
  if (looked.is === 'failed') return <ProblemPage code={looked.code} />;
  return <Webinars token={BY_SESSION} account={looked.account} />;
}

function Webinars({
  token,
  account,
}: {
  readonly token: string;
  /** null: by the link of the first start. */
  readonly account: OwnAccount | null;
}) {
  const ta = useTranslations('account');
  const t = useTranslations('plan.dashboard');
  const developers = useTranslations('developers');
  const mails = useTranslations('mails');
  const api = useMemo(() => createApi(token), [token]);
  const [list, setList] = useState<List>({ status: 'loading' });
  const [creating, setCreating] = useState(false);
  const [linksOf, setLinksOf] = useState<WebinarSummary | null>(null);
  const [revokingOwn, setRevokingOwn] = useState(false);
  const [cancelling, setCancelling] = useState<WebinarSummary | null>(null);
  const [deleting, setDeleting] = useState<WebinarSummary | null>(null);

  const [seen, setSeen] = useState<'list' | 'calendar'>('list');
  const editHrefOf = useCallback(
    ({ webinarId }: WebinarSummary) => withToken(`/webinars/${webinarId}/edit`, token),
    [token],
  );

  const load = useCallback(async () => {
    const result = await api.listWebinars();
    setList((now) => {
      if (result.ok) {
        const { webinars, recording } = result.value;
        return { status: 'loaded', webinars: sortWebinars(webinars), recording, stale: false };
      }
      return now.status === 'loaded'
        ? { ...now, stale: true }
        : { status: 'failed', code: result.error.code };
    });
  }, [api]);

  const duplicate = async ({ webinarId }: WebinarSummary): Promise<void> => {
    const result = await api.duplicateWebinar(webinarId);
    if (result.ok) window.location.assign(editHrefOf(result.value));
    else notifyProblem(result.error.code);
  };

  useEffect(() => {
    void load();
    const timer = setInterval(() => void load(), REFRESH_MS);
    return () => clearInterval(timer);
  }, [load]);

  if (list.status === 'failed' && (list.code === 'unauthenticated' || list.code === 'forbidden')) {
    return <ProblemPage code="unauthenticated" />;
  }
  return (
    <div className={classes.page}>
      <header className={classes.bar}>
        <Brand />
        <span className={classes.tools}>
          {account === null || account.role === 'owner' ? (
            <>
              <Button
                component="a"
                href={withToken('/mails', token)}
                variant="subtle"
                color="plain"
                size="sm"
              >
                {mails('title')}
              </Button>
              <Button component="a" href={`/developers#t=${token}`} variant="subtle" color="plain" size="sm">
                {developers('title')}
              </Button>
            </>
          ) : null}
          {account ? (
            <AccountMenu account={account} />
          ) : (
            <Button variant="subtle" color="plain" size="sm" onClick={() => setRevokingOwn(true)}>
              {LINKS.en.owner}
            </Button>
          )}
          <LanguageMenu />
          <ThemeToggle />
        </span>
      </header>
      <main className={classes.main}>
        {account ? null : (
          <p className={accountClasses.banner}>
            <span>{ta('setup.banner')}</span>
            <Button component="a" href={withToken('/setup', token)} size="sm">
              {ta('setup.bannerAction')}
            </Button>
          </p>
        )}
        <div className={classes.head}>
          <h1>{t('title')}</h1>
          <span className={classes.views}>
            <SegmentedControl
              aria-label={t('view')}
              data={[
                { value: 'list', label: t('list') },
                { value: 'calendar', label: t('calendar') },
              ]}
              value={seen}
              onChange={(value) => setSeen(value as 'list' | 'calendar')}
            />
            <Button leftSection={<IconPlus size={18} aria-hidden />} onClick={() => setCreating(true)}>
              {t('new')}
            </Button>
          </span>
        </div>
        {list.status === 'loaded' && list.stale ? (
          <p className={classes.stale} role="status">
            No answer from the server. What you see may be old; it is tried again by itself.
          </p>
        ) : null}
        {list.status === 'loaded' && list.recording ? (
          <p className={classes.stale} role="status">
            {describeRecording(list.recording).text}
          </p>
        ) : null}
        <Body
          list={list}
          seen={seen}
          api={api}
          token={token}
          editHrefOf={editHrefOf}
          onCreate={() => setCreating(true)}
          onDuplicate={(webinar) => void duplicate(webinar)}
          onLinks={setLinksOf}
          onCancel={setCancelling}
          onDelete={setDeleting}
          onRetry={load}
        />
      </main>
      <CreateWebinarDialog
        api={api}
        opened={creating}
        onClose={() => setCreating(false)}
        onCreated={(webinar) => window.location.assign(editHrefOf(webinar))}
      />
      <CancelDialog
        api={api}
        webinar={cancelling}
        onClose={() => setCancelling(null)}
        onCancelled={() => {
          setCancelling(null);
          void load();
        }}
      />
      <DeleteDialog
        api={api}
        webinar={deleting}
        onClose={() => setDeleting(null)}
        onDeleted={() => {
          setDeleting(null);
          void load();
        }}
      />
      <OwnerLinksDialog api={api} opened={revokingOwn} onClose={() => setRevokingOwn(false)} />
      <LinksDialog
        key={linksOf?.webinarId}
        api={api}
        mayRevokeAll
        webinar={
          linksOf && list.status === 'loaded'
            ? (list.webinars.find((w) => w.webinarId === linksOf.webinarId) ?? linksOf)
            : linksOf
        }
        onClose={() => setLinksOf(null)}
      />
    </div>
  );
}

function Body({
  list,
  seen,
  api,
  token,
  editHrefOf,
  onCreate,
  onDuplicate,
  onLinks,
  onCancel,
  onDelete,
  onRetry,
}: {
  readonly list: List;
  readonly seen: 'list' | 'calendar';
  readonly editHrefOf: (webinar: WebinarSummary) => string;
  readonly api: ReturnType<typeof createApi>;
  readonly token: string;
  readonly onCreate: () => void;
  readonly onDuplicate: (webinar: WebinarSummary) => void;
  readonly onLinks: (webinar: WebinarSummary) => void;
  readonly onCancel: (webinar: WebinarSummary) => void;
  readonly onDelete: (webinar: WebinarSummary) => void;
  readonly onRetry: () => Promise<void>;
}) {
  switch (list.status) {
    case 'loading':
      return (
        <div className={classes.list} aria-busy="true" role="status" aria-label="Loading webinars">
          {[0, 1, 2].map((n) => (
            <Skeleton key={n} height={104} radius="md" />
          ))}
        </div>
      );
    case 'failed': {
      const words = wording(list.code);
      return (
        <div className={classes.empty} role="alert">
          <strong>{words.title}</strong>
          <span>{words.hint}</span>
          <Button variant="default" onClick={() => void onRetry()}>
            Try again
          </Button>
        </div>
      );
    }
    case 'loaded':
      if (list.webinars.length === 0) {
        return (
          <div className={classes.empty}>
            <strong>Your first webinar</strong>
            <span>
              Give it a title, send the panelists their links, and go live. Viewers need nothing but the watch
              page.
            </span>
            <Button onClick={onCreate}>Plan a webinar</Button>
          </div>
        );
      }
      if (seen === 'calendar') return <Calendar webinars={list.webinars} hrefOf={editHrefOf} />;
      return (
        <ul className={classes.list} aria-label="Webinars">
          {list.webinars.map((webinar) => (
            <li key={webinar.webinarId}>
              <Contained of={webinar} instead={<BrokenCard webinarId={webinar.webinarId} />}>
                <WebinarCard
                  api={api}
                  token={token}
                  webinar={webinar}
                  editHref={editHrefOf(webinar)}
                  onDuplicate={() => onDuplicate(webinar)}
                  onLinks={() => onLinks(webinar)}
                  onCancel={() => onCancel(webinar)}
                  onDelete={() => onDelete(webinar)}
                />
              </Contained>
            </li>
          ))}
        </ul>
      );
  }
}
