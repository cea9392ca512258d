'use client';

import { ActionIcon, Menu } from '@mantine/core';
import { IconLanguage } from '@tabler/icons-react';
import { useLocale, useTranslations } from 'use-intl';
import { type Locale, OFFERED } from '../../messages/catalogue.ts';
import { LOCALE_COOKIE } from '../../messages/locales.ts';

const YEAR_S = 365 * 24 * 3600;

/** The page in another language: it is kept for all pages, and this one is opened anew. Nothing where there is one only. */
export function LanguageMenu() {
  const t = useTranslations('shared');
  const locale = useLocale();
  const choose = (chosen: Locale): void => {
    // biome-ignore lint/suspicious/noDocumentCookie: cookieStore is not there on pages without TLS
    document.cookie = `${LOCALE_COOKIE}=${chosen}; Path=/; Max-Age=${YEAR_S}; SameSite=Lax`;
    window.location.reload();
  };
  if (OFFERED.length < 2) return null;
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="plain" size="lg" aria-label={t('language')}>
          <IconLanguage size={20} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {OFFERED.map((one) => (
          <Menu.Item
            key={one}
            lang={one}
            aria-current={one === locale || undefined}
            onClick={() => choose(one)}
          >
            {t(`languages.${one}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
