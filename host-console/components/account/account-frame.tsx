'use client';

import type { OwnAccount } from '@rostrum/contracts';
import type { ReactNode } from 'react';
import { Brand } from '../shared/brand.tsx';
import { LanguageMenu } from '../shared/language-menu.tsx';
import { ThemeToggle } from '../shared/theme-toggle.tsx';
import classes from './account.module.css';
import { AccountMenu } from './account-menu.tsx';

/** What stands around the pages of whoever is signed in. */
export function AccountFrame({
  account,
  title,
  children,
}: {
  readonly account: OwnAccount;
  readonly title: string;
  readonly children: ReactNode;
}) {
  return (
    <div className={classes.page}>
      <header className={classes.bar}>
        <Brand />
        <span className={classes.tools}>
          <AccountMenu account={account} />
          <LanguageMenu />
          <ThemeToggle />
        </span>
      </header>
      <main className={classes.main}>
        <h1>{title}</h1>
        {children}
      </main>
    </div>
  );
}
