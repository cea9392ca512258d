'use client';

import { Button, Skeleton, Title } from '@mantine/core';
import type { Findings } from '@rostrum/contracts';
import { type FindingState, findingState } from '@rostrum/contracts/outside';
import { findingWords } from '@rostrum/contracts/outside-words';
import type { RoomClient } from '@rostrum/room-client/room';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { useFormatter, useLocale, useTranslations } from 'use-intl';
import { type Api, createApi } from '../../lib/api.ts';
import { notifyProblem } from '../../lib/notify.ts';
import { useRoomState, useSession } from '../../lib/use-room.ts';
import { useToken } from '../../lib/use-token.ts';
import { CopyField } from '../dashboard/copy-field.tsx';
import { Brand } from '../shared/brand.tsx';
import { LanguageMenu } from '../shared/language-menu.tsx';
import { PageLoading } from '../shared/page-loading.tsx';
import { ProblemPage } from '../shared/problem-page.tsx';
import { ThemeToggle } from '../shared/theme-toggle.tsx';
import { Finding } from './finding.tsx';
import { ReachCheck } from './reach-check.tsx';
import classes from './ready.module.css';

const WORST_FIRST = ['bad', 'unsure', 'good'] as const satisfies readonly FindingState[];

/** "Ready for Thursday?": what the crew cannot see by opening the control room. */
export function ReadyPage() {
  const t = useTranslations('ready');
  const token = useToken();
  const session = useSession(token);
  if (token === null) return <ProblemPage code="no-token" />;
  if (!token || !session) return <PageLoading label={t('looking')} />;
  return <Ready room={session.room} token={token} />;
}

function Ready({ room, token }: { readonly room: RoomClient; readonly token: string }) {
  const t = useTranslations('ready');
  const { connection, view } = useRoomState(room);
  const api = useMemo(() => createApi(token), [token]);
  if (typeof connection === 'object') return <ProblemPage code={connection.refused} />;
  if (!view) return <PageLoading label={t('looking')} />;
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
        <div>
          <Title order={1} size="h2">
            {t('title')}
          </Title>
          <p className={classes.hint}>
            <bdi>{view.title}</bdi> · {t('hint')}
          </p>
        </div>
        <Installation api={api} webinarId={view.webinarId} />
        {/* A moderator makes no links. */}
        {view.self.role === 'moderator' ? null : <Network api={api} webinarId={view.webinarId} />}
      </main>
    </div>
  );
}

type Look = { readonly is: 'looking' } | { readonly is: 'failed' } | ({ readonly is: 'looked' } & Findings);

function Installation({ api, webinarId }: { readonly api: Api; readonly webinarId: string }) {
  const t = useTranslations('ready');
  const format = useFormatter();
  const locale = useLocale();
  const [look, setLook] = useState<Look>({ is: 'looking' });
  const ask = useCallback(async () => {
    setLook({ is: 'looking' });
    const result = await api.readiness(webinarId);
    setLook(result.ok ? { is: 'looked', ...result.value } : { is: 'failed' });
  }, [api, webinarId]);
  useEffect(() => {
    void ask();
  }, [ask]);
  return (
    <section className={classes.card} aria-labelledby="ready-installation" aria-busy={look.is === 'looking'}>
      <h2 id="ready-installation">{t('installation')}</h2>
      <p role="status" className={classes.verdict} data-state={look.is === 'looked' ? worst(look) : null}>
        {look.is === 'looking' ? t('looking') : look.is === 'failed' ? t('failed') : null}
        {look.is === 'looked'
          ? t(`summary.${worst(look)}`, {
              count: look.findings.filter((f) => findingState(f) === 'bad').length,
            })
          : null}
      </p>
      {look.is === 'looking' ? <Skeleton height={280} radius="md" /> : null}
      {look.is === 'looked' ? (
        <ul className={classes.findings}>
          {WORST_FIRST.flatMap((state) =>
            look.findings
              .filter((finding) => findingState(finding) === state)
              .map((finding) => {
                const { told, mend } = findingWords(finding, locale);
                return <Finding key={told} state={state} told={told} mend={mend} />;
              }),
          )}
        </ul>
      ) : null}
      <div className={classes.foot}>
        <Button variant="default" loading={look.is === 'looking'} onClick={() => void ask()}>
          {t('again')}
        </Button>
        {look.is === 'looked' ? (
          <span className={classes.hint}>
            {t('lookedAt', { time: format.dateTime(look.lookedUnixMs, { timeStyle: 'short' }) })}
          </span>
        ) : null}
      </div>
    </section>
  );
}

const worst = ({ findings }: Findings): FindingState =>
  WORST_FIRST.find((state) => findings.some((finding) => findingState(finding) === state)) ?? 'good';

/**
 * Tries this device's network, and has others try theirs: with a link of its own, since whoever opens the control room stands on
 * the stage already.
 */
function Network({ api, webinarId }: { readonly api: Api; readonly webinarId: string }) {
  const t = useTranslations('ready');
  const [token, setToken] = useState<string | null>(null);
  const [trying, setTrying] = useState(false);
  const [busy, setBusy] = useState(false);
  const make = async (): Promise<boolean> => {
    if (token !== null) return true;
    setBusy(true);
    const result = await api.createLink(webinarId, 'panelist', t('phone.name'));
    setBusy(false);
    if (result.ok) setToken(result.value.token);
    else notifyProblem(result.error.code);
    return result.ok;
  };
  return (
    <>
      <section className={classes.card} aria-labelledby="ready-here">
        <h2 id="ready-here">{t('here')}</h2>
        <p className={classes.hint}>{t('reach.hint')}</p>
        {trying && token !== null ? (
          <ReachWith token={token} />
        ) : (
          <Button variant="default" loading={busy} onClick={() => void make().then(setTrying)}>
            {t('reach.start')}
          </Button>
        )}
      </section>
      <section className={classes.card} aria-labelledby="ready-phone">
        <h2 id="ready-phone">{t('phone.title')}</h2>
        <p className={classes.hint}>{t('phone.hint')}</p>
        {token === null ? (
          <Button variant="default" loading={busy} onClick={() => void make()}>
            {t('phone.make')}
          </Button>
        ) : (
          <CopyField label={t('phone.label')} value={reachUrl(token)} />
        )}
      </section>
    </>
  );
}

const reachUrl = (token: string): string => new URL(`/reach#t=${token}`, window.location.href).href;

function ReachWith({ token }: { readonly token: string }) {
  const session = useSession(token);
  return session ? <WhenConnected room={session.room} /> : <Skeleton height={200} radius="md" />;
}

function WhenConnected({ room }: { readonly room: RoomClient }) {
  const { connection } = useRoomState(room);
  if (connection !== 'connected') return <Skeleton height={200} radius="md" />;
  return <ReachCheck room={room} />;
}
