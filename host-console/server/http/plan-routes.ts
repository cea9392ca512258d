import { ChangePlan, PlannedWebinar } from '@rostrum/contracts';
import type { Route } from './route.ts';

/** Operations on what a webinar is planned to be. */
export const PLAN_ROUTES = {
  getPlan: {
    method: 'get',
    path: '/api/webinars/:id/plan',
    summary: 'What a webinar is planned to be, as its editor has it (owner, or its host or moderator).',
    bearer: true,
    body: null,
    status: 200,
    answer: PlannedWebinar,
  },
  changePlan: {
    method: 'patch',
    path: '/api/webinars/:id/plan',
    summary:
      'Changes what the body names and nothing else (owner, or its host). A conflict names the field that somebody else changed after `revision`, or that stays once it is live; nothing is changed then.',
    bearer: true,
    body: ChangePlan,
    status: 200,
    answer: PlannedWebinar,
  },
} as const satisfies Record<string, Route>;
