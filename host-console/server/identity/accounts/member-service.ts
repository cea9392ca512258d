import {
  type AcceptInvitation,
  type AccountRole,
  type AuditPage,
  type Invited,
  type InviteMember,
  type MemberList,
  type MemberSummary,
  type OpenInvitation,
  RostrumError,
  type UseReset,
  type WebinarMember,
} from '@rostrum/contracts';
import type { z } from 'zod';
import type { Outbox } from '../../mail/mail.ts';
import type { Clock, Ids } from '../../ports.ts';
import type { Account, AuditCursor, Store, WebinarRole } from '../../store/index.ts';
import { administers, type Bearer, hosts } from '../rights.ts';
import { type AccountService, type Actor, refuseEasy, type Started } from './account-service.ts';
import type { Passwords } from './passwords.ts';
import { hashOf, newSecret } from './session-cookie.ts';

const INVITATION_MS = 7 * 24 * 3_600_000;
const RESET_MINUTES = 60;
const AUDIT_PAGE = 50;

export interface MemberServiceOptions {
  readonly store: Pick<Store, 'database' | 'accounts' | 'sessions' | 'audit' | 'invitations' | 'webinars'>;
  readonly accounts: AccountService;
  readonly passwords: Passwords;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly publicUrl: () => string;
  readonly sessionsChanged: () => void;
}

/** Who signs in at all, and who of them runs which webinar. Parsed input, an identified bearer in, contract bodies out. */
export class MemberService {
  readonly #o: MemberServiceOptions;

  constructor(options: MemberServiceOptions) {
    this.#o = options;
  }

  async list(bearer: Bearer): Promise<MemberList> {
    administrator(bearer);
    const { store, clock } = this.#o;
    const members = await store.accounts.list();
    return { members: members.map(summary), invitations: await store.invitations.list(clock.nowUnixMs()) };
  }

  /** Mails somebody a link by which they make their account, in place of one that they were mailed before. Throws `conflict` where they have one. */
  async invite(
    bearer: Bearer,
    { email, role }: z.output<typeof InviteMember>,
  ): Promise<z.infer<typeof Invited>> {
    const actor = administrator(bearer);
    const { store, clock, ids, outbox, publicUrl, accounts } = this.#o;
    if (await store.accounts.byEmail(email))
      throw new RostrumError('conflict', 'they have an account already');
    const inviter = await this.#localeOf(bearer);
    const secret = newSecret();
    const createdUnixMs = clock.nowUnixMs();
    const invitation = {
      ...{ invitationId: ids.next(), email, role, inviter: actor.name },
      ...{ createdUnixMs, expiresUnixMs: createdUnixMs + INVITATION_MS },
    };
    const url = `${publicUrl()}/invitation#t=${secret}`;
    await store.database.transact(async (tx) => {
      const before = await store.invitations.add(tx, invitation, hashOf(secret));
      if (before !== null) await outbox.withdraw(tx, invitationMail(before));
      await outbox.add(tx, {
        key: invitationMail(invitation.invitationId),
        to: { address: email, name: null },
        locale: inviter,
        webinarId: null,
        dueUnixMs: createdUnixMs,
        content: { kind: 'invitation', inviter: actor.name, url },
      });
      await accounts.note(tx, actor, 'member.invited', { email, role });
    });
    return { invitation, url };
  }

  async withdraw(bearer: Bearer, invitationId: string): Promise<void> {
    const actor = administrator(bearer);
    const { store, outbox, accounts } = this.#o;
    await store.database.transact(async (tx) => {
      const taken = await store.invitations.take(tx, invitationId);
      if (!taken) throw new RostrumError('not-found', 'no such invitation');
      await outbox.withdraw(tx, invitationMail(invitationId));
      await accounts.note(tx, actor, 'invitation.withdrawn', { email: taken.email });
    });
  }

  /** What an invitation says. Throws `not-found`. */
  async look(secret: string): Promise<OpenInvitation> {
    const found = await this.#o.store.invitations.find(hashOf(secret), this.#o.clock.nowUnixMs());
    if (!found) throw new RostrumError('not-found', 'no such invitation');
    return { email: found.email, role: found.role, inviter: found.inviter };
  }

