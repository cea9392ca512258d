'use client';

import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import type { ReactNode } from 'react';
import { IntlProvider } from 'use-intl';
import { cssVariablesResolver, theme } from '../../lib/theme.ts';
import type { Locale, Messages, Texts } from '../../messages/catalogue.ts';
import { OfflineBanner } from './offline-banner.tsx';

/** Times are said by the clock of whoever reads them, once that is known: the server's own is none of theirs. */
const SERVER_TIME_ZONE = 'UTC';

/** What every page stands in: its texts, the component kit in the design tokens, notices, and the word about a lost network. */
export function Providers({
  locale,
  messages,
  children,
}: {
  readonly locale: Locale;
  readonly messages: Texts<Messages>;
  readonly children: ReactNode;
}) {
  const timeZone =
    typeof window === 'undefined' ? SERVER_TIME_ZONE : new Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <IntlProvider locale={locale} messages={messages as Messages} timeZone={timeZone}>
      <MantineProvider theme={theme} cssVariablesResolver={cssVariablesResolver} defaultColorScheme="auto">
        <OfflineBanner />
        {children}
        <Notifications position="bottom-right" limit={3} autoClose={6000} />
      </MantineProvider>
    </IntlProvider>
  );
}
