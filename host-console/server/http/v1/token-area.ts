import type { ApiTokens } from '../../identity/api-tokens.ts';
import { jsonBody } from '../body.ts';
import type { Area } from '../desk.ts';
import { aboutProblem } from './problems.ts';
import { TOKEN_ROUTES as ROUTES } from './token-routes.ts';

/** The API's secrets over HTTP. */
export const tokenArea = ({ tokens }: { readonly tokens: ApiTokens }): Area => ({
  routes: ROUTES,
  register(app, desk) {
    app.post(ROUTES.createApiToken.path, async (c) => {
      desk.limit(c);
      const bearer = await desk.bearerOf(c);
      return c.json(await tokens.make(bearer, await jsonBody(c.req.raw, ROUTES.createApiToken.body)), 201);
    });
    app.get(ROUTES.listApiTokens.path, async (c) => {
      desk.limit(c);
      return c.json(await tokens.list(await desk.bearerOf(c)));
    });
    app.delete(ROUTES.revokeApiToken.path, async (c) => {
      desk.limit(c);
      return c.json(await tokens.revoke(await desk.bearerOf(c), c.req.param('tokenId')));
    });
    app.get(ROUTES.aboutProblem.path, (c) => {
      desk.limit(c);
      return c.json(aboutProblem(c.req.param('code')));
    });
  },
});
