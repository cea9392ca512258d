/** The page behind a personal link, which shows how it stands until there is something to watch. Pure. */
import type { RegistrationRow } from '../../store/index.ts';
import { about, calendars, countdown, coverOf, heading, type Told, times } from './event.ts';
import { type Html, html } from './html.ts';
import type { Page } from './shell.ts';

export interface PersonalView extends Told {
  readonly registration: RegistrationRow;
  /** Path of the page itself: `/j/<code>`. */
  readonly path: string;
  readonly pageUrl: string;
  readonly hasWatchPage: boolean;
  /** `manage`: how it stands. The others ask before they do something, or say that it was done. */
  readonly shows: 'manage' | 'cancel' | 'unsubscribe' | 'unsubscribed' | 'subscribed';
}

/** Looked again without a script: whoever waits sees it within so many seconds. */
const AGAIN_S = 60;

export function personalPage(view: PersonalView): Page {
  const { planned, locale, registration } = view;
  const isWaitedFor = registration.state === 'pending' || registration.state === 'waiting';
  const isNear = registration.state === 'approved' && planned.phase !== 'ended';
  return {
    locale,
    title: planned.title,
    shared: null,
    accent: planned.plan.branding.accent,
    cover: coverOf(planned),
    again: view.shows === 'manage' && (isWaitedFor || isNear) && !planned.cancelled ? AGAIN_S : null,
    otherLanguage: `?lang=${locale === 'de' ? 'en' : 'de'}`,
    body: html`${heading(view)}<p class="muted">${view.say('personal.forName', { name: registration.name })}</p>
${view.shows === 'cancel' ? asks(view, 'cancel') : view.shows === 'unsubscribe' ? asks(view, 'unsubscribe') : standing(view)}`,
  };
}

function asks({ say, path }: PersonalView, what: 'cancel' | 'unsubscribe'): Html {
  return html`<section><h2>${say(`personal.${what}Title`)}</h2><p>${say(`personal.${what}Hint`)}</p>
<form method="post" action="${path}/${what}"><div class="row"><button>${say(`personal.${what}Yes`)}</button><a class="button quiet" href="${path}/manage">${say('personal.keep')}</a></div></form></section>`;
}

function standing(view: PersonalView): Html {
  const { say, planned, registration, path, pageUrl, shows } = view;
  if (planned.cancelled) return html`<div class="note bad"><p>${say('cancelled')}</p></div>`;
  const { state } = registration;
  const tone =
    state === 'approved' ? 'good' : state === 'refused' ? 'bad' : state === 'waiting' ? 'warn' : '';
  const isIn = state !== 'refused' && state !== 'cancelled';
  const isOver = planned.phase === 'ended';
  return html`${shows !== 'manage' && html`<p class="note" role="status">${say(shows === 'subscribed' ? 'personal.subscribed' : 'personal.unsubscribed')}</p>`}
${isOver ? html`<div class="note"><p>${say('over')}</p></div>` : html`<div class="note ${tone}"><h2>${say(`personal.${state}`)}</h2><p>${say(`personal.${state}Hint`)}</p></div>`}
${isIn && !isOver && times(view)}
${isIn && !isOver && countdown(view, true)}
${state === 'approved' && watch(view)}
${isIn && about(view)}
${state === 'approved' && calendars(view, { pageUrl, icsUrl: `${path}/event.ics` })}
${state === 'cancelled' && html`<p><a href="${pageUrl}">${say('personal.toPage')}</a></p>`}
${
  isIn &&
  html`<ul class="links small">
${!isOver && html`<li><a href="${path}/cancel">${say('personal.cancel')}</a></li>`}
<li>${
    registration.unsubscribedUnixMs === null
      ? html`<a href="${path}/unsubscribe">${say('personal.noMails')}</a>`
      : html`<form method="post" action="${path}/unsubscribe"><input type="hidden" name="wants" value="yes"><button class="quiet">${say('personal.subscribe')}</button></form>`
  }</li></ul>`
}`;
}

function watch({ planned, say, path, hasWatchPage }: PersonalView): Html | null {
  const isOver = planned.phase === 'ended';
  if (isOver && planned.recording !== 'ready' && planned.recording !== 'pending') return null;
  if (!hasWatchPage) return html`<p class="muted">${say('noWatchPage')}</p>`;
  const label = isOver
    ? say('watchRecording')
    : planned.phase === 'live'
      ? say('watchNow')
      : say('toWatchPage');
  return html`<div class="row"><a class="button" href="${path}/watch">${label}</a></div>`;
}
