'use client';

import { Title } from '@mantine/core';
import { useMemo } from 'react';
import { useTranslations } from 'use-intl';
import { createDevelopersApi } from '../../lib/developers.ts';
import { BY_SESSION, isBySession } from '../../lib/session-token.ts';
import { useAccount } from '../../lib/use-account.ts';
import { useToken } from '../../lib/use-token.ts';
import { Brand } from '../shared/brand.tsx';
import { LanguageMenu } from '../shared/language-menu.tsx';
import { PageLoading } from '../shared/page-loading.tsx';
import { ProblemPage } from '../shared/problem-page.tsx';
import { ThemeToggle } from '../shared/theme-toggle.tsx';
import classes from './developers.module.css';
import { Tokens } from './tokens.tsx';
import { useList } from './use-list.ts';
import { Webhooks } from './webhooks.tsx';

/** For who lets programs in: API tokens and webhooks, for the owner. */
export function DevelopersPage() {
  const t = useTranslations('developers');
  const token = useToken();
  if (token === undefined) return <PageLoading label={t('opening')} />;
  if (token === null || isBySession(token)) return <BySession />;
  return <Developers key={token} token={token} />;
}

/** Whoever is not signed in is led to where one does. */
function BySession() {
  const t = useTranslations('developers');
  const [looked] = useAccount();
  if (looked.is === 'looking') return <PageLoading label={t('opening')} />;
  if (looked.is === 'failed') return <ProblemPage code={looked.code} />;
  return <Developers token={BY_SESSION} />;
}

const NOT_THEIRS: ReadonlySet<string> = new Set(['unauthenticated', 'forbidden']);

function Developers({ token }: { readonly token: string }) {
  const t = useTranslations('developers');
  const api = useMemo(() => createDevelopersApi(token), [token]);
  const [tokens, reload] = useList(api.tokens);
  if (tokens.is === 'failed' && NOT_THEIRS.has(tokens.code)) return <ProblemPage code={tokens.code} />;
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
            {t.rich('hint', {
              reference: (words) => (
                <a href="/api/openapi.json" target="_blank" rel="noreferrer">
                  {words}
                </a>
              ),
            })}
          </p>
        </div>
        <Tokens api={api} list={tokens} reload={reload} />
        <Webhooks client={api.client} />
      </main>
    </div>
  );
}
