import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import '@rostrum/contracts/tokens.css';
import './globals.css';
import { ColorSchemeScript, mantineHtmlProps } from '@mantine/core';
import type { Metadata, Viewport } from 'next';
import { cookies, headers } from 'next/headers';
import type { ReactNode } from 'react';
import { Providers } from '../components/shared/providers.tsx';
import { CATALOGUES, OFFERED } from '../messages/catalogue.ts';
import { LOCALE_COOKIE, localeOf } from '../messages/locales.ts';

export const metadata: Metadata = {
  title: { default: 'Rostrum', template: '%s · Rostrum' },
  description: 'Webinars on your own servers',
  // Links carry a person's credential in their fragment; no other site needs to learn where they lead.
  referrer: 'no-referrer',
  robots: { index: false, follow: false },
  icons: { icon: '/icon.svg' },
};

export const viewport: Viewport = { width: 'device-width', initialScale: 1, colorScheme: 'light dark' };

export default async function RootLayout({ children }: { readonly children: ReactNode }) {
  const chosen = (await cookies()).get(LOCALE_COOKIE)?.value;
  const asked = await headers();
  const locale = localeOf(chosen, asked.get('accept-language'), OFFERED);
  // Next.js gives its own scripts the nonce of this header (`server/pages.ts`), and nobody else's.
  const [, nonce] = /'nonce-([^']+)'/.exec(asked.get('content-security-policy') ?? '') ?? [];
  return (
    <html lang={locale} {...mantineHtmlProps}>
      <head>
        <ColorSchemeScript defaultColorScheme="auto" {...(nonce === undefined ? {} : { nonce })} />
      </head>
      <body>
        <Providers locale={locale} messages={CATALOGUES[locale]}>
          {children}
        </Providers>
      </body>
    </html>
  );
}
