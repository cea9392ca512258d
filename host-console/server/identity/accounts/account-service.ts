import {
  type ChangeOwnAccount,
  type ChangePassword,
  type OwnAccount,
  RostrumError,
  type SessionSummary,
  type SetUpOwner,
  type SignIn,
  type SignInMethod,
} from '@rostrum/contracts';
import type { z } from 'zod';
import type { Clock, Ids } from '../../ports.ts';
import { type AccountWithHash, emailKey, type Store, type Tx } from '../../store/index.ts';
import type { Bearer, SignedIn } from '../rights.ts';
import type { Passwords } from './passwords.ts';
import { hashOf, newSecret, SESSION_MS } from './session-cookie.ts';

/** What is done, as the log of it says it. */
export type AuditAction =
  | 'owner.made'
  | 'owner.recovered'
  | 'session.started'
  | 'session.ended'
  | 'sessions.ended'
  | 'account.changed'
  | 'password.changed'
  | 'password.resetAsked'
  | 'password.reset'
  | 'member.invited'
  | 'member.joined'
  | 'member.changed'
  | 'member.removed'
  | 'invitation.withdrawn'
  | 'webinar.assigned';

export interface AccountServiceOptions {
  readonly store: Pick<Store, 'database' | 'accounts' | 'sessions' | 'audit' | 'installation'>;
  readonly passwords: Passwords;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Sessions ended, or somebody is somebody else now: whoever is connected by them is looked at. */
  readonly sessionsChanged: () => void;
  /** The owner's link was used up. */
  readonly ownerLinksRevoked: () => void;
}

/** A browser in which somebody is signed in from now on. */
export interface Started {
  readonly account: OwnAccount;
  /** For its cookie. */
  readonly secret: string;
}

/** Says in a row of the log who did something. */
export type Actor = { readonly accountId: string; readonly name: string };

/** Accounts and their sessions. Parsed input in, contract bodies out; whoever asks was identified. */
export class AccountService {
  readonly #o: AccountServiceOptions;

  constructor(options: AccountServiceOptions) {
    this.#o = options;
  }

