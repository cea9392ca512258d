'use client';

import { Button, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { wording } from '../../lib/messages.ts';
import { Brand } from './brand.tsx';
import classes from './page.module.css';

const MENDED_BY_RELOADING: ReadonlySet<string> = new Set([
  'protocol-mismatch',
  'sent-out',
  'too-many-connections',
]);

/** A whole page that says one thing and what to do about it. */
export function ProblemPage({ code, children }: { readonly code: string; readonly children?: ReactNode }) {
  const words = wording(code);
  return (
    <MessagePage title={words.title}>
      <p>{words.hint}</p>
      {MENDED_BY_RELOADING.has(code) ? (
        <Button onClick={() => window.location.reload()}>Reload the page</Button>
      ) : null}
      {children}
    </MessagePage>
  );
}

export function MessagePage({
  title,
  wide = false,
  children,
}: {
  readonly title: string;
  readonly wide?: boolean;
  readonly children?: ReactNode;
}) {
  return (
    <main className={classes.message}>
      <div className={classes.card} data-wide={wide || undefined}>
        <Brand />
        <Title order={1} size="h2">
          {title}
        </Title>
        {children}
      </div>
    </main>
  );
}
