import type { ChangePlan, LinkClaims, PlannedWebinar } from '@rostrum/contracts';
import { RostrumError } from '@rostrum/contracts';
import { hosts, runs } from '../identity/rights.ts';
import type { WebinarRepository } from '../store/index.ts';
import type { Decision } from '../webinars/actor.ts';
import { changePlan } from '../webinars/features/plan/decide.ts';
import type { FoldedState } from '../webinars/fold.ts';
import { jsonBody } from './body.ts';
import type { Area } from './desk.ts';
import { PLAN_ROUTES as ROUTES } from './plan-routes.ts';

/** A long text in three-byte letters, and twenty questions with twenty answers each. */
export const MAX_PLAN_BYTES = 256 * 1024;

export interface PlanAreaOptions {
  readonly webinars: Pick<WebinarRepository, 'find'>;
  /** Resolves when what was decided is durable. */
  readonly submit: (webinarId: string, decision: Decision) => Promise<FoldedState>;
  /** The same in turn with going live, which starts a channel by what is planned then. */
  readonly submitInTurn: (webinarId: string, decision: Decision) => Promise<FoldedState>;
}

/** What webinars are planned to be, over HTTP. */
export const planArea = (options: PlanAreaOptions): Area => ({
  routes: ROUTES,
  register(app, desk) {
    app.get(ROUTES.getPlan.path, async (c) => {
      desk.limit(c);
      return c.json(await planOf(options, await desk.bearerOf(c), c.req.param('id')));
    });
    app.patch(ROUTES.changePlan.path, async (c) => {
      desk.limit(c);
      const bearer = await desk.bearerOf(c);
      const change = await jsonBody(c.req.raw, ROUTES.changePlan.body, MAX_PLAN_BYTES);
      return c.json(await changed(options, bearer, c.req.param('id'), change));
    });
  },
});

async function planOf(
  { webinars, submit }: PlanAreaOptions,
  bearer: LinkClaims,
  webinarId: string,
): Promise<PlannedWebinar> {
  if (!runs(bearer, webinarId)) throw new RostrumError('forbidden', 'not a webinar of the bearer');
  await mustBe(webinars, webinarId);
  return planned(await submit(webinarId, () => []));
}

async function changed(
  { webinars, submit, submitInTurn }: PlanAreaOptions,
  bearer: LinkClaims,
  webinarId: string,
  change: ChangePlan,
): Promise<PlannedWebinar> {
  if (!hosts(bearer, webinarId)) {
    throw new RostrumError('forbidden', 'only the owner and the webinar’s host edit it');
  }
  await mustBe(webinars, webinarId);
  const doing = change.profile === undefined ? submit : submitInTurn;
  return planned(await doing(webinarId, (state) => changePlan(state, change)));
}

async function mustBe(webinars: PlanAreaOptions['webinars'], webinarId: string): Promise<void> {
  if (!(await webinars.find(webinarId))) throw new RostrumError('not-found', 'no such webinar');
}

/** As its editor has it. */
export const planned = (state: FoldedState): PlannedWebinar => ({
  webinarId: state.webinarId,
  title: state.title,
  profile: state.profile,
  moderation: state.moderation,
  tracks: state.keepsTracks,
  plan: state.plan,
  startsAtUnixMs: state.startsAtUnixMs,
  phase: state.phase.phase,
  revision: state.seq,
});