  /** Makes the account, of the address that was invited, and signs them in. Throws `not-found` also where it was used before. */
  async accept(input: z.output<typeof AcceptInvitation>, userAgent: string): Promise<Started> {
    const { store, clock, ids, passwords, accounts } = this.#o;
    const found = await store.invitations.find(hashOf(input.secret), clock.nowUnixMs());
    if (!found) throw new RostrumError('not-found', 'no such invitation');
    const { name, locale, password } = input;
    const { email, role } = found;
    refuseEasy(password, { email, name });
    const account = {
      ...{ accountId: ids.next(), email, name, role, locale },
      ...{ createdUnixMs: clock.nowUnixMs(), passwordHash: await passwords.hash(password) },
    };
    return store.database.transact(async (tx) => {
      if (!(await store.invitations.take(tx, found.invitationId))) {
        throw new RostrumError('not-found', 'no such invitation');
      }
      await store.accounts.add(tx, account);
      await accounts.note(tx, account, 'member.joined', { email, role });
      return accounts.start(tx, account, 'invitation', userAgent);
    });
  }

  /** Throws `conflict` for the last owner. */
  async changeRole(bearer: Bearer, accountId: string, role: AccountRole): Promise<MemberSummary> {
    const actor = administrator(bearer);
    const { store, accounts } = this.#o;
    const account = await this.#account(accountId);
    await store.database.transact(async (tx) => {
      await store.accounts.change(tx, accountId, { role });
      await this.#keepAnOwner(tx);
      await accounts.note(tx, actor, 'member.changed', { name: account.name, role });
    });
    this.#o.sessionsChanged();
    return summary({ ...account, role });
  }

  /** Takes somebody's account away with all that is its own; their webinars stay. Throws `conflict` for the last owner. */
  async remove(bearer: Bearer, accountId: string): Promise<void> {
    const actor = administrator(bearer);
    const { store, accounts } = this.#o;
    const account = await this.#account(accountId);
    await store.database.transact(async (tx) => {
      await store.accounts.remove(tx, accountId);
      await this.#keepAnOwner(tx);
      await accounts.note(tx, actor, 'member.removed', { name: account.name, email: account.email });
    });
    this.#o.sessionsChanged();
  }

  /**
   * Mails a link to choose another password by, where there is an account of this address. Nothing tells whoever asks, and it takes
   * a write either way.
   */
  async askForReset(email: string): Promise<void> {
    const { store, clock, outbox, publicUrl, accounts } = this.#o;
    const account = await store.accounts.byEmail(email);
    const secret = newSecret();
    const tokenHash = hashOf(secret);
    const nowUnixMs = clock.nowUnixMs();
    const expiresUnixMs = nowUnixMs + RESET_MINUTES * 60_000;
    await store.database.transact(async (tx) => {
      const reset = account && { accountId: account.accountId, tokenHash, expiresUnixMs };
      await store.invitations.addReset(tx, reset, nowUnixMs);
      if (!account) return;
      await outbox.add(tx, {
        key: `password-reset:${tokenHash}`,
        to: { address: account.email, name: account.name },
        locale: account.locale,
        webinarId: null,
        dueUnixMs: nowUnixMs,
        content: {
          kind: 'password-reset',
          url: `${publicUrl()}/reset#t=${secret}`,
          validMinutes: RESET_MINUTES,
        },
      });
      await accounts.note(tx, account, 'password.resetAsked', {});
    });
  }

  /** Sets the password by a link that was mailed: every session of theirs ends, and this one begins. Throws `not-found`. */
  async resetPassword({ secret, password }: z.output<typeof UseReset>, userAgent: string): Promise<Started> {
    const { store, clock, passwords, accounts } = this.#o;
    const passwordHash = await passwords.hash(password);
    const tokenHash = hashOf(secret);
    const started = await store.database.transact(async (tx) => {
      const accountId = await store.invitations.takeReset(tx, tokenHash, clock.nowUnixMs());
      const account = accountId === null ? null : await store.accounts.inTx(tx, accountId);
      if (!account) throw new RostrumError('not-found', 'no such link');
      refuseEasy(password, account);
      await store.accounts.change(tx, account.accountId, { passwordHash });
      await store.sessions.endAll(tx, account.accountId, null);
      await accounts.note(tx, account, 'password.reset', {});
      return accounts.start(tx, { ...account, passwordHash }, 'reset', userAgent);
    });
    this.#o.sessionsChanged();
    return started;
  }

