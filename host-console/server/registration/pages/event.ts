/** What both pages show of a webinar. Pure. */
import type { Locale } from '../../../messages/catalogue.ts';
import { calendarLinks } from '../../mail/calendar-links.ts';
import { calendarEntry } from '../mails.ts';
import type { Planned } from '../planned.ts';
import { type Html, html } from './html.ts';
import type { Say } from './shell.ts';

export interface Told {
  readonly planned: Planned;
  readonly locale: Locale;
  readonly say: Say;
  readonly nowUnixMs: number;
}

/** Where a picture of the webinar is. */
export const assetPath = (assetId: string): string => `/assets/${assetId}`;

export function coverOf({ plan }: Planned): Html | null {
  if (!plan.cover) return null;
  const { assetId, width, height } = plan.cover;
  return html`<img class="cover" src="${assetPath(assetId)}" width="${width}" height="${height}" alt="">`;
}

export function heading({ planned, say }: Told): Html {
  const { logo } = planned.plan.branding;
  return html`${logo && html`<img class="logo" src="${assetPath(logo.assetId)}" width="${logo.width}" height="${logo.height}" alt="">`}
${planned.phase === 'live' && html`<span class="live">${say('live')}</span>`}
<h1>${planned.title}</h1>`;
}

/** When it is, in its own time zone and, where a script may, in the reader's. */
export function times({ planned, locale, say }: Told): Html {
  const { startsAtUnixMs: at, plan } = planned;
  if (at === null) return html`<p class="muted">${say('noTime')}</p>`;
  const zone = plan.start?.zone ?? 'UTC';
  const format = new Intl.DateTimeFormat(locale, {
    ...({ weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' } as const),
    ...({ hour: 'numeric', minute: '2-digit', timeZone: zone, timeZoneName: 'short' } as const),
  });
  return html`<dl>
<dt>${say('when')}</dt>
<dd><time datetime="${new Date(at).toISOString()}">${format.format(at)}</time>${plan.start && html` <span class="muted">(${zone.replaceAll('_', ' ')})</span>`}
<div class="muted small" hidden data-own-time="${say('yourTime', { time: '{time}' })}" data-zone="${zone}" data-at="${at}"></div></dd>
<dt>${say('length')}</dt><dd>${say('minutes', { minutes: plan.lengthMinutes })}</dd>
</dl>`;
}

const UNITS = ['days', 'hours', 'minutes', 'seconds'] as const;

/** @param looks whether the page looks again once it is over */
export function countdown({ planned, say, nowUnixMs }: Told, looks: boolean): Html | null {
  const at = planned.startsAtUnixMs;
  if (at === null || planned.phase !== 'scheduled') return null;
  const left = Math.max(0, Math.ceil((at - nowUnixMs) / 1000));
  const values = {
    days: Math.floor(left / 86_400),
    hours: Math.floor(left / 3600) % 24,
    minutes: Math.floor(left / 60) % 60,
    seconds: left % 60,
  };
  const words = Object.fromEntries(
    UNITS.map((unit) => [unit, [1, 2].map((n) => say(`countdown.${unit}`, { n }))]),
  );
  return html`<div class="clock" role="timer" data-starts="${at}" data-now="${nowUnixMs}" data-words="${JSON.stringify(words)}"${looks && html` data-look=""`}>
<div data-left${left === 0 && html` hidden`} aria-label="${say('countdown.label')}">${UNITS.map(
    (unit) =>
      html`<i data-unit="${unit}"><b>${values[unit]}</b><span>${say(`countdown.${unit}`, { n: values[unit] })}</span></i>`,
  )}</div>
<div data-soon${left > 0 && html` hidden`}>${say('countdown.soon')}</div>
</div>`;
}

export function about({ planned, say }: Told): Html | null {
  if (planned.plan.text === null) return null;
  return html`<section class="text"><h2>${say('about')}</h2>${planned.plan.text
    .split(/\n{2,}/)
    .map((paragraph) => html`<p>${paragraph}</p>`)}</section>`;
}

/** Files and links; what goes to others' servers names the public page alone. */
export function calendars(
  { planned, say }: Told,
  urls: { readonly pageUrl: string; readonly icsUrl: string },
): Html | null {
  const entry = calendarEntry(planned, { sequence: 0, url: null, isCancelled: false });
  if (!entry || planned.phase !== 'scheduled') return null;
  const links = calendarLinks(entry, urls);
  const names = ['google', 'outlook', 'office365', 'yahoo'] as const;
  return html`<section><h2>${say('calendar.title')}</h2><ul class="links">
<li><a href="${links.ics}">${say('calendar.file')}</a></li>
${names.map((name) => links[name] && html`<li><a href="${links[name]}" target="_blank" rel="noopener noreferrer">${say(`calendar.${name}`)}</a></li>`)}
</ul></section>`;
}
