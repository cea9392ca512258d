import { accessOf, RostrumError } from '@rostrum/contracts';
import { type Context, Hono } from 'hono';
import type { Logger } from 'pino';
import type { Locale } from '../../../messages/catalogue.ts';
import { LOCALE_COOKIE, localeOf } from '../../../messages/locales.ts';
import { textBody } from '../../http/body.ts';
import type { Env } from '../../http/desk.ts';
import { calendarOf } from '../../mail/calendar.ts';
import type { Recipient } from '../../mail/mail.ts';
import type { Clock } from '../../ports.ts';
import { BASE_HEADERS, HSTS, newNonce } from '../../security-headers.ts';
import type { RegistrationRow, Store } from '../../store/index.ts';
import { KeyedBuckets, type Rate } from '../../token-bucket.ts';
import type { Codes } from '../codes.ts';
import type { PersonalLinks } from '../links.ts';
import { calendarEntry } from '../mails.ts';
import { type Planned, pageState } from '../planned.ts';
import type { Registrations } from '../registrations.ts';
import { NO_PROBLEMS, readPerson, STAMP, TRAP, typedIn } from './form.ts';
import { html } from './html.ts';
import { type PersonalView, personalPage } from './personal-page.ts';
import { type PublicView, publicPage } from './public-page.ts';
import { type Page, pageOf, policyOf, speakerOf } from './shell.ts';

/** By address, generous: an office may sit behind one. By webinar: of everybody. */
export interface PublicRates {
  readonly pages: Rate;
  readonly registering: Rate;
  readonly registeringInRoom: Rate;
}
export const PUBLIC_RATES: PublicRates = {
  pages: { burst: 1000, perSecond: 50 },
  registering: { burst: 300, perSecond: 1 / 3 },
  registeringInRoom: { burst: 5000, perSecond: 50 },
};

export interface PublicPagesOptions {
  readonly store: Pick<Store, 'webinars' | 'registrations'>;
  readonly registrations: Registrations;
  readonly links: PersonalLinks;
  readonly codes: Codes;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly rates: PublicRates;
  /** Of a request, as it is counted by. */
  readonly addressOf: (request: Env['Bindings']['incoming']) => string;
  readonly publicUrl: () => string;
  /** Who invites, in calendar files. */
  readonly organizer: () => Recipient;
}

const MAX_FORM_BYTES = 128 * 1024;
/** Sooner than a person types, and later than anybody leaves a page open to come back to. */
const FORM_FROM_MS = 1000;
const FORM_UNTIL_MS = 24 * 3_600_000;
/** From here on the personal address opens the watch page, which has the countdown too. */
const OPENS_BEFORE_MS = 3_600_000;

export const isPublicPage = (path: string): boolean => path.startsWith('/w/') || path.startsWith('/j/');

