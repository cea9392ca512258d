import { ChangePlan, PlannedWebinar, Repeat, WebinarSummary } from '@rostrum/contracts';
import { z } from 'zod';
import type { Route } from './route.ts';

/** Operations on webinars that are made of another one. */
export const SERIES_ROUTES = {
  duplicateWebinar: {
    method: 'post',
    path: '/api/webinars/:id/duplicate',
    summary: 'A draft with everything that is planned of this one but its time (owner).',
    bearer: true,
    body: null,
    status: 201,
    answer: WebinarSummary,
  },
  repeatWebinar: {
    method: 'post',
    path: '/api/webinars/:id/series',
    summary:
      'Makes a series of a planned webinar: the others are made ahead, each a webinar of its own (owner). Asked again for the same, it goes on where it stopped.',
    bearer: true,
    body: Repeat,
    status: 201,
    answer: z.object({ webinarIds: z.array(z.string()) }),
  },
  changeSeries: {
    method: 'patch',
    path: '/api/webinars/:id/series',
    summary:
      'Changes this one of a series and those after it that are not live yet (owner). A new start moves the others as it moves this one.',
    bearer: true,
    body: ChangePlan,
    status: 200,
    answer: PlannedWebinar,
  },
  cancelSeries: {
    method: 'delete',
    path: '/api/webinars/:id/series',
    summary: 'Gives up this one of a series and those after it that are not live yet (owner).',
    bearer: true,
    body: null,
    status: 200,
    answer: z.object({ webinarIds: z.array(z.string()) }),
  },
} as const satisfies Record<string, Route>;
