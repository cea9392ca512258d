import type {
  AuditPage,
  ErrorCode,
  InvitationSummary,
  MemberList,
  OpenInvitation,
  OwnAccount,
  Result,
  SessionSummary,
} from '@rostrum/contracts';

const REQUEST_DEADLINE_MS = 15_000;

/** What pages for people who sign in ask. Answers failures, never throws. `token`: of the owner's link. */
async function ask<T>(method: string, path: string, body?: unknown, token?: string): Promise<Result<T>> {
  try {
    const response = await fetch(`/api${path}`, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(REQUEST_DEADLINE_MS),
      cache: 'no-store',
    });
    const answer = (await response.json()) as T & { error?: { code: ErrorCode; field?: string } };
    if (response.ok) return { ok: true, value: answer };
    const { code = 'internal', field } = answer.error ?? {};
    const message = `${method} ${path}: ${response.status}`;
    return { ok: false, error: { code, message, ...(field === undefined ? {} : { field }) } };
  } catch (error) {
    const message = `${method} ${path}: ${error instanceof Error ? error.message : 'failed'}`;
    return { ok: false, error: { code: 'unavailable', message } };
  }
}

type Locale = OwnAccount['locale'];
interface NewOwner {
  readonly name: string;
  readonly email: string;
  readonly password: string;
  readonly locale: Locale;
}

export const accountApi = {
  setUp: (token: string, owner: NewOwner) => ask<OwnAccount>('POST', '/setup', owner, token),
  signIn: (email: string, password: string) => ask<OwnAccount>('POST', '/session', { email, password }),
  signOut: () => ask<unknown>('DELETE', '/session'),
  own: () => ask<OwnAccount>('GET', '/account'),
  change: (change: { name?: string; locale?: Locale }) => ask<OwnAccount>('PATCH', '/account', change),
  changePassword: (current: string | null, next: string) =>
    ask<unknown>('POST', '/account/password', { current, next }),
  sessions: () => ask<{ sessions: SessionSummary[] }>('GET', '/account/sessions'),
  endSession: (sessionId: string) => ask<unknown>('DELETE', `/account/sessions/${sessionId}`),
  endOtherSessions: () => ask<unknown>('DELETE', '/account/sessions'),
  members: () => ask<MemberList>('GET', '/members'),
  setRole: (accountId: string, role: string) => ask<unknown>('PATCH', `/members/${accountId}`, { role }),
  removeMember: (accountId: string) => ask<unknown>('DELETE', `/members/${accountId}`),
  invite: (email: string, role: string) =>
    ask<{ invitation: InvitationSummary; url: string }>('POST', '/invitations', { email, role }),
  withdraw: (invitationId: string) => ask<unknown>('DELETE', `/invitations/${invitationId}`),
  lookAtInvitation: (secret: string) => ask<OpenInvitation>('POST', '/invitation', { secret }),
  accept: (secret: string, name: string, password: string, locale: Locale) =>
    ask<OwnAccount>('POST', '/invitation/accept', { secret, name, password, locale }),
  askForReset: (email: string) => ask<unknown>('POST', '/password-reset', { email }),
  reset: (secret: string, password: string) =>
    ask<OwnAccount>('POST', '/password-reset/use', { secret, password }),
  audit: (after: string | null) =>
    ask<AuditPage>('GET', `/audit${after === null ? '' : `?after=${encodeURIComponent(after)}`}`),
};
