import { Findings, RostrumError } from '@rostrum/contracts';
import { runs } from '../identity/rights.ts';
import type { Readiness } from '../readiness/readiness.ts';
import type { Store } from '../store/index.ts';
import type { Area } from './desk.ts';
import type { Route } from './route.ts';

export const READINESS_ROUTES = {
  readiness: {
    method: 'get',
    path: '/api/webinars/:id/readiness',
    summary:
      'Whether this installation is ready for an event: what is wrong and what to do (owner, or its host or moderator).',
    bearer: true,
    body: null,
    status: 200,
    answer: Findings,
  },
} as const satisfies Record<string, Route>;

export interface ReadinessAreaOptions {
  readonly readiness: Readiness;
  readonly store: Pick<Store, 'webinars'>;
}

export const readinessArea = ({ readiness, store }: ReadinessAreaOptions): Area => ({
  routes: READINESS_ROUTES,
  register(app, desk) {
    app.get(READINESS_ROUTES.readiness.path, async (c) => {
      desk.limit(c);
      const webinarId = c.req.param('id');
      if (!runs(await desk.bearerOf(c), webinarId)) {
        throw new RostrumError('forbidden', 'only the crew of a webinar sees whether it is ready');
      }
      if (!(await store.webinars.find(webinarId)))
        throw new RostrumError('not-found', 'there is no such webinar');
      return c.json(await readiness.look());
    });
  },
});
