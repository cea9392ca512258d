/** What `useTranslations` of pages knows; beside the catalogue, which the server reads too. */
import type { Locale, Messages } from './catalogue.ts';

declare module 'use-intl' {
  interface AppConfig {
    Locale: Locale;
    Messages: Messages;
  }
}
