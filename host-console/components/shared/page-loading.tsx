'use client';

import { Loader } from '@mantine/core';
import { Brand } from './brand.tsx';
import classes from './page-loading.module.css';

/** Before anything is known. It fades in late, so that a fast answer shows no flash. */
export function PageLoading({ label }: { readonly label: string }) {
  return (
    <main className={classes.page} aria-busy="true">
      <div className={classes.inner} role="status">
        <Brand />
        <Loader size="sm" aria-hidden />
        <span>{label}…</span>
      </div>
    </main>
  );
}
