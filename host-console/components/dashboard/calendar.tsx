'use client';

import { ActionIcon, Button } from '@mantine/core';
import type { WebinarSummary } from '@rostrum/contracts';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import { type DateTimeFormatOptions, useFormatter, useLocale, useTranslations } from 'use-intl';
import {
  byDay,
  type Day,
  dayOf,
  daysLater,
  firstWeekday,
  monthsLater,
  sameMonth,
  weeksOf,
} from '../../lib/calendar.ts';
import classes from './calendar.module.css';

/** Of one day; the others are told of by a number. */
const SHOWN = 3;

/** Webinars by day: a month to walk through with the keys, and a list of its days where there is no room for one. */
export function Calendar({
  webinars,
  hrefOf,
}: {
  readonly webinars: readonly WebinarSummary[];
  readonly hrefOf: (webinar: WebinarSummary) => string;
}) {
  const t = useTranslations('plan.calendar');
  const format = useFormatter();
  const locale = useLocale();
  const timeZone = useMemo(() => Intl.DateTimeFormat().resolvedOptions().timeZone, []);
  const today = dayOf(Date.now(), timeZone);
  const [day, setDay] = useState<Day>(today);
  const days = useMemo(() => byDay(webinars, timeZone), [webinars, timeZone]);
  const weeks = weeksOf(day, firstWeekday(locale));
  const grid = useRef<HTMLTableElement>(null);
  const walked = useRef(false);
  useEffect(() => {
    if (walked.current) grid.current?.querySelector<HTMLElement>(`[data-day="${day}"]`)?.focus();
    walked.current = false;
  }, [day]);

  const said = (of: Day, options: DateTimeFormatOptions): string =>
    format.dateTime(Date.parse(`${of}T12:00Z`), { ...options, timeZone: 'UTC' });
  const timeOf = ({ startsAtUnixMs }: WebinarSummary): string =>
    format.dateTime(startsAtUnixMs ?? 0, { hour: 'numeric', minute: '2-digit', timeZone });
  const walk = (event: KeyboardEvent): void => {
    // Keys within a day's links are theirs.
    if (!(event.target as HTMLElement).dataset.day) return;
    const to = targetOf(event, day, weeks);
    if (to === null) return;
    event.preventDefault();
    walked.current = true;
    setDay(to);
  };
  const month = said(day, { month: 'long', year: 'numeric' });
  const ofMonth = [...days].filter(([of]) => sameMonth(of, day));
  return (
    <section aria-label={t('label')}>
      <div className={classes.head}>
        <h2 aria-live="polite">{month}</h2>
        <span className={classes.turn}>
          <Button size="sm" variant="default" onClick={() => setDay(today)}>
            {t('today')}
          </Button>
          <ActionIcon
            size={36}
            variant="default"
            aria-label={t('before')}
            onClick={() => setDay(monthsLater(day, -1))}
          >
            <IconChevronLeft size={18} aria-hidden />
          </ActionIcon>
          <ActionIcon
            size={36}
            variant="default"
            aria-label={t('after')}
            onClick={() => setDay(monthsLater(day, 1))}
          >
            <IconChevronRight size={18} aria-hidden />
          </ActionIcon>
        </span>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: the grid of WAI-ARIA's date pickers is a table that is walked through */}
      <table ref={grid} className={classes.month} role="grid" aria-label={month} onKeyDown={walk}>
        <thead>
          <tr>
            {weeks[0]?.map((of) => (
              <th key={of} scope="col" abbr={said(of, { weekday: 'long' })}>
                {said(of, { weekday: 'short' })}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {weeks.map((week) => (
            <tr key={week[0]}>
              {week.map((of) => {
                const here = days.get(of) ?? [];
                return (
                  <td
                    key={of}
                    // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: and its cells have the focus themselves
                    role="gridcell"
                    data-day={of}
                    tabIndex={of === day ? 0 : -1}
                    aria-selected={of === day}
                    aria-label={t('day', {
                      day: said(of, { weekday: 'long', day: 'numeric', month: 'long' }),
                      count: here.length,
                    })}
                    aria-current={of === today ? 'date' : undefined}
                    data-other={sameMonth(of, day) ? undefined : true}
                    onFocus={() => setDay(of)}
                  >
                    <span className={classes.number}>{Number(of.slice(8))}</span>
                    {here.slice(0, SHOWN).map((webinar) => (
                      <a
                        key={webinar.webinarId}
                        href={hrefOf(webinar)}
                        data-phase={webinar.phase}
                        data-draft={webinar.visibility === 'draft' || undefined}
                      >
                        <span>{timeOf(webinar)}</span> <bdi>{webinar.title}</bdi>
                      </a>
                    ))}
                    {here.length > SHOWN ? (
                      <span className={classes.more}>
                        {t('more', { count: String(here.length - SHOWN) })}
                      </span>
                    ) : null}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      <ul className={classes.agenda}>
        {ofMonth.map(([of, here]) => (
          <li key={of}>
            <h3>{said(of, { weekday: 'long', day: 'numeric', month: 'long' })}</h3>
            {here.map((webinar) => (
              <a key={webinar.webinarId} href={hrefOf(webinar)} data-phase={webinar.phase}>
                <span>{timeOf(webinar)}</span> <bdi>{webinar.title}</bdi>
              </a>
            ))}
          </li>
        ))}
        {ofMonth.length === 0 ? <li className={classes.none}>{t('none')}</li> : null}
      </ul>
    </section>
  );
}

/** Where a key leads from a day, as in the grids of WAI-ARIA; null: it is no such key. */
function targetOf(event: KeyboardEvent, day: Day, weeks: readonly Day[][]): Day | null {
  const week = weeks.find((days) => days.includes(day));
  switch (event.key) {
    case 'ArrowLeft':
      return daysLater(day, -1);
    case 'ArrowRight':
      return daysLater(day, 1);
    case 'ArrowUp':
      return daysLater(day, -7);
    case 'ArrowDown':
      return daysLater(day, 7);
    case 'Home':
      return week?.[0] ?? null;
    case 'End':
      return week?.[6] ?? null;
    case 'PageUp':
      return monthsLater(day, event.shiftKey ? -12 : -1);
    case 'PageDown':
      return monthsLater(day, event.shiftKey ? 12 : 1);
    default:
      return null;
  }
}
