import type { AccountService, Started } from '../identity/accounts/account-service.ts';
import { noSessionCookie, sessionCookie } from '../identity/accounts/session-cookie.ts';
import type { SignInRates } from '../identity/limits.ts';
import { emailKey } from '../store/index.ts';
import { ACCOUNT_ROUTES as ROUTES } from './account-routes.ts';
import { jsonBody } from './body.ts';
import type { Area, Request } from './desk.ts';

export interface AccountAreaOptions {
  readonly accounts: AccountService;
  readonly rates: SignInRates;
  readonly publicUrl: () => string;
}

/** Signing in and out, and one's own account, over HTTP. */
export const accountArea = ({ accounts, rates, publicUrl }: AccountAreaOptions): Area => ({
  routes: ROUTES,
  register(app, desk) {
    const attempts = {
      ofAddress: desk.buckets(rates.address),
      ofAccount: desk.buckets(rates.account),
      ofBoth: desk.buckets(rates.both),
    };
    /** Whoever guesses pays, before anything is looked up: the answer is the same whether or not there is the account. */
    const payForAttempt = (c: Request, email: string): void => {
      const [address, account] = [desk.addressOf(c), emailKey(email)];
      attempts.ofAddress.take(address, 'to sign in from this address');
      attempts.ofBoth.take(`${address} ${account}`, 'to sign in with this address');
      attempts.ofAccount.take(account, 'to sign in with this address');
    };
    const begin = (c: Request, { account, secret }: Started) => {
      c.header('set-cookie', sessionCookie(secret, publicUrl()), { append: true });
      return c.json(account, 201);
    };
    const userAgent = (c: Request): string => c.req.header('user-agent') ?? '';

    app.post(ROUTES.setUpOwner.path, async (c) => {
      desk.limit(c);
      desk.refuseOtherSites(c);
      const bearer = await desk.bearerOf(c);
      const input = await jsonBody(c.req.raw, ROUTES.setUpOwner.body);
      return begin(c, await accounts.setUp(bearer, input, userAgent(c)));
    });
    app.post(ROUTES.signIn.path, async (c) => {
      desk.limit(c);
      desk.refuseOtherSites(c);
      const input = await jsonBody(c.req.raw, ROUTES.signIn.body);
      payForAttempt(c, input.email);
      return begin(c, await accounts.signIn(input, userAgent(c)));
    });
    app.delete(ROUTES.signOut.path, async (c) => {
      desk.limit(c);
      const bearer = await desk.bearerOf(c);
      await accounts.signOut(bearer, desk.accountIn(bearer));
      c.header('set-cookie', noSessionCookie(publicUrl()), { append: true });
      return c.json({});
    });
    app.get(ROUTES.ownAccount.path, async (c) => {
      desk.limit(c);
      return c.json(await accounts.own(await desk.accountOf(c)));
    });
    app.patch(ROUTES.changeOwnAccount.path, async (c) => {
      desk.limit(c);
      const account = await desk.accountOf(c);
      return c.json(await accounts.change(account, await jsonBody(c.req.raw, ROUTES.changeOwnAccount.body)));
    });
    app.post(ROUTES.changePassword.path, async (c) => {
      desk.limit(c);
      const account = await desk.accountOf(c);
      const input = await jsonBody(c.req.raw, ROUTES.changePassword.body);
      // Whoever sits at somebody's open browser guesses no more than a stranger.
      payForAttempt(c, account.accountId);
      await accounts.changePassword(account, input);
      return c.json({});
    });
    app.get(ROUTES.listSessions.path, async (c) => {
      desk.limit(c);
      return c.json(await accounts.sessions(await desk.accountOf(c)));
    });
    app.delete(ROUTES.endSession.path, async (c) => {
      desk.limit(c);
      const bearer = await desk.bearerOf(c);
      await accounts.endSession(bearer, desk.accountIn(bearer), c.req.param('sessionId'));
      return c.json({});
    });
    app.delete(ROUTES.endOtherSessions.path, async (c) => {
      desk.limit(c);
      const bearer = await desk.bearerOf(c);
      await accounts.endOtherSessions(bearer, desk.accountIn(bearer));
      return c.json({});
    });
  },
});
