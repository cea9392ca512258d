import {
  accessOf,
  type ChangePlan,
  type LinkClaims,
  type PlannedWebinar,
  type Repeat,
  RostrumError,
  type Series,
  type WebinarSummary,
} from '@rostrum/contracts';
import { administers } from '../identity/rights.ts';
import type { Clock, Ids } from '../ports.ts';
import type { EventLog, WebinarRepository } from '../store/index.ts';
import type { Decision } from '../webinars/actor.ts';
import { cancel } from '../webinars/features/phase/decide.ts';
import { changePlan } from '../webinars/features/plan/decide.ts';
import { membersOf, movedAlike, ruleOf, startsBy } from '../webinars/features/plan/series.ts';
import { startsAt } from '../webinars/features/plan/start.ts';
import type { FoldedState } from '../webinars/fold.ts';
import { conflict } from '../webinars/refusals.ts';
import { jsonBody } from './body.ts';
import type { Area } from './desk.ts';
import { MAX_PLAN_BYTES, planned } from './plan-area.ts';
import { SERIES_ROUTES as ROUTES } from './series-routes.ts';
import type { WebinarService } from './webinar-service.ts';

export interface SeriesAreaOptions {
  readonly service: Pick<WebinarService, 'create'>;
  readonly store: {
    readonly events: Pick<EventLog, 'create'>;
    readonly webinars: Pick<WebinarRepository, 'find'>;
  };
  readonly submit: (webinarId: string, decision: Decision) => Promise<FoldedState>;
  readonly submitInTurn: (webinarId: string, decision: Decision) => Promise<FoldedState>;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** Webinars that are made of another one, over HTTP. For the owner, as planning is. */
export const seriesArea = (options: SeriesAreaOptions): Area => ({
  routes: ROUTES,
  register(app, desk) {
    app.post(ROUTES.duplicateWebinar.path, async (c) => {
      desk.limit(c);
      return c.json(await duplicate(options, await desk.bearerOf(c), c.req.param('id')), 201);
    });
    app.post(ROUTES.repeatWebinar.path, async (c) => {
      desk.limit(c);
      const bearer = await desk.bearerOf(c);
      const body = await jsonBody(c.req.raw, ROUTES.repeatWebinar.body);
      return c.json({ webinarIds: await repeat(options, bearer, c.req.param('id'), body) }, 201);
    });
    app.patch(ROUTES.changeSeries.path, async (c) => {
      desk.limit(c);
      const bearer = await desk.bearerOf(c);
      const change = await jsonBody(c.req.raw, ROUTES.changeSeries.body, MAX_PLAN_BYTES);
      return c.json(await changeAll(options, bearer, c.req.param('id'), change));
    });
    app.delete(ROUTES.cancelSeries.path, async (c) => {
      desk.limit(c);
      return c.json({ webinarIds: await cancelAll(options, await desk.bearerOf(c), c.req.param('id')) });
    });
  },
});

async function duplicate(o: SeriesAreaOptions, bearer: LinkClaims, id: string): Promise<WebinarSummary> {
  const { title, profile, moderation, keepsTracks, plan } = await stateOf(o, bearer, id);
  const fields = { ...plan, start: null, series: null, visibility: 'draft' } as const;
  const made = await o.service.create(bearer, {
    ...{ title, profile, access: accessOf(id), startsAtUnixMs: null, plan: fields },
  });
  await o.submit(made.webinarId, (state) =>
    changePlan(state, { moderation, tracks: keepsTracks, fields: {} }),
  );
  return made;
}

async function repeat(
  o: SeriesAreaOptions,
  bearer: LinkClaims,
  id: string,
  wanted: Repeat,
): Promise<string[]> {
  const before = await stateOf(o, bearer, id);
  const { start } = before.plan;
  if (!start) throw new RostrumError('bad-input', 'it has no start', { field: 'start' });
  const rule = ruleOf(wanted, start);
  const starts = startsBy(rule, start);
  // Known of the first one before there are others: who asks again, after whatever came between, makes those that are missing.
  const seriesId = o.ids.next();
  const state = await o.submit(id, ({ phase, plan }) => {
    if (phase.phase !== 'scheduled') throw conflict('it has begun');
    if (plan.series) {
      if (plan.series.rule === rule && plan.series.firstId === id) return [];
      throw conflict('it is one of a series already');
    }
    const series: Series = { seriesId, rule, firstId: id, count: starts.length };
    return [{ type: 'plan.changed', fields: { series } }];
  });
  const { title, profile, plan, moderation, keepsTracks } = state;
  const members = plan.series ? membersOf(plan.series) : [];
  for (const [i, webinarId] of members.entries()) {
    const own = starts[i];
    if (i === 0 || !own || (await o.store.webinars.find(webinarId))) continue;
    const event = { title, profile, startsAtUnixMs: startsAt(own), plan: { ...plan, start: own } };
    await o.store.events.create(webinarId, {
      atUnixMs: o.clock.nowUnixMs(),
      event: { type: 'webinar.created', ...event },
    });
    await o.submit(webinarId, (fresh) => changePlan(fresh, { moderation, tracks: keepsTracks, fields: {} }));
  }
  return members;
}

async function changeAll(
  o: SeriesAreaOptions,
  bearer: LinkClaims,
  id: string,
  change: ChangePlan,
): Promise<PlannedWebinar> {
  const { plan: before } = await stateOf(o, bearer, id);
  const own = await o.submitInTurn(id, (state) => changePlan(state, change));
  const { revision: _, ...theirs } = change;
  const { start } = change.fields;
  for (const webinarId of await later(o, before.series, id)) {
    await o.submitInTurn(webinarId, (state) => {
      if (state.phase.phase !== 'scheduled') return [];
      const own = state.plan.start;
      const at = start && before.start && own ? movedAlike(own, before.start, start) : start;
      return changePlan(state, {
        ...theirs,
        fields: { ...change.fields, ...(at === undefined ? {} : { start: at }) },
      });
    });
  }
  return planned(own);
}

async function cancelAll(o: SeriesAreaOptions, bearer: LinkClaims, id: string): Promise<string[]> {
  const { plan } = await stateOf(o, bearer, id);
  const cancelled: string[] = [];
  for (const webinarId of [id, ...(await later(o, plan.series, id))]) {
    const state = await o.submitInTurn(webinarId, (now) =>
      now.phase.phase === 'scheduled' ? cancel(now) : [],
    );
    if (state.phase.phase === 'ended' && state.phase.cancelled) cancelled.push(webinarId);
  }
  return cancelled;
}

/** Those of the series after this one which are there. */
async function later({ store }: SeriesAreaOptions, series: Series | null, id: string): Promise<string[]> {
  const members = series ? membersOf(series) : [];
  const after = members.slice(members.indexOf(id) + 1);
  const found = await Promise.all(after.map((webinarId) => store.webinars.find(webinarId)));
  return after.filter((_, i) => found[i]);
}

async function stateOf(o: SeriesAreaOptions, bearer: LinkClaims, id: string): Promise<FoldedState> {
  // A host's account is host of its own webinars, and a series may have others' in it.
  if (!administers(bearer))
    throw new RostrumError('forbidden', 'only the owner plans several webinars at once');
  if (!(await o.store.webinars.find(id))) throw new RostrumError('not-found', 'no such webinar');
  return o.submit(id, () => []);
}
