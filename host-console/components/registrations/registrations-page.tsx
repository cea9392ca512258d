'use client';

import { Button, SegmentedControl, Skeleton, TextInput } from '@mantine/core';
import type { PlannedWebinar, RegistrationPage, RegistrationStateName } from '@rostrum/contracts';
import { IconDownload, IconPlus, IconSearch, IconUpload } from '@tabler/icons-react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { type Api, createApi } from '../../lib/api.ts';
import { withToken } from '../../lib/fragment.ts';
import { wording } from '../../lib/messages.ts';
import { notifyProblem } from '../../lib/notify.ts';
import { saveAs } from '../../lib/save-as.ts';
import { useToken } from '../../lib/use-token.ts';
import { Brand } from '../shared/brand.tsx';
import { LanguageMenu } from '../shared/language-menu.tsx';
import { PageLoading } from '../shared/page-loading.tsx';
import { ProblemPage } from '../shared/problem-page.tsx';
import { ThemeToggle } from '../shared/theme-toggle.tsx';
import { AddDialog } from './add-dialog.tsx';
import { ImportDialog } from './import-dialog.tsx';
import classes from './registrations.module.css';
import { RegistrationsTable } from './registrations-table.tsx';

const REFRESH_MS = 5000;
const PAGE = 50;
/** A search is asked for once somebody stops typing. */
const SEARCH_AFTER_MS = 250;
const STATES = ['pending', 'approved', 'waiting', 'refused', 'cancelled'] as const;

/** Who registered for a webinar, and what the crew does about it. */
export function RegistrationsPage({ webinarId }: { readonly webinarId: string }) {
  const t = useTranslations('registrations');
  const token = useToken();
  if (token === undefined) return <PageLoading label={t('opening')} />;
  if (token === null) return <ProblemPage code="no-token" />;
  return <Registrations key={token} token={token} webinarId={webinarId} />;
}

type List =
  | { readonly status: 'loading' }
  | { readonly status: 'failed'; readonly code: string }
  /** `stale`: the last refresh failed, what is shown is from before. */
  | { readonly status: 'loaded'; readonly page: RegistrationPage; readonly stale: boolean };