  /** Who runs the webinar by their account, and who could. */
  async ofWebinar(bearer: Bearer, webinarId: string): Promise<{ members: WebinarMember[] }> {
    await this.#hosted(bearer, webinarId);
    const { store } = this.#o;
    const here = new Map(
      (await store.accounts.membersOf(webinarId)).map(({ account, role }) => [account.accountId, role]),
    );
    const all = await store.accounts.list();
    return {
      members: all.map(({ accountId, name, email, role }) => ({
        ...{ accountId, name, email, role },
        here: here.get(accountId) ?? null,
      })),
    };
  }

  /** Throws `not-found`, and `conflict` for a moderator who is to host. */
  async assign(
    bearer: Bearer,
    webinarId: string,
    accountId: string,
    here: WebinarRole | null,
  ): Promise<{ members: WebinarMember[] }> {
    await this.#hosted(bearer, webinarId);
    const { store, accounts } = this.#o;
    const account = await this.#account(accountId);
    if (account.role === 'moderator' && here === 'host') {
      throw new RostrumError('conflict', 'who moderates by their account hosts nothing');
    }
    await store.database.transact(async (tx) => {
      await store.accounts.assign(tx, webinarId, accountId, here);
      const subject = { name: account.name, webinarId, role: here ?? 'none' };
      await accounts.note(tx, actorOf(bearer), 'webinar.assigned', subject);
    });
    this.#o.sessionsChanged();
    return this.ofWebinar(bearer, webinarId);
  }

  /** Who did what, newest first. `after`: the `next` of the page before. */
  async audit(bearer: Bearer, after: string | null): Promise<AuditPage> {
    administrator(bearer);
    const rows = await this.#o.store.audit.page(AUDIT_PAGE + 1, cursorOf(after));
    const entries = rows.slice(0, AUDIT_PAGE);
    const last = entries.at(-1);
    const next = rows.length > AUDIT_PAGE && last ? `${last.atUnixMs}.${last.auditId}` : null;
    return { entries: entries.map((row) => ({ ...row, subject: { ...row.subject } })), next };
  }

  async #hosted(bearer: Bearer, webinarId: string): Promise<void> {
    if (!hosts(bearer, webinarId)) {
      throw new RostrumError('forbidden', 'only owners and the webinar’s host say who runs it');
    }
    if (!(await this.#o.store.webinars.find(webinarId)))
      throw new RostrumError('not-found', 'no such webinar');
  }

  async #keepAnOwner(tx: Parameters<Store['accounts']['owners']>[0]): Promise<void> {
    if ((await this.#o.store.accounts.owners(tx)) > 0) return;
    throw new RostrumError('conflict', 'there has to be an owner');
  }

  async #account(accountId: string): Promise<Account> {
    const account = await this.#o.store.accounts.byId(accountId);
    if (!account) throw new RostrumError('not-found', 'no such account');
    return account;
  }

  async #localeOf({ account }: Bearer): Promise<Account['locale']> {
    return (account && (await this.#o.store.accounts.byId(account.accountId))?.locale) ?? 'en';
  }
}

/** Who it is that administers. Throws `forbidden`. */
function administrator(bearer: Bearer): Actor {
  if (!administers(bearer)) throw new RostrumError('forbidden', 'this is for owners');
  return actorOf(bearer);
}

const actorOf = ({ account, personId, name }: Bearer): Actor => ({
  accountId: account?.accountId ?? personId,
  name,
});

const invitationMail = (invitationId: string): string => `invitation:${invitationId}`;

const summary = ({ accountId, name, email, role, createdUnixMs }: Account): MemberSummary => ({
  ...{ accountId, name, email, role, createdUnixMs },
});

function cursorOf(text: string | null): AuditCursor | null {
  if (text === null) return null;
  const [, atUnixMs, auditId] = /^(\d{1,15})\.([\w-]{4,64})$/.exec(text) ?? [];
  if (auditId === undefined) throw new RostrumError('bad-input', 'no such page', { field: 'after' });
  return { atUnixMs: Number(atUnixMs), auditId };
}
