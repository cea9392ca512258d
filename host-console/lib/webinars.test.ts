import type { WebinarSummary } from '@rostrum/contracts';
import { sortWebinars } from './webinars.ts';

const webinar = (webinarId: string, change: Partial<WebinarSummary>): WebinarSummary => ({
  webinarId,
  title: webinarId,
  startsAtUnixMs: null,
  profile: 'standard',
  start: null,
  lengthMinutes: 60,
  cover: null,
  visibility: 'published',
  series: null,
  access: 'open',
  phase: 'scheduled',
  recording: 'none',
  remains: [],
  createdUnixMs: 0,
  unattended: null,
  watchUrl: null,
  ...change,
});

test('live webinars come first, then planned ones soonest first and untimed last, then ended ones newest first', () => {
  const sorted = sortWebinars([
    webinar('ended-old', { phase: 'ended', createdUnixMs: 1 }),
    webinar('untimed', {}),
    webinar('later', { startsAtUnixMs: 200 }),
    webinar('ended-new', { phase: 'ended', createdUnixMs: 2 }),
    webinar('soon', { startsAtUnixMs: 100 }),
    webinar('live', { phase: 'live' }),
  ]);
  expect(sorted.map((w) => w.webinarId)).toEqual([
    'live',
    'soon',
    'later',
    'untimed',
    'ended-new',
    'ended-old',
  ]);
});
