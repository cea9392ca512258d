'use client';

import { Button, Skeleton } from '@mantine/core';
import type { PlannedWebinar } from '@rostrum/contracts';
import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { useTranslations } from 'use-intl';
import { type Api, createApi } from '../../lib/api.ts';
import { withToken } from '../../lib/fragment.ts';
import { wording } from '../../lib/messages.ts';
import type { Edits } from '../../lib/plan-fields.ts';
import { PlanSaver } from '../../lib/plan-saver.ts';
import { useToken } from '../../lib/use-token.ts';
import { Brand } from '../shared/brand.tsx';
import { LanguageMenu } from '../shared/language-menu.tsx';
import { PageLoading } from '../shared/page-loading.tsx';
import { ProblemPage } from '../shared/problem-page.tsx';
import { ThemeToggle } from '../shared/theme-toggle.tsx';
import classes from './editor.module.css';
import { Editor } from './editor.tsx';
import { SaveMark } from './save-mark.tsx';

/** What a webinar is planned to be, saved as one types. */
export function EditorPage({ webinarId }: { readonly webinarId: string }) {
  const t = useTranslations('plan');
  const token = useToken();
  if (token === undefined) return <PageLoading label={t('opening')} />;
  if (token === null) return <ProblemPage code="no-token" />;
  return <Opened key={token} token={token} webinarId={webinarId} />;
}

type Loaded =
  | { readonly status: 'loading' }
  | { readonly status: 'failed'; readonly code: string }
  | { readonly status: 'loaded'; readonly planned: PlannedWebinar };

function Opened({ token, webinarId }: { readonly token: string; readonly webinarId: string }) {
  const t = useTranslations('plan');
  const api = useMemo(() => createApi(token), [token]);
  const [loaded, setLoaded] = useState<Loaded>({ status: 'loading' });
  const load = useCallback(async () => {
    const result = await api.getPlan(webinarId);
    setLoaded(
      result.ok ? { status: 'loaded', planned: result.value } : { status: 'failed', code: result.error.code },
    );
  }, [api, webinarId]);
  useEffect(() => {
    void load();
  }, [load]);
  const back = withToken('/', token);
  switch (loaded.status) {
    case 'loading':
      return (
        <Frame back={back}>
          <div className={classes.sections} role="status" aria-busy="true" aria-label={t('opening')}>
            {[0, 1, 2].map((n) => (
              <Skeleton key={n} height={220} radius="md" />
            ))}
          </div>
        </Frame>
      );
    case 'failed': {
      const words = wording(loaded.code);
      return (
        <Frame back={back}>
          <div className={classes.failed} role="alert">
            <strong>{words.title}</strong>
            <span>{words.hint}</span>
            <Button variant="default" onClick={() => void load()}>
              {t('again')}
            </Button>
          </div>
        </Frame>
      );
    }
    case 'loaded':
      return <Edited api={api} back={back} planned={loaded.planned} />;
  }
}

function Edited({
  api,
  back,
  planned,
}: {
  readonly api: Api;
  readonly back: string;
  readonly planned: PlannedWebinar;
}) {
  const [saver, setSaver] = useState<PlanSaver | null>(null);
  useEffect(() => {
    const { webinarId } = planned;
    const made = new PlanSaver({
      planned,
      send: (change) => api.changePlan(webinarId, change),
      load: () => api.getPlan(webinarId),
      keep: (edits) => keepEdits(webinarId, edits),
      kept: keptEdits(webinarId),
    });
    // What is not saved stays in the browser, so leaving loses nothing; but whoever leaves should know.
    const warn = (event: BeforeUnloadEvent): void => {
      if (made.current().state !== 'saved') event.preventDefault();
    };
    window.addEventListener('beforeunload', warn);
    setSaver(made);
    return () => {
      window.removeEventListener('beforeunload', warn);
      void made.flush();
      made.close();
    };
  }, [api, planned]);
  return saver ? <Shown api={api} back={back} saver={saver} /> : <Frame back={back}>{null}</Frame>;
}

function Shown({
  api,
  back,
  saver,
}: {
  readonly api: Api;
  readonly back: string;
  readonly saver: PlanSaver;
}) {
  const editing = useSyncExternalStore(saver.subscribe, saver.current, saver.current);
  return (
    <Frame back={back} mark={<SaveMark state={editing.state} />}>
      <Editor api={api} editing={editing} saver={saver} />
    </Frame>
  );
}

function Frame({
  back,
  mark,
  children,
}: {
  readonly back: string;
  readonly mark?: React.ReactNode;
  readonly children: React.ReactNode;
}) {
  const t = useTranslations('plan');
  return (
    <div className={classes.page}>
      <header className={classes.bar}>
        <span className={classes.way}>
          <Brand />
          <a href={back} className={classes.back}>
            {t('back')}
          </a>
        </span>
        <span className={classes.tools}>
          {mark}
          <LanguageMenu />
          <ThemeToggle />
        </span>
      </header>
      <main className={classes.main}>{children}</main>
    </div>
  );
}

const KEY = 'rostrum.edit.';

function keepEdits(webinarId: string, edits: Edits | null): void {
  try {
    if (edits === null) localStorage.removeItem(KEY + webinarId);
    else localStorage.setItem(KEY + webinarId, JSON.stringify(edits));
  } catch {
    // A full or forbidden storage: the page itself still has it.
  }
}

function keptEdits(webinarId: string): Edits | null {
  try {
    const text = localStorage.getItem(KEY + webinarId);
    const kept: unknown = text === null ? null : JSON.parse(text);
    return typeof kept === 'object' ? (kept as Edits | null) : null;
  } catch {
    return null;
  }
}