/** `/w/<webinarId>`, the page of a webinar, and `/j/<code>`, that of one who registered: whole without JavaScript. */
export function publicPages(options: PublicPagesOptions): Hono<Env> {
  const { store, registrations, links, codes, clock, rates } = options;
  const app = new Hono<Env>();
  const pageRate = new KeyedBuckets(rates.pages);
  const registering = new KeyedBuckets(rates.registering);
  const inRoom = new KeyedBuckets(rates.registeringInRoom);

  app.use(async (c, next) => {
    if (pageRate.take(options.addressOf(c.env.incoming), clock.nowMs()) > 0) return said(c, 429, 'tooFast');
    await next();
  });
  app.onError((error, c) => {
    if (error instanceof RostrumError && (error.code === 'not-found' || error.code === 'bad-input')) {
      return said(c, 404, 'missing');
    }
    if (error instanceof RostrumError && error.code === 'too-large') return said(c, 413, 'trouble');
    options.logger.error({ err: error, path: c.req.routePath }, 'a page of registration failed');
    return said(c, 503, 'trouble');
  });
  app.notFound((c) => said(c, 404, 'missing'));

  async function viewOf(c: Context<Env>, sent: PublicView['sent']): Promise<PublicView | null> {
    const webinarId = c.req.param('id') ?? '';
    const planned = await store.webinars.announced(webinarId);
    const state = pageState(planned, accessOf(webinarId) === 'private');
    if (!planned || state === 'none') return null;
    const needsCount =
      state === 'taking' && planned.plan.join === 'registered' && planned.plan.capacity !== null;
    return {
      ...told(c, planned),
      ...{ state, sent },
      pageUrl: codes.publicPage(webinarId),
      watchUrl: links.watchPage(webinarId),
      approved: needsCount ? (await store.registrations.countsOf(webinarId)).approved : 0,
      stamp: codes.stampOf(clock.nowUnixMs()),
    };
  }
  const told = (c: Context<Env>, planned: Planned) => {
    const locale = languageOf(c);
    return { planned, locale, say: speakerOf(locale), nowUnixMs: clock.nowUnixMs() };
  };

  app.get('/w/:id', async (c) => {
    const taken = TAKEN.find((as) => as === c.req.query('registered'));
    const view = await viewOf(c, taken ? { kind: 'taken', as: taken } : { kind: 'nothing' });
    if (!view) return said(c, 404, 'missing');
    return answer(c, view.state === 'cancelled' ? 410 : 200, publicPage(view));
  });

  app.post('/w/:id', async (c) => {
    const form = new URLSearchParams(await textBody(c.req.raw, MAX_FORM_BYTES));
    const typed = typedIn(form);
    const webinarId = c.req.param('id');
    const shown = async (status: 422 | 429, sent: PublicView['sent']): Promise<Response> => {
      const view = await viewOf(c, sent);
      return view
        ? answer(c, view.state === 'cancelled' ? 410 : status, publicPage(view))
        : said(c, 404, 'missing');
    };
    // Programs that fill in every field are told what people are.
    if ((form.get(TRAP) ?? '') !== '') return c.redirect(`/w/${webinarId}?registered=approved`, 303);
    const ageMs = codes.ageOf(form.get(STAMP) ?? '', clock.nowUnixMs());
    if (ageMs === null || ageMs < FORM_FROM_MS || ageMs > FORM_UNTIL_MS)
      return shown(422, { kind: 'again', typed });
    const nowMs = clock.nowMs();
    const waitMs =
      registering.take(`${webinarId} ${options.addressOf(c.env.incoming)}`, nowMs) ||
      inRoom.take(webinarId, nowMs);
    if (waitMs > 0) return shown(429, { kind: 'busy', typed });
    const { name, address } = readPerson(typed);
    if (name === null || address === null) {
      const problems = { ...NO_PROBLEMS, name: name === null, email: address === null };
      return shown(422, { kind: 'problems', typed, problems });
    }
    try {
      const registrant = { name, address, locale: languageOf(c), answers: typed.answers };
      const result = await registrations.register(webinarId, registrant);
      if (result.kind === 'taken') return c.redirect(`/w/${webinarId}?registered=${result.as}`, 303);
      return shown(422, { kind: 'problems', typed, problems: { ...NO_PROBLEMS, answers: result.problems } });
    } catch (error) {
      // It ended or was changed while somebody was typing: the page says how it is now.
      if (error instanceof RostrumError && error.code === 'conflict') return shown(422, { kind: 'nothing' });
      if (error instanceof RostrumError && error.code === 'limit-reached')
        return shown(429, { kind: 'busy', typed });
      throw error;
    }
  });

  app.get('/w/:id/event.ics', async (c) => {
    const view = await viewOf(c, { kind: 'nothing' });
    if (!view) return said(c, 404, 'missing');
    return calendarFile(c, view.planned, view.pageUrl);
  });

  async function calendarFile(c: Context<Env>, planned: Planned, url: string): Promise<Response> {
    const { sequence } = await store.registrations.deskOf(planned.webinarId);
    const entry = calendarEntry(planned, { sequence, url, isCancelled: planned.cancelled });
    if (!entry) return said(c, 404, 'missing');
    const stamp = { stampUnixMs: clock.nowUnixMs(), organizer: options.organizer(), attendee: null };
    return c.body(calendarOf(entry, stamp), 200, {
      ...headers(newNonce(), options.publicUrl()),
      'content-type': 'text/calendar; charset=utf-8',
      'content-disposition': 'attachment; filename="event.ics"',
    });
  }

  /** Whose personal address it is; null: nobody's (any more). */
  async function personOf(
    c: Context<Env>,
  ): Promise<{ registration: RegistrationRow; planned: Planned } | null> {
    const code = c.req.param('code') ?? '';
    const id = codes.registrationIdOf(code);
    const registration = id === null ? null : await store.registrations.find(id);
    if (!registration || !codes.fits(code, registration)) return null;
    const planned = await store.webinars.announced(registration.webinarId);
    return planned && { registration, planned };
  }
  const personal = (
    c: Context<Env>,
    shows: PersonalView['shows'],
    of: NonNullable<Awaited<ReturnType<typeof personOf>>>,
  ) =>
    answer(
      c,
      200,
      personalPage({
        ...told(c, of.planned),
        registration: of.registration,
        path: `/j/${c.req.param('code')}`,
        pageUrl: codes.publicPage(of.planned.webinarId),
        hasWatchPage: links.watchPage(of.planned.webinarId) !== null,
        shows,
      }),
    );
  async function toWatchPage(
    c: Context<Env>,
    { registration, planned }: NonNullable<Awaited<ReturnType<typeof personOf>>>,
  ): Promise<Response | null> {
    if (registration.state !== 'approved' || planned.cancelled) return null;
    const url = await links.watchPageOf(registration, planned);
    if (url === null) return null;
    await store.registrations.markJoined(registration.registrationId, clock.nowUnixMs());
    for (const [name, value] of Object.entries(headers(newNonce(), options.publicUrl())))
      c.header(name, value);
    return c.redirect(url, 303);
  }

  app.get('/j/:code', async (c) => {
    const of = await personOf(c);
    if (!of) return said(c, 404, 'unknown');
    const opened = opensNow(of.planned, clock.nowUnixMs()) ? await toWatchPage(c, of) : null;
    return opened ?? personal(c, 'manage', of);
  });
  app.get('/j/:code/manage', async (c) => {
    const of = await personOf(c);
    return of ? personal(c, 'manage', of) : said(c, 404, 'unknown');
  });
  app.get('/j/:code/watch', async (c) => {
    const of = await personOf(c);
    if (!of) return said(c, 404, 'unknown');
    return (await toWatchPage(c, of)) ?? personal(c, 'manage', of);
  });
  app.get('/j/:code/event.ics', async (c) => {
    const of = await personOf(c);
    if (!of) return said(c, 404, 'unknown');
    return calendarFile(c, of.planned, codes.personalUrl(of.registration));
  });
  app.get('/j/:code/cancel', async (c) => {
    const of = await personOf(c);
    return of ? personal(c, 'cancel', of) : said(c, 404, 'unknown');
  });
  app.post('/j/:code/cancel', async (c) => {
    const of = await personOf(c);
    if (!of) return said(c, 404, 'unknown');
    await registrations.cancel(of.planned.webinarId, of.registration.registrationId);
    return c.redirect(`/j/${c.req.param('code')}/manage`, 303);
  });
  // Programs that look at links must not unsubscribe anybody: only what is sent does (RFC 8058 section 3.2).
  app.get('/j/:code/unsubscribe', async (c) => {
    const of = await personOf(c);
    return of ? personal(c, 'unsubscribe', of) : said(c, 404, 'unknown');
  });
  app.post('/j/:code/unsubscribe', async (c) => {
    const wants = new URLSearchParams(await textBody(c.req.raw, MAX_FORM_BYTES)).get('wants') === 'yes';
    const of = await personOf(c);
    if (!of) return said(c, 404, 'unknown');
    const { webinarId, registrationId } = of.registration;
    await registrations.setSubscribed(webinarId, registrationId, wants);
    const now = (await personOf(c)) ?? of;
    return personal(c, wants ? 'subscribed' : 'unsubscribed', now);
  });

  function answer(c: Context<Env>, status: 200 | 404 | 410 | 413 | 422 | 429 | 503, page: Page): Response {
    const nonce = newNonce();
    return c.body(pageOf(page, nonce), status, {
      ...headers(nonce, options.publicUrl()),
      'content-type': 'text/html; charset=utf-8',
      'content-language': page.locale,
      vary: 'accept-language, cookie',
    });
  }

  function said(c: Context<Env>, status: 404 | 413 | 429 | 503, what: keyof typeof SAID): Response {
    const locale = languageOf(c);
    const say = speakerOf(locale);
    const path = SAID[what];
    return answer(c, status, {
      ...{ locale, title: say(`${path}.title`), shared: null, accent: '#3949c8', cover: null, again: null },
      otherLanguage: `?lang=${locale === 'de' ? 'en' : 'de'}`,
      body: html`<h1>${say(`${path}.title`)}</h1><p class="muted">${say(`${path}.hint`)}</p>`,
    });
  }
  return app;
}

