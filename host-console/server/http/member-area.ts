import type { Started } from '../identity/accounts/account-service.ts';
import type { MemberService } from '../identity/accounts/member-service.ts';
import { sessionCookie } from '../identity/accounts/session-cookie.ts';
import type { SignInRates } from '../identity/limits.ts';
import { emailKey } from '../store/index.ts';
import { jsonBody } from './body.ts';
import type { Area, Request } from './desk.ts';
import { MEMBER_ROUTES as ROUTES } from './member-routes.ts';

export interface MemberAreaOptions {
  readonly members: MemberService;
  readonly rates: SignInRates;
  readonly publicUrl: () => string;
}

/** Who signs in, over HTTP: for owners, and for who was mailed a link. */
export const memberArea = ({ members, rates, publicUrl }: MemberAreaOptions): Area => ({
  routes: ROUTES,
  register(app, desk) {
    const attempts = desk.buckets(rates.address);
    const resets = desk.buckets(rates.both);
    /** For what strangers may ask. */
    const payAsStranger = (c: Request): void => {
      desk.limit(c);
      desk.refuseOtherSites(c);
      attempts.take(desk.addressOf(c), 'from this address');
    };
    const begin = (c: Request, { account, secret }: Started) => {
      c.header('set-cookie', sessionCookie(secret, publicUrl()), { append: true });
      return c.json(account, 201);
    };
    const userAgent = (c: Request): string => c.req.header('user-agent') ?? '';

    app.get(ROUTES.listMembers.path, async (c) => {
      desk.limit(c);
      return c.json(await members.list(await desk.bearerOf(c)));
    });
    app.patch(ROUTES.changeMember.path, async (c) => {
      desk.limit(c);
      const bearer = await desk.bearerOf(c);
      const { role } = await jsonBody(c.req.raw, ROUTES.changeMember.body);
      return c.json(await members.changeRole(bearer, c.req.param('accountId'), role));
    });
    app.delete(ROUTES.removeMember.path, async (c) => {
      desk.limit(c);
      await members.remove(await desk.bearerOf(c), c.req.param('accountId'));
      return c.json({});
    });
    app.post(ROUTES.inviteMember.path, async (c) => {
      desk.limit(c);
      const bearer = await desk.bearerOf(c);
      return c.json(await members.invite(bearer, await jsonBody(c.req.raw, ROUTES.inviteMember.body)), 201);
    });
    app.delete(ROUTES.withdrawInvitation.path, async (c) => {
      desk.limit(c);
      await members.withdraw(await desk.bearerOf(c), c.req.param('invitationId'));
      return c.json({});
    });
    app.post(ROUTES.lookAtInvitation.path, async (c) => {
      payAsStranger(c);
      const { secret } = await jsonBody(c.req.raw, ROUTES.lookAtInvitation.body);
      return c.json(await members.look(secret));
    });
    app.post(ROUTES.acceptInvitation.path, async (c) => {
      payAsStranger(c);
      const input = await jsonBody(c.req.raw, ROUTES.acceptInvitation.body);
      return begin(c, await members.accept(input, userAgent(c)));
    });
    app.post(ROUTES.askForReset.path, async (c) => {
      payAsStranger(c);
      const { email } = await jsonBody(c.req.raw, ROUTES.askForReset.body);
      // Nobody's mailbox is filled, from however many addresses.
      resets.take(emailKey(email), 'of this mail address');
      await members.askForReset(email);
      return c.json({});
    });
    app.post(ROUTES.useReset.path, async (c) => {
      payAsStranger(c);
      const input = await jsonBody(c.req.raw, ROUTES.useReset.body);
      return begin(c, await members.resetPassword(input, userAgent(c)));
    });
    app.get(ROUTES.listWebinarMembers.path, async (c) => {
      desk.limit(c);
      return c.json(await members.ofWebinar(await desk.bearerOf(c), c.req.param('id')));
    });
    app.put(ROUTES.assignMember.path, async (c) => {
      desk.limit(c);
      const bearer = await desk.bearerOf(c);
      const { here } = await jsonBody(c.req.raw, ROUTES.assignMember.body);
      const { id, accountId } = c.req.param();
      return c.json(await members.assign(bearer, id, accountId, here));
    });
    app.get(ROUTES.audit.path, async (c) => {
      desk.limit(c);
      return c.json(await members.audit(await desk.bearerOf(c), c.req.query('after') ?? null));
    });
  },
});
