/** What a page says of its webinar to those who do not run it: search engines, chats that show a link, sites that embed it. Pure. */

import { EMBED_SIZE, embedUrl, escapeHtml, frameHtml } from '@rostrum/contracts/embed';

/** Of an open webinar's recording. */
export interface PageSubject {
  readonly webinarId: string;
  readonly title: string;
  /** Whole address; null: there is none. */
  readonly posterUrl: string | null;
}

const pageUrl = (base: string, webinarId: string): string => `${base}/w/${webinarId}`;

/** The page with title, Open Graph tags and the way to its oEmbed. @param base URL of the origin, without a last slash */
export function withHead(page: string, subject: PageSubject, base: string): string {
  const { webinarId, title, posterUrl } = subject;
  const property = (name: string, content: string): string =>
    `<meta property="${name}" content="${escapeHtml(content)}">`;
  const url = pageUrl(base, webinarId);
  const lines = [
    property('og:type', 'video.other'),
    property('og:site_name', 'Rostrum'),
    property('og:title', title),
    property('og:url', url),
    ...(posterUrl === null ? [] : [property('og:image', posterUrl)]),
    `<link rel="alternate" type="application/json+oembed" href="${escapeHtml(`${url}/oembed.json`)}" title="${escapeHtml(title)}">`,
  ];
  // A function, since a title may hold what replace() takes for a pattern.
  return page
    .replace(/<title>[^<]*<\/title>/, () => `<title>${escapeHtml(title)} · Rostrum</title>`)
    .replace('</head>', () => `${lines.map((line) => `  ${line}\n`).join('')}</head>`);
}

/** oEmbed 1.0, type `video`. @param query may hold `maxwidth` and `maxheight`: what they make smaller keeps its shape */
export function oEmbedOf(subject: PageSubject, base: string, query: URLSearchParams): object {
  const bound = (name: string): number => {
    const value = Number(query.get(name));
    return Number.isInteger(value) && value > 0 ? value : Number.POSITIVE_INFINITY;
  };
  const share = Math.min(1, bound('maxwidth') / EMBED_SIZE.width, bound('maxheight') / EMBED_SIZE.height);
  const width = Math.max(1, Math.round(EMBED_SIZE.width * share));
  const height = Math.max(1, Math.round(EMBED_SIZE.height * share));
  return {
    version: '1.0',
    type: 'video',
    title: subject.title,
    provider_name: 'Rostrum',
    provider_url: base,
    width,
    height,
    html: frameHtml(embedUrl(base, subject.webinarId), subject.title, { width, height }),
  };
}

/** The webinar whose page it is; null for any other address. @param base as above */
export function webinarOfPage(url: string, base: string): string | null {
  if (!url.startsWith(`${base}/w/`)) return null;
  return /^([A-Za-z0-9_-]{1,64})(?:\/|\/embed\/?)?(?:[?#].*)?$/.exec(url.slice(base.length + 3))?.[1] ?? null;
}
