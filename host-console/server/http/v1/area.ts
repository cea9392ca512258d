import type { Area } from '../desk.ts';
import type { WebinarService } from '../webinar-service.ts';
import { type Endpoint, endpoints } from './endpoint.ts';
import { etagOf } from './etag.ts';
import type { Idempotency } from './idempotency.ts';
import { V1_ROUTES as ROUTES, V1_COMMANDS } from './routes.ts';
import { planEdit, type V1Service } from './service.ts';

export interface V1AreaOptions {
  readonly service: WebinarService;
  readonly v1: V1Service;
  readonly idempotency: Idempotency;
}

/** Webinars, their people and recordings for programs. */
export const v1Area = (options: V1AreaOptions): Area => ({
  routes: { ...ROUTES, ...V1_COMMANDS },
  register(app, desk) {
    const endpoint = endpoints(app, desk, options.idempotency);
    registerWebinars(endpoint, options);
    registerPeople(endpoint, options);
    registerRecordings(endpoint, options);
    for (const route of Object.values(V1_COMMANDS)) {
      endpoint(route, async ({ bearer, param }) => {
        const webinarId = param('id');
        await options.v1.command(bearer, webinarId, route.command, { personId: param('personId') });
        return route.scope === 'webinars:write' ? options.service.get(bearer, webinarId) : {};
      });
    }
  },
});

type Register = (endpoint: Endpoint, options: V1AreaOptions) => void;

const registerWebinars: Register = (endpoint, { service, v1 }) => {
  endpoint(
    ROUTES.v1CreateWebinar,
    ({ bearer, body, keep }) => service.create(bearer, body, keep),
    ({ webinarId }) => `/api/v1/webinars/${webinarId}`,
  );
  endpoint(ROUTES.v1ListWebinars, ({ bearer, query }) => v1.webinars(bearer, query));
  endpoint(ROUTES.v1GetWebinar, ({ bearer, param }) => service.get(bearer, param('id')));
  endpoint(ROUTES.v1CancelWebinar, ({ bearer, param }) => service.cancel(bearer, param('id')));
  endpoint(ROUTES.v1GetPlan, async ({ c, bearer, param }) => {
    const plan = await v1.plan(bearer, param('id'));
    c.header('etag', etagOf(planEdit(plan)));
    return plan;
  });
  endpoint(ROUTES.v1ChangePlan, async ({ c, bearer, param, body }) => {
    const plan = await v1.changePlan(bearer, param('id'), body, c.req.header('if-match'));
    c.header('etag', etagOf(planEdit(plan)));
    return plan;
  });
  endpoint(ROUTES.v1GetRules, async ({ c, bearer, param }) => {
    const rules = await v1.rules(bearer, param('id'));
    c.header('etag', etagOf(rules));
    return rules;
  });
  endpoint(ROUTES.v1ChangeRules, async ({ c, bearer, param, body }) => {
    const rules = await v1.changeRules(bearer, param('id'), body, c.req.header('if-match'));
    c.header('etag', etagOf(rules));
    return rules;
  });
  endpoint(ROUTES.v1Quality, async ({ bearer, param }) => ({
    rows: [...(await service.quality(bearer, param('id')))],
  }));
};

const registerPeople: Register = (endpoint, { service, v1 }) => {
  endpoint(ROUTES.v1ListParticipants, ({ bearer, param, query }) =>
    v1.participants(bearer, param('id'), query),
  );
  endpoint(ROUTES.v1MuteAll, ({ bearer, param }) => v1.muteAll(bearer, param('id')));
  endpoint(ROUTES.v1RemovePerson, async ({ bearer, param }) => {
    await v1.command(bearer, param('id'), 'person:remove', { personId: param('personId') });
    return {};
  });
  endpoint(ROUTES.v1CreateLink, ({ bearer, param, body, keep }) =>
    service.createLink(bearer, param('id'), body, keep),
  );
  endpoint(ROUTES.v1ListLinks, ({ bearer, param }) => service.links(bearer, param('id')));
  endpoint(ROUTES.v1RevokeLink, ({ bearer, param }) =>
    service.revokeLink(bearer, param('id'), param('linkId')),
  );
};

const registerRecordings: Register = (endpoint, { service, v1 }) => {
  endpoint(ROUTES.v1ListRecordings, ({ bearer, query }) => v1.recordings(bearer, query));
  endpoint(ROUTES.v1GetRecording, async ({ c, bearer, param }) => {
    const recording = await v1.recording(bearer, param('id'));
    c.header('etag', etagOf(v1.recordingEdit(recording)));
    return recording;
  });
  endpoint(ROUTES.v1ChangeRecording, async ({ c, bearer, param, body }) => {
    const recording = await v1.changeRecording(bearer, param('id'), body, c.req.header('if-match'));
    c.header('etag', etagOf(v1.recordingEdit(recording)));
    return recording;
  });
  endpoint(ROUTES.v1DeleteRecording, ({ bearer, param }) => service.deleteRecording(bearer, param('id')));
};
