'use client';

import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import type { ReactNode } from 'react';
import { cssVariablesResolver, theme } from '../../lib/theme.ts';
import { OfflineBanner } from './offline-banner.tsx';

/** What every page stands in: the component kit in the design tokens, notices, and the word about a lost network. */
export function Providers({ children }: { readonly children: ReactNode }) {
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariablesResolver} defaultColorScheme="auto">
      <OfflineBanner />
      {children}
      <Notifications position="bottom-right" limit={3} autoClose={6000} />
    </MantineProvider>
  );
}