const TAKEN = ['approved', 'pending', 'waiting'] as const;
const SAID = {
  missing: 'missing',
  tooFast: 'tooFast',
  trouble: 'trouble',
  unknown: 'personal.unknown',
} as const;

/** Whether there is something to see behind the personal address, or soon is. */
function opensNow({ phase, recording, startsAtUnixMs }: Planned, nowUnixMs: number): boolean {
  if (phase === 'live') return true;
  if (phase === 'ended') return recording === 'ready' || recording === 'pending';
  return startsAtUnixMs === null || startsAtUnixMs - OPENS_BEFORE_MS <= nowUnixMs;
}

function languageOf(c: Context<Env>): Locale {
  const cookie = new RegExp(`(?:^|;\\s*)${LOCALE_COOKIE}=(\\w+)`).exec(c.req.header('cookie') ?? '')?.[1];
  return localeOf(c.req.query('lang') ?? cookie, c.req.header('accept-language') ?? null);
}

const headers = (nonce: string, publicUrl: string): Record<string, string> => ({
  ...BASE_HEADERS,
  'permissions-policy': 'camera=(), microphone=(), display-capture=(), geolocation=()',
  'content-security-policy': policyOf(nonce),
  'cache-control': 'no-store',
  ...(publicUrl.startsWith('https:') ? { 'strict-transport-security': HSTS } : {}),
});
