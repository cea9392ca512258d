/** What every one of these pages stands in. Pure. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createTranslator } from 'use-intl/core';
import { CATALOGUES, type Locale } from '../../../messages/catalogue.ts';
import { Html, html } from './html.ts';
import { SCRIPT } from './script.ts';
import { styleOf } from './style.ts';

export interface Page {
  readonly locale: Locale;
  readonly title: string;
  /** For the window's title and who shares the page; null: it is nobody's business. */
  readonly shared: {
    readonly url: string;
    readonly text: string | null;
    readonly image: { readonly url: string; readonly width: number; readonly height: number } | null;
  } | null;
  readonly accent: string;
  readonly cover: Html | null;
  readonly body: Html;
  /** Seconds after which it is loaded again where no script does. */
  readonly again: number | null;
  /** The same page in the other language. */
  readonly otherLanguage: string;
}

export const speakerOf = (locale: Locale) =>
  createTranslator({ locale, messages: CATALOGUES[locale], namespace: 'registration' });
export type Say = ReturnType<typeof speakerOf>;

const TOKENS = readFileSync(fileURLToPath(import.meta.resolve('@rostrum/contracts/tokens.css')), 'utf8');

export function pageOf(page: Page, nonce: string): string {
  const { locale, title, shared, accent, cover, body, again } = page;
  const say = speakerOf(locale);
  const image = shared?.image ?? null;
  const whole = html`<!doctype html>
<html lang="${locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
${shared ? null : html`<meta name="robots" content="noindex">`}
${again === null ? null : html`<meta http-equiv="refresh" content="${again}">`}
${
  shared &&
  html`<link rel="canonical" href="${shared.url}">
<meta name="description" content="${shared.text ?? title}">
<meta property="og:type" content="website">
<meta property="og:title" content="${title}">
<meta property="og:description" content="${shared.text ?? title}">
<meta property="og:url" content="${shared.url}">
<meta property="og:locale" content="${locale === 'de' ? 'de_DE' : 'en_US'}">
${image && html`<meta property="og:image" content="${image.url}"><meta property="og:image:width" content="${image.width}"><meta property="og:image:height" content="${image.height}"><meta name="twitter:card" content="summary_large_image">`}`
}
<link rel="icon" href="/icon.svg">
<style nonce="${nonce}">${new Html(styleOf(TOKENS, accent))}</style>
</head>
<body>
<main>
<article class="card">
${cover ?? html`<div class="bar"></div>`}
<div class="inner">${body}</div>
</article>
<footer><span>${say('poweredBy')}</span><a href="${page.otherLanguage}" hreflang="${locale === 'de' ? 'en' : 'de'}" lang="${locale === 'de' ? 'en' : 'de'}">${say('language')}</a></footer>
</main>
<script nonce="${nonce}">${new Html(SCRIPT)}</script>
</body>
</html>
`;
  return whole.text;
}

/** Nothing of anybody else is loaded, and nothing runs but what this server wrote into the page. */
export const policyOf = (nonce: string): string =>
  [
    "default-src 'none'",
    `style-src 'nonce-${nonce}'`,
    `script-src 'nonce-${nonce}'`,
    "img-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