function Registrations({ token, webinarId }: { readonly token: string; readonly webinarId: string }) {
  const t = useTranslations('registrations');
  const api = useMemo(() => createApi(token), [token]);
  const [planned, setPlanned] = useState<PlannedWebinar | null>(null);
  const [state, setState] = useState<RegistrationStateName | 'all'>('all');
  const [typed, setTyped] = useState('');
  const [search, setSearch] = useState('');
  const [pages, setPages] = useState(1);
  const [list, setList] = useState<List>({ status: 'loading' });
  const [opened, setOpened] = useState<'add' | 'import' | null>(null);
  /** Answers of what was asked for before are thrown away. */
  const asked = useRef(0);

  useEffect(() => {
    void api.getPlan(webinarId).then((result) => {
      if (result.ok) setPlanned(result.value);
    });
  }, [api, webinarId]);
  useEffect(() => {
    const timer = setTimeout(() => setSearch(typed), SEARCH_AFTER_MS);
    return () => clearTimeout(timer);
  }, [typed]);

  const load = useCallback(async () => {
    asked.current += 1;
    const mine = asked.current;
    const result = await readPages(api, webinarId, { state, search, pages });
    if (mine !== asked.current) return;
    setList((now) => {
      if (result.ok) return { status: 'loaded', page: result.value, stale: false };
      return now.status === 'loaded'
        ? { ...now, stale: true }
        : { status: 'failed', code: result.error.code };
    });
  }, [api, webinarId, state, search, pages]);
  useEffect(() => {
    void load();
    const timer = setInterval(() => void load(), REFRESH_MS);
    return () => clearInterval(timer);
  }, [load]);

  if (list.status === 'failed' && (list.code === 'unauthenticated' || list.code === 'forbidden')) {
    return <ProblemPage code={list.code} />;
  }
  const counts = list.status === 'loaded' ? list.page.counts : null;
  const total = counts === null ? null : STATES.reduce((sum, one) => sum + counts[one], 0);
  const isOpen = planned === null || planned.plan.join === 'registered' || planned.plan.join === 'approved';
  const exported = async (): Promise<void> => {
    const result = await api.table(webinarId, 'registrations.csv');
    if (result.ok) saveAs(result.value.blob, result.value.name);
    else notifyProblem(result.error.code);
  };

  return (
    <div className={classes.page}>
      <header className={classes.bar}>
        <Brand />
        <span className={classes.tools}>
          <Button component="a" href={withToken('/', token)} variant="subtle" color="plain" size="sm">
            {t('back')}
          </Button>
          <LanguageMenu />
          <ThemeToggle />
        </span>
      </header>
      <main className={classes.main}>
        <div className={classes.head}>
          <div>
            <h1>{t('title')}</h1>
            <p className={classes.of}>
              {planned ? <bdi>{planned.title}</bdi> : <Skeleton height={20} width={220} />}
            </p>
          </div>
          <div className={classes.buttons}>
            <Button component="a" href={`/w/${webinarId}`} target="_blank" rel="noreferrer" variant="default">
              {t('page')}
            </Button>
            <Button
              variant="default"
              leftSection={<IconDownload size={18} aria-hidden />}
              disabled={total === 0}
              onClick={() => void exported()}
            >
              {t('export')}
            </Button>
            <Button
              variant="default"
              leftSection={<IconUpload size={18} aria-hidden />}
              onClick={() => setOpened('import')}
            >
              {t('import')}
            </Button>
            <Button leftSection={<IconPlus size={18} aria-hidden />} onClick={() => setOpened('add')}>
              {t('add')}
            </Button>
          </div>
        </div>
        {isOpen ? null : (
          <p className={classes.note} role="status">
            {t('closed')}
          </p>
        )}
        {list.status === 'loaded' && list.stale ? (
          <p className={classes.note} role="status">
            {t('stale')}
          </p>
        ) : null}
        <div className={classes.filters}>
          <div className={classes.states}>
            <SegmentedControl
              aria-label={t('columns.state')}
              value={state}
              onChange={(value) => {
                setState(value as typeof state);
                setPages(1);
              }}
              data={(['all', ...STATES] as const).map((value) => ({
                value,
                label: `${t(`states.${value}`)} ${counts === null ? '' : value === 'all' ? total : counts[value]}`,
              }))}
            />
          </div>
          <TextInput
            className={classes.search ?? ''}
            type="search"
            aria-label={t('search')}
            placeholder={t('search')}
            leftSection={<IconSearch size={16} aria-hidden />}
            value={typed}
            maxLength={120}
            onChange={(event) => {
              setTyped(event.currentTarget.value);
              setPages(1);
            }}
          />
        </div>
        {list.status === 'loading' ? (
          <div className={classes.rows} role="status" aria-busy="true" aria-label={t('opening')}>
            {[0, 1, 2, 3, 4].map((n) => (
              <Skeleton key={n} height={44} radius="sm" />
            ))}
          </div>
        ) : list.status === 'failed' ? (
          <div className={classes.empty} role="alert">
            <strong>{wording(list.code).title}</strong>
            <span>{wording(list.code).hint}</span>
            <Button variant="default" onClick={() => void load()}>
              {t('tryAgain')}
            </Button>
          </div>
        ) : total === 0 ? (
          <div className={classes.empty}>
            <strong>{t('empty.title')}</strong>
            <span>{t('empty.hint')}</span>
          </div>
        ) : list.page.registrations.length === 0 ? (
          <div className={classes.empty} role="status">
            <strong>{t('none')}</strong>
          </div>
        ) : (
          <RegistrationsTable
            api={api}
            webinarId={webinarId}
            registrations={list.page.registrations}
            questions={planned?.plan.registrationQuestions ?? []}
            onChanged={load}
          />
        )}
        {list.status === 'loaded' && list.page.next !== null ? (
          <Button variant="default" className={classes.more ?? ''} onClick={() => setPages((now) => now + 1)}>
            {t('more')}
          </Button>
        ) : null}
      </main>
      <AddDialog
        api={api}
        webinarId={webinarId}
        opened={opened === 'add'}
        onClose={() => setOpened(null)}
        onAdded={load}
      />
      <ImportDialog
        key={`import-${opened === 'import'}`}
        api={api}
        webinarId={webinarId}
        opened={opened === 'import'}
        onClose={() => setOpened(null)}
        onAdded={load}
      />
    </div>
  );
}

/** The first pages as one, so that what is on the screen is refreshed as a whole. */
async function readPages(
  api: Api,
  webinarId: string,
  {
    state,
    search,
    pages,
  }: { readonly state: RegistrationStateName | 'all'; readonly search: string; readonly pages: number },
): ReturnType<Api['listRegistrations']> {
  const query = { ...(state === 'all' ? {} : { state }), search, limit: PAGE };
  let all = await api.listRegistrations(webinarId, query);
  for (let page = 1; page < pages && all.ok && all.value.next !== null; page += 1) {
    const more = await api.listRegistrations(webinarId, { ...query, cursor: all.value.next });
    if (!more.ok) return more;
    const registrations = [...all.value.registrations, ...more.value.registrations];
    all = { ok: true, value: { ...more.value, registrations } };
  }
  return all;
}
