import { PasscodeIsSet, RostrumError, SetPasscode } from '@rostrum/contracts';
import type { Passcodes } from '../identity/passcode.ts';
import { type Bearer, hosts } from '../identity/rights.ts';
import type { WebinarRepository } from '../store/index.ts';
import { jsonBody } from './body.ts';
import type { Area } from './desk.ts';
import type { Route } from './route.ts';

/** Operations on the passcode of a webinar. Nobody is told what it is. */
export const PASSCODE_ROUTES = {
  getPasscode: {
    method: 'get',
    path: '/api/webinars/:id/passcode',
    summary:
      'Whether a webinar has a passcode (owner, or its host). What it is nobody can say: a hash is kept.',
    bearer: true,
    body: null,
    status: 200,
    answer: PasscodeIsSet,
  },
  setPasscode: {
    method: 'post',
    path: '/api/webinars/:id/passcode',
    summary:
      'Sets the passcode of a webinar, or takes it away (owner, or its host). It is asked for where the plan says so (`join: passcode`), of who comes without a link.',
    bearer: true,
    body: SetPasscode,
    status: 200,
    answer: PasscodeIsSet,
  },
} as const satisfies Record<string, Route>;

export interface PasscodeAreaOptions {
  readonly webinars: Pick<WebinarRepository, 'find'>;
  readonly passcodes: Pick<Passcodes, 'set' | 'isSet'>;
}

export const passcodeArea = ({ webinars, passcodes }: PasscodeAreaOptions): Area => {
  const authorise = async (bearer: Bearer, webinarId: string): Promise<void> => {
    if (!hosts(bearer, webinarId)) {
      throw new RostrumError('forbidden', 'only the owner and the webinar’s host set its passcode');
    }
    if (!(await webinars.find(webinarId))) throw new RostrumError('not-found', 'no such webinar');
  };
  return {
    routes: PASSCODE_ROUTES,
    register(app, desk) {
      app.get(PASSCODE_ROUTES.getPasscode.path, async (c) => {
        desk.limit(c);
        const webinarId = c.req.param('id');
        await authorise(await desk.bearerOf(c), webinarId);
        return c.json({ isSet: await passcodes.isSet(webinarId) });
      });
      app.post(PASSCODE_ROUTES.setPasscode.path, async (c) => {
        desk.limit(c);
        const webinarId = c.req.param('id');
        const bearer = await desk.bearerOf(c);
        const { passcode } = await jsonBody(c.req.raw, PASSCODE_ROUTES.setPasscode.body);
        await authorise(bearer, webinarId);
        await passcodes.set(webinarId, passcode);
        return c.json({ isSet: passcode !== null });
      });
    },
  };
};