  /**
   * Makes the owner's account by the owner's link, which opens nothing afterwards. Where there is an account of this address, which
   * is what somebody does who cannot sign in any more, it is given the password and owns the installation. Throws
   * `unauthenticated` where the link was used in the meantime.
   */
  async setUp(bearer: Bearer, input: z.output<typeof SetUpOwner>, userAgent: string): Promise<Started> {
    if (bearer.role !== 'owner' || bearer.account) {
      throw new RostrumError('forbidden', 'this is for the owner’s link');
    }
    const { store, passwords } = this.#o;
    const passwordHash = await passwords.hash(input.password);
    const known = await store.accounts.byEmail(input.email);
    const { name, locale } = input;
    const account: AccountWithHash = known
      ? { ...known, name, locale, role: 'owner', passwordHash }
      : {
          ...{ accountId: this.#o.ids.next(), email: input.email, name, locale, role: 'owner', passwordHash },
          createdUnixMs: this.#o.clock.nowUnixMs(),
        };
    const started = await store.database.transact(async (tx) => {
      if (!(await store.installation.useOwnerLinks(tx, bearer.generation))) {
        throw new RostrumError('unauthenticated', 'the link was used already');
      }
      const { accountId } = account;
      if (known) {
        await store.accounts.change(tx, accountId, { name, locale, role: 'owner', passwordHash });
        await store.sessions.endAll(tx, accountId, null);
      } else await store.accounts.add(tx, account);
      const action = known ? 'owner.recovered' : 'owner.made';
      await this.note(tx, account, action, { email: account.email });
      return this.start(tx, account, 'setup', userAgent);
    });
    this.#o.ownerLinksRevoked();
    if (known) this.#o.sessionsChanged();
    return started;
  }

  /** Throws `unauthenticated` for a wrong password as for an address that nobody has, after the same work. */
  async signIn({ email, password }: z.output<typeof SignIn>, userAgent: string): Promise<Started> {
    const { store, passwords } = this.#o;
    const account = await store.accounts.byEmail(email);
    const hash = account?.passwordHash ?? null;
    const right = await passwords.verify(hash, password);
    if (!account || hash === null || !right) {
      throw new RostrumError('unauthenticated', 'no such address and password');
    }
    const anew = passwords.isOld(hash) ? await passwords.hash(password) : null;
    return store.database.transact(async (tx) => {
      if (anew !== null) await store.accounts.change(tx, account.accountId, { passwordHash: anew });
      return this.start(tx, account, 'password', userAgent);
    });
  }

  /** Signs somebody in, with a row in the log of what was done. */
  async start(tx: Tx, account: AccountWithHash, method: SignInMethod, userAgent: string): Promise<Started> {
    const { clock, ids, store } = this.#o;
    const secret = newSecret();
    const createdUnixMs = clock.nowUnixMs();
    await store.sessions.add(tx, {
      sessionId: ids.next(),
      accountId: account.accountId,
      tokenHash: hashOf(secret),
      createdUnixMs,
      expiresUnixMs: createdUnixMs + SESSION_MS,
      userAgent: plain(userAgent),
      method,
    });
    await this.note(tx, account, 'session.started', { method });
    return { account: ownAccount(account), secret };
  }

  async signOut(bearer: Bearer, { accountId, sessionId }: SignedIn): Promise<void> {
    const { store } = this.#o;
    await store.database.transact(async (tx) => {
      await store.sessions.end(tx, accountId, sessionId);
      await this.note(tx, { accountId, name: bearer.name }, 'session.ended', {});
    });
    this.#o.sessionsChanged();
  }

  async own({ accountId }: SignedIn): Promise<OwnAccount> {
    return ownAccount(await this.#account(accountId));
  }

  async change({ accountId }: SignedIn, change: z.output<typeof ChangeOwnAccount>): Promise<OwnAccount> {
    const { store } = this.#o;
    const account = await this.#account(accountId);
    const { name = account.name, locale = account.locale } = change;
    await store.database.transact(async (tx) => {
      await store.accounts.change(tx, accountId, { name, locale });
      await this.note(tx, account, 'account.changed', { name, locale });
    });
    return ownAccount({ ...account, name, locale });
  }

  /** Ends every other session of theirs. Throws `forbidden` where the current password is another one. */
  async changePassword(
    { accountId, sessionId }: SignedIn,
    { current, next }: z.output<typeof ChangePassword>,
  ): Promise<void> {
    const { store, passwords } = this.#o;
    const account = await this.#account(accountId);
    const mayWithout = account.passwordHash === null && current === null;
    if (!mayWithout && !(await passwords.verify(account.passwordHash, current ?? ''))) {
      throw new RostrumError('forbidden', 'the current password is another one', { field: 'current' });
    }
    refuseEasy(next, account);
    const passwordHash = await passwords.hash(next);
    await store.database.transact(async (tx) => {
      await store.accounts.change(tx, accountId, { passwordHash });
      await store.sessions.endAll(tx, accountId, sessionId);
      await this.note(tx, account, 'password.changed', {});
    });
    this.#o.sessionsChanged();
  }

  async sessions({ accountId, sessionId }: SignedIn): Promise<{ sessions: SessionSummary[] }> {
    const sessions = await this.#o.store.sessions.of(accountId, this.#o.clock.nowUnixMs());
    return { sessions: sessions.map((one) => ({ ...one, current: one.sessionId === sessionId })) };
  }

  /** Ends one of their own. Throws `not-found`. */
  async endSession(bearer: Bearer, { accountId }: SignedIn, sessionId: string): Promise<void> {
    const { store } = this.#o;
    await store.database.transact(async (tx) => {
      if (!(await store.sessions.end(tx, accountId, sessionId))) {
        throw new RostrumError('not-found', 'no such session');
      }
      await this.note(tx, { accountId, name: bearer.name }, 'session.ended', {});
    });
    this.#o.sessionsChanged();
  }

  /** Ends all of theirs but the one that asks. */
  async endOtherSessions(bearer: Bearer, { accountId, sessionId }: SignedIn): Promise<void> {
    const { store } = this.#o;
    await store.database.transact(async (tx) => {
      await store.sessions.endAll(tx, accountId, sessionId);
      await this.note(tx, { accountId, name: bearer.name }, 'sessions.ended', {});
    });
    this.#o.sessionsChanged();
  }

  /** A row in the log of who did what, with what was done. */
  async note(
    tx: Tx,
    actor: Actor,
    action: AuditAction,
    subject: Readonly<Record<string, string>>,
  ): Promise<void> {
    const { store, ids, clock } = this.#o;
    await store.audit.add(tx, {
      auditId: ids.next(),
      atUnixMs: clock.nowUnixMs(),
      actor: actor.accountId,
      actorName: actor.name,
      action,
      subject,
    });
  }

  async #account(accountId: string): Promise<AccountWithHash> {
    const account = await this.#o.store.accounts.byId(accountId);
    if (!account) throw new RostrumError('unauthenticated', 'the account is gone');
    return account;
  }
}

export const ownAccount = ({
  accountId,
  name,
  email,
  role,
  locale,
  passwordHash,
}: AccountWithHash): OwnAccount => ({
  ...{ accountId, name, email, role, locale },
  hasPassword: passwordHash !== null,
});

/** What is tried first by whoever knows the account. Throws `bad-input`. */
export function refuseEasy(password: string, { email, name }: { email: string; name: string }): void {
  const said = password.toLowerCase();
  if ([emailKey(email), name.toLowerCase()].includes(said)) {
    throw new RostrumError('bad-input', 'the password is the name or the address', { field: 'password' });
  }
}

const MAX_USER_AGENT = 300;
/** What a browser says it is: anybody may say anything there. */
const plain = (text: string): string => text.replaceAll(/[^\x20-\x7e]/g, '').slice(0, MAX_USER_AGENT);
