import type { ApiTokens } from '../../identity/api-tokens.ts';
import type { Area } from '../desk.ts';
import { endpoints } from './endpoint.ts';
import type { Idempotency } from './idempotency.ts';
import { aboutProblem } from './problems.ts';
import { TOKEN_ROUTES as ROUTES } from './token-routes.ts';

export interface TokenAreaOptions {
  readonly tokens: ApiTokens;
  readonly idempotency: Idempotency;
}

/** The API's secrets over HTTP. */
export const tokenArea = ({ tokens, idempotency }: TokenAreaOptions): Area => ({
  routes: ROUTES,
  register(app, desk) {
    const endpoint = endpoints(app, desk, idempotency);
    endpoint(ROUTES.createApiToken, ({ bearer, body, keep }) => tokens.make(bearer, body, keep));
    endpoint(ROUTES.listApiTokens, ({ bearer }) => tokens.list(bearer));
    endpoint(ROUTES.revokeApiToken, ({ bearer, param }) => tokens.revoke(bearer, param('tokenId')));
    app.get(ROUTES.aboutProblem.path, (c) => {
      desk.limit(c);
      return c.json(aboutProblem(c.req.param('code')));
    });
  },
});
