'use client';

import { Button, Menu, Skeleton } from '@mantine/core';
import type { AttendanceSummary } from '@rostrum/contracts';
import { IconDownload } from '@tabler/icons-react';
import { useEffect, useMemo, useState } from 'react';
import { useFormatter, useTranslations } from 'use-intl';
import { type Api, createApi } from '../../lib/api.ts';
import { wording } from '../../lib/messages.ts';
import { notifyProblem } from '../../lib/notify.ts';
import { saveAs } from '../../lib/save-as.ts';
import { useToken } from '../../lib/use-token.ts';
import { Brand } from '../shared/brand.tsx';
import { LanguageMenu } from '../shared/language-menu.tsx';
import { PageLoading } from '../shared/page-loading.tsx';
import { ProblemPage } from '../shared/problem-page.tsx';
import { ThemeToggle } from '../shared/theme-toggle.tsx';
import { Participants } from './participants.tsx';
import classes from './report.module.css';

/** Who was at a webinar, for whoever runs it. */
export function ReportPage({ webinarId }: { readonly webinarId: string }) {
  const t = useTranslations('report');
  const token = useToken();
  if (token === undefined) return <PageLoading label={t('loading')} />;
  if (token === null) return <ProblemPage code="no-token" />;
  return <Report key={token} token={token} webinarId={webinarId} />;
}

type Look =
  | { readonly is: 'loading' }
  | { readonly is: 'failed'; readonly code: string }
  | { readonly is: 'loaded'; readonly summary: AttendanceSummary };

function Report({ token, webinarId }: { readonly token: string; readonly webinarId: string }) {
  const t = useTranslations('report');
  const api = useMemo(() => createApi(token), [token]);
  const [look, setLook] = useState<Look>({ is: 'loading' });
  const [asked, setAsked] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked for again by whoever presses the button
  useEffect(() => {
    let gone = false;
    void api.attendance(webinarId).then((result) => {
      if (gone) return;
      setLook(
        result.ok ? { is: 'loaded', summary: result.value } : { is: 'failed', code: result.error.code },
      );
    });
    return () => {
      gone = true;
    };
  }, [api, webinarId, asked]);

  if (look.is === 'failed' && look.code !== 'unavailable' && look.code !== 'rate-limited') {
    return <ProblemPage code={look.code} />;
  }
  const summary = look.is === 'loaded' ? look.summary : null;
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
        <div className={classes.head}>
          <div>
            <p className={classes.kicker}>{t('title')}</p>
            <h1>{summary ? <bdi>{summary.title}</bdi> : <Skeleton height={32} width={280} />}</h1>
          </div>
          <Exports api={api} webinarId={webinarId} />
        </div>
        {look.is === 'failed' ? (
          <div className={classes.empty} role="alert">
            <strong>{wording(look.code).title}</strong>
            <span>{wording(look.code).hint}</span>
            <Button
              variant="default"
              onClick={() => {
                setLook({ is: 'loading' });
                setAsked((n) => n + 1);
              }}
            >
              {t('again')}
            </Button>
          </div>
        ) : (
          <>
            <Facts summary={summary} />
            <Participants api={api} webinarId={webinarId} />
            <p className={classes.hint}>{t('kept')}</p>
          </>
        )}
      </main>
    </div>
  );
}

const minutesOf = (ms: number): number => Math.round(ms / 60_000);

function Facts({ summary }: { readonly summary: AttendanceSummary | null }) {
  const t = useTranslations('report');
  const format = useFormatter();
  if (!summary) {
    return (
      <div className={classes.facts} role="status" aria-busy="true" aria-label={t('loading')}>
        {[0, 1, 2, 3].map((n) => (
          <Skeleton key={n} height={112} radius="md" />
        ))}
      </div>
    );
  }
  const { attendees, others, peak, averageMs, averageLiveMs, liveUnixMs, endedUnixMs } = summary;
  const time = (unixMs: number): string => format.dateTime(unixMs, { timeStyle: 'short' });
  const day = (unixMs: number): string => format.dateTime(unixMs, { dateStyle: 'medium' });
  return (
    <dl className={classes.facts}>
      <Fact term={t('attendees')} number={format.number(attendees)} hint={t('attendeesHint', { others })} />
      <Fact
        term={t('peak')}
        number={format.number(peak?.attendees ?? 0)}
        hint={peak ? t('peakAt', { time: time(peak.atUnixMs) }) : t('peakNone')}
      />
      <Fact
        term={t('average')}
        number={t('minutes', { minutes: minutesOf(averageMs) })}
        hint={t('averageHint', { minutes: minutesOf(averageLiveMs) })}
      />
      <Fact
        term={t('live')}
        number={liveUnixMs === null ? '–' : day(liveUnixMs)}
        hint={
          liveUnixMs === null
            ? t('liveNot')
            : endedUnixMs === null
              ? t('liveSince', { from: time(liveUnixMs) })
              : t('liveFrom', { from: time(liveUnixMs), to: time(endedUnixMs) })
        }
      />
    </dl>
  );
}

function Fact({ term, number, hint }: Readonly<Record<'term' | 'number' | 'hint', string>>) {
  return (
    <div className={classes.fact}>
      <dt>{term}</dt>
      <dd className={classes.number}>{number}</dd>
      <dd className={classes.hint}>{hint}</dd>
    </div>
  );
}

const EXPORTS = {
  exportParticipants: 'participants.csv',
  exportSessions: 'participants.csv?each=session',
  exportQuality: 'quality.csv',
} as const;

function Exports({ api, webinarId }: { readonly api: Api; readonly webinarId: string }) {
  const t = useTranslations('report');
  const [busy, setBusy] = useState(false);
  const save = async (path: string): Promise<void> => {
    setBusy(true);
    const result = await api.table(webinarId, path);
    setBusy(false);
    if (result.ok) saveAs(result.value.blob, result.value.name);
    else notifyProblem(result.error.code);
  };
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button loading={busy} leftSection={<IconDownload size={18} aria-hidden />}>
          {t('export')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {(Object.keys(EXPORTS) as (keyof typeof EXPORTS)[]).map((name) => (
          <Menu.Item key={name} onClick={() => void save(EXPORTS[name])}>
            {t(name)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
