import { MAX_MEASUREMENTS_BYTES, ViewerMeasurements } from '@rostrum/contracts';
import type { Limits } from '../identity/limits.ts';
import type { Metrics } from '../metrics.ts';
import { anyBody, jsonBody } from './body.ts';
import type { ApiRates, Area, Request } from './desk.ts';
import { NDJSON } from './route.ts';
import { WEBINAR_ROUTES as ROUTES } from './webinar-routes.ts';
import type { WebinarService } from './webinar-service.ts';

export interface WebinarAreaOptions {
  readonly service: WebinarService;
  readonly metrics: Metrics;
  readonly rates: ApiRates;
  readonly limits: Limits;
}

/** A whole company comes from one address, and types what it was told. */
const GUESSES = {
  ofAddress: { burst: 100, perSecond: 1 / 6 },
  inRoom: { burst: 5000, perSecond: 20 },
} as const;

/** Webinars, their links and their people over HTTP. */
export const webinarArea = ({ service, metrics, rates, limits }: WebinarAreaOptions): Area => ({
  routes: ROUTES,
  register(app, desk) {
    // As many viewers as may come from an address may also tell how they fare.
    const measuring = desk.buckets(rates.attendees);
    const rooms = desk.buckets(limits.http.room);
    const made = {
      ofAddress: desk.buckets(limits.identity.open.made),
      inRoom: desk.buckets(limits.madeInRoom),
    };
    /** Guesses of a passcode: from an address, and at a webinar from everywhere. */
    const guesses = { ofAddress: desk.buckets(GUESSES.ofAddress), inRoom: desk.buckets(GUESSES.inRoom) };
    const payForGuess = (c: Request, webinarId: string): void => {
      guesses.ofAddress.take(`${webinarId} ${desk.addressOf(c)}`, 'with a passcode from this address');
      guesses.inRoom.take(webinarId, 'with a passcode to this webinar');
    };
    /** Somebody new costs their address something, and the webinar they come to. */
    const payForIdentity = (c: Request, webinarId: string): void => {
      made.ofAddress.take(`${webinarId} ${desk.addressOf(c)}`, 'for new attendees from this address');
      made.inRoom.take(webinarId, 'for new attendees of this webinar');
    };

    app.post(ROUTES.createWebinar.path, async (c) => {
      desk.limit(c);
      const bearer = await desk.bearerOf(c);
      return c.json(await service.create(bearer, await jsonBody(c.req.raw, ROUTES.createWebinar.body)), 201);
    });
    app.get(ROUTES.listWebinars.path, async (c) => {
      desk.limit(c);
      return c.json(await service.list(await desk.bearerOf(c)));
    });
    app.get(ROUTES.getWebinar.path, async (c) => {
      desk.limit(c);
      return c.json(await service.get(await desk.bearerOf(c), c.req.param('id')));
    });
    app.get(ROUTES.quality.path, async (c) => {
      desk.limit(c);
      const rows = await service.quality(await desk.bearerOf(c), c.req.param('id'));
      return c.body(rows.map((row) => `${JSON.stringify(row)}\n`).join(''), 200, { 'content-type': NDJSON });
    });
    app.delete(ROUTES.cancelWebinar.path, async (c) => {
      desk.limit(c);
      return c.json(await service.cancel(await desk.bearerOf(c), c.req.param('id')));
    });
    app.delete(ROUTES.deleteRecording.path, async (c) => {
      desk.limit(c);
      return c.json(await service.deleteRecording(await desk.bearerOf(c), c.req.param('id')));
    });
    app.post(ROUTES.createLink.path, async (c) => {
      desk.limit(c);
      const bearer = await desk.bearerOf(c);
      const body = await jsonBody(c.req.raw, ROUTES.createLink.body);
      return c.json(await service.createLink(bearer, c.req.param('id'), body), 201);
    });
    app.get(ROUTES.listLinks.path, async (c) => {
      desk.limit(c);
      return c.json(await service.links(await desk.bearerOf(c), c.req.param('id')));
    });
    app.delete(ROUTES.revokeLink.path, async (c) => {
      desk.limit(c);
      const { id, linkId } = c.req.param();
      return c.json(await service.revokeLink(await desk.bearerOf(c), id, linkId));
    });
    app.delete(ROUTES.revokeLinks.path, async (c) => {
      desk.limit(c);
      return c.json(await service.revokeLinks(await desk.bearerOf(c), c.req.param('id')));
    });
    app.delete(ROUTES.removePerson.path, async (c) => {
      desk.limit(c);
      const { id, personId } = c.req.param();
      return c.json(await service.removePerson(await desk.bearerOf(c), id, personId));
    });
    app.delete(ROUTES.revokeOwnerLinks.path, async (c) => {
      desk.limit(c);
      return c.json(await service.revokeOwnerLinks(await desk.bearerOf(c)));
    });
    app.post(ROUTES.joinAsAttendee.path, async (c) => {
      desk.limitAudience(c);
      const present = c.req.header('authorization') === undefined ? null : await desk.identityOf(c);
      const body = await jsonBody(c.req.raw, ROUTES.joinAsAttendee.body);
      if (!present && body.passcode !== undefined) payForGuess(c, c.req.param('id'));
      if (!present) payForIdentity(c, c.req.param('id'));
      return c.json(await service.joinAsAttendee(c.req.param('id'), body, present), 201);
    });
    app.post(ROUTES.mediaRight.path, async (c) => {
      desk.limitAudience(c);
      const { right, cookies } = await service.mediaRight(await desk.bearerOf(c), c.req.param('id'));
      for (const cookie of cookies) c.header('set-cookie', cookie, { append: true });
      return c.json({ right });
    });
    app.get(ROUTES.publicWebinar.path, async (c) => {
      desk.limitAudience(c);
      rooms.take(c.req.param('id'), 'for this webinar');
      return c.json(await service.publicView(c.req.param('id')));
    });
    app.post(ROUTES.viewerMeasurements.path, async (c) => {
      measuring.take(desk.addressOf(c), 'from this address');
      metrics.viewers.add(await anyBody(c.req.raw, ViewerMeasurements, MAX_MEASUREMENTS_BYTES));
      return c.json({});
    });
  },
});
