/** The page of a webinar that everybody may see, state by state. Pure. */
import type { RegistrationStateName } from '@rostrum/contracts';
import type { PageState } from '../planned.ts';
import { hasRoom } from '../rules.ts';
import { about, assetPath, calendars, countdown, coverOf, heading, type Told, times } from './event.ts';
import { formOf, NO_PROBLEMS, NOTHING_TYPED, type Problems, type Typed } from './form.ts';
import { type Html, html } from './html.ts';
import type { Page } from './shell.ts';

export interface PublicView extends Told {
  readonly state: Exclude<PageState, 'none'>;
  readonly pageUrl: string;
  /** null: no broadcaster serves it now. */
  readonly watchUrl: string | null;
  readonly approved: number;
  readonly stamp: string;
  /** What became of a form that was sent. `again`: it has to be sent once more. */
  readonly sent:
    | { readonly kind: 'nothing' }
    | { readonly kind: 'taken'; readonly as: RegistrationStateName }
    | { readonly kind: 'problems'; readonly typed: Typed; readonly problems: Problems }
    | { readonly kind: 'again' | 'busy'; readonly typed: Typed };
}

export function publicPage(view: PublicView): Page {
  const { planned, locale, say, pageUrl } = view;
  const { cover, text, branding } = planned.plan;
  const isTaken = view.sent.kind === 'taken';
  return {
    locale,
    title: planned.title,
    shared: {
      url: pageUrl,
      text: text === null ? null : text.slice(0, 300).toWellFormed(),
      image: cover && { ...cover, url: new URL(assetPath(cover.assetId), pageUrl).href },
    },
    accent: branding.accent,
    cover: coverOf(planned),
    again: null,
    otherLanguage: `?lang=${locale === 'de' ? 'en' : 'de'}`,
    body: html`${heading(view)}
${isTaken && takenNote(view)}
${view.state === 'cancelled' ? html`<div class="note bad"><p>${say('cancelled')}</p></div>` : times(view)}
${view.state !== 'cancelled' && countdown(view, false)}
${action(view)}
${about(view)}
${view.state === 'walk-in' || view.state === 'taking' ? calendars(view, { pageUrl, icsUrl: `${pageUrl}/event.ics` }) : null}
${view.state === 'taking' && !isTaken && registration(view)}`,
  };
}

/** What there is to open. */
function action({ state, planned, say, watchUrl }: PublicView): Html | null {
  const open = (label: string): Html | null =>
    watchUrl === null ? null : html`<div class="row"><a class="button" href="${watchUrl}">${label}</a></div>`;
  if (state === 'walk-in') {
    if (planned.phase === 'live') return open(say('watchNow'));
    return html`<p class="muted">${say('walkIn')}</p>${open(say('toWatchPage'))}`;
  }
  if (state !== 'over') return null;
  const isRecorded = planned.recording === 'ready';
  const isOpen = planned.plan.join === 'open' || planned.plan.join === 'passcode';
  return html`<div class="note"><p>${say('over')}${isRecorded && !isOpen && html` ${say('overByLink')}`}</p></div>
${isRecorded && isOpen && open(say('watchRecording'))}`;
}

function takenNote({ sent, say }: PublicView): Html | null {
  if (sent.kind !== 'taken') return null;
  const as = sent.as === 'pending' || sent.as === 'waiting' ? sent.as : 'approved';
  return html`<div class="note good" role="status"><h2>${say(`taken.${as}`)}</h2><p>${say('taken.mail')}</p></div>`;
}

function registration({ planned, say, stamp, sent, approved, pageUrl }: PublicView): Html {
  const { join, capacity, registrationQuestions: questions } = planned.plan;
  const isFull = join === 'registered' && !hasRoom(capacity, approved);
  const typed = 'typed' in sent ? sent.typed : NOTHING_TYPED;
  const problems = sent.kind === 'problems' ? sent.problems : NO_PROBLEMS;
  const trouble =
    sent.kind === 'problems'
      ? say('form.problems')
      : sent.kind === 'again'
        ? say('form.notTaken')
        : sent.kind === 'busy'
          ? say('form.busy')
          : null;
  return html`<section id="register"><h2>${say('form.title')}</h2>
${trouble !== null && html`<p class="note bad" role="alert">${trouble}</p>`}
${planned.phase === 'live' && html`<p>${say('form.live')}</p>`}
${join === 'approved' && html`<p>${say('form.approval')}</p>`}
${isFull && html`<p class="note warn">${say('form.full')}</p>`}
${formOf(say, { action: `${new URL(pageUrl).pathname}#register`, stamp, questions, typed, problems })}</section>`;
}
