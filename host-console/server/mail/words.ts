/** What mails say: their words in the recipient's language, as text and as HTML. */
import { mendText } from '@rostrum/contracts';
import { createTranslator } from 'use-intl/core';
import { CATALOGUES } from '../../messages/catalogue.ts';
import { comesOnce, instantOf, localAt } from '../time-zones.ts';
import type { CalendarEntry, Mail } from './mail.ts';

export interface Words {
  /** One line. */
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Longer subjects are cut by those who show them, and a title may be longer. */
const MOST_OF_SUBJECT = 200;

export function wordsOf({ to, locale, content }: Pick<Mail, 'to' | 'locale' | 'content'>): Words {
  const messages = CATALOGUES[locale];
  const say = createTranslator({ locale, messages, namespace: 'mail' });
  const values = {
    title: 'title' in content ? oneLine(content.title) : '',
    inviter: 'inviter' in content ? oneLine(content.inviter) : '',
    minutes: 'validMinutes' in content ? content.validMinutes : 0,
  };
  const name = greeted(to.name);
  const isEvent = 'event' in content;
  const event = isEvent && content.kind !== 'webinar-cancelled' ? content.event : null;
  const paragraphs = [
    name === null ? say('helloNobody') : say('hello', { name }),
    say(`kinds.${content.kind}.text`, values),
    ...(event ? [say('when', { ...whenOf(event, locale), minutes: event.lengthMinutes })] : []),
    ...(event?.recurrence ? [say('series')] : []),
  ];
  const button =
    content.url === null ? null : { url: content.url, label: say(`kinds.${content.kind}.button`) };
  if (button && isEvent) paragraphs.push(say('personal'));
  const unsubscribeUrl = isEvent ? content.unsubscribeUrl : null;
  const footer = unsubscribeUrl === null ? say('asked') : say('unsubscribe', { url: unsubscribeUrl });
  const subject = oneLine(say(`kinds.${content.kind}.subject`, values), MOST_OF_SUBJECT);
  const text = [...paragraphs, ...(button ? [`${button.label}:\n${button.url}`] : []), `-- \n${footer}`].join(
    '\n\n',
  );
  const noButton = button && say('noButton', { url: button.url });
  return {
    subject,
    text: `${text}\n`,
    html: htmlOf({ locale, subject, paragraphs, button, noButton, footer }),
  };
}

/** In the webinar's own zone, with the zone's name and place: `Sunday, March 28, 2027 at 7:00 PM`. */
function whenOf({ start }: CalendarEntry, locale: Mail['locale']): { when: string; zone: string } {
  const unixMs = instantOf(start);
  const { zone: timeZone } = start;
  const when = new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'short', timeZone }).format(
    unixMs,
  );
  // In the night when clocks go back the name of the zone alone says which of two it is.
  const timeZoneName = comesOnce({ local: localAt(unixMs, timeZone), zone: timeZone })
    ? 'long'
    : 'longOffset';
  const name = new Intl.DateTimeFormat(locale, { timeZone, timeZoneName })
    .formatToParts(unixMs)
    .find(({ type }) => type === 'timeZoneName')?.value;
  return { when, zone: `${name ?? ''}, ${timeZone}` };
}

/**
 * As they are greeted; null: without a name. Anyone may register anybody's address under any name: one that holds an address of
 * the web would make the mail an advertisement.
 */
function greeted(name: string | null): string | null {
  const clean = oneLine(name ?? '', 60);
  return clean === '' || /[:/@\\]|www|\.\p{L}{2}/iu.test(clean) ? null : clean;
}

/** As one line, without controls, those of bidirectional text too. */
export const oneLine = (text: string, max = 300): string => mendText(text, { max }, '');

interface Page {
  readonly locale: string;
  readonly subject: string;
  readonly paragraphs: readonly string[];
  readonly button: { readonly url: string; readonly label: string } | null;
  readonly noButton: string | null;
  readonly footer: string;
}

/** Plain enough for every mail program: one column, no pictures, nothing that is fetched. */
function htmlOf({ locale, subject, paragraphs, button, noButton, footer }: Page): string {
  const paragraph = (text: string, style: string): string =>
    `<p dir="auto" style="margin:0 0 16px;${style}">${linked(text)}</p>`;
  const small = 'font-size:14px;color:#57606a';
  const parts = [
    ...paragraphs.map((text) => paragraph(text, 'font-size:16px')),
    ...(button
      ? [
          `<p style="margin:24px 0"><a href="${escaped(button.url)}" style="display:inline-block;padding:12px 20px;border-radius:6px;background:#0b57d0;color:#ffffff;font-size:16px;text-decoration:none">${escaped(button.label)}</a></p>`,
          paragraph(noButton ?? '', small),
        ]
      : []),
    paragraph(footer, `${small};border-top:1px solid #d0d7de;padding-top:16px`),
  ];
  return `<!doctype html>
<html lang="${locale}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(subject)}</title></head>
<body style="margin:0;padding:24px;background:#ffffff;color:#1f2328;font-family:system-ui,-apple-system,'Segoe UI',sans-serif;line-height:1.5;overflow-wrap:anywhere">
<div role="article" lang="${locale}" aria-label="${escaped(subject)}" style="max-width:560px;margin:0 auto">
${parts.join('\n')}
</div></body></html>
`;
}

/** Escaped, with the address that ends it, if one does, as a link: those are ours, in names none is left. */
function linked(text: string): string {
  const [, before, url] = /^(.*\s)(https?:\/\/\S+)$/s.exec(text) ?? [];
  return url === undefined
    ? escaped(text)
    : `${escaped(before ?? '')}<a href="${escaped(url)}">${escaped(url)}</a>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);
