import type {
  AddedRegistration,
  AddRegistration,
  AnsweredRegistrations,
  AnswerRegistrations,
  AttendanceSummary,
  ChangePlan,
  CreateWebinar,
  ErrorCode,
  Findings,
  ImportRegistrations,
  ImportReport,
  InviteSpeaker,
  Link,
  LinkSummary,
  MailFilter,
  MailList,
  MailSummary,
  MailView,
  ParticipantPage,
  PlannedWebinar,
  RegistrationPage,
  RegistrationStateName,
  Repeat,
  Result,
  SpeakerInvitation,
  WebinarList,
  WebinarSummary,
} from '@rostrum/contracts';
import { retryAfterOf, waitMs } from '@rostrum/contracts/patience';
import type { z } from 'zod';
import { fileNameFrom } from './disposition.ts';
import { isBySession } from './session-token.ts';

export type NewWebinar = z.input<typeof CreateWebinar>;

/** What is to be saved, and under which name. */
export interface SavedFile {
  readonly blob: Blob;
  readonly name: string;
}

export interface RegistrationSearch {
  readonly state?: RegistrationStateName;
  readonly search: string;
  readonly limit: number;
  readonly cursor?: string;
}

/** The coordinator's HTTP API as the dashboard uses it. Answers failures, never throws. */
export interface Api {
  /** Whether whoever asks is signed in, and comes by no link. */
  readonly bySession: boolean;
  listWebinars(): Promise<Result<WebinarList>>;
  getWebinar(webinarId: string): Promise<Result<WebinarSummary>>;
  createWebinar(webinar: NewWebinar): Promise<Result<WebinarSummary>>;
  /** What it is planned to be, as its editor has it. */
  getPlan(webinarId: string): Promise<Result<PlannedWebinar>>;
  changePlan(webinarId: string, change: ChangePlan): Promise<Result<PlannedWebinar>>;
  /** A draft with all that is planned of it but its time. */
  duplicateWebinar(webinarId: string): Promise<Result<WebinarSummary>>;
  /** Makes a series of it, ahead. */
  repeatWebinar(
    webinarId: string,
    repeat: z.input<typeof Repeat>,
  ): Promise<Result<{ readonly webinarIds: readonly string[] }>>;
  listInvitations(webinarId: string): Promise<Result<readonly SpeakerInvitation[]>>;
  /** Mails them a link of their own. */
  /** Whether the webinar has a passcode. */
  passcodeIsSet(webinarId: string): Promise<Result<boolean>>;
  setPasscode(webinarId: string, passcode: string | null): Promise<Result<unknown>>;
  inviteSpeaker(
    webinarId: string,
    speaker: z.input<typeof InviteSpeaker>,
  ): Promise<Result<SpeakerInvitation>>;
  revokeInvitation(webinarId: string, linkId: string): Promise<Result<unknown>>;
  listRegistrations(webinarId: string, query: RegistrationSearch): Promise<Result<RegistrationPage>>;
  answerRegistrations(
    webinarId: string,
    answers: AnswerRegistrations,
  ): Promise<Result<AnsweredRegistrations>>;
  addRegistration(webinarId: string, person: AddRegistration): Promise<Result<AddedRegistration>>;
  importRegistrations(webinarId: string, table: ImportRegistrations): Promise<Result<ImportReport>>;
  forgetRegistration(webinarId: string, registrationId: string): Promise<Result<unknown>>;
  /** Gives up a webinar without a recording. */
  cancelWebinar(webinarId: string): Promise<Result<WebinarSummary>>;
  /** Deletes an ended webinar's recording for good. */
  deleteRecording(webinarId: string): Promise<Result<WebinarSummary>>;
  /** Whether the installation is ready for an event. */
  readiness(webinarId: string): Promise<Result<Findings>>;
  /** How many came, and for how long. */
  attendance(webinarId: string): Promise<Result<AttendanceSummary>>;
  /** Who came: those after `cursor` whose name has `search` in it. */
  participants(
    webinarId: string,
    page: { readonly search: string; readonly cursor?: string },
  ): Promise<Result<ParticipantPage>>;
  /** A table to save; `path` below the webinar's. */
  table(webinarId: string, path: string): Promise<Result<SavedFile>>;
  createLink(webinarId: string, role: Link['role'], name: string): Promise<Result<Link>>;
  /** Those that were made for somebody, newest first. */
  listLinks(webinarId: string): Promise<Result<LinkSummary[]>>;
  revokeLink(webinarId: string, linkId: string): Promise<Result<unknown>>;
  /** All of the webinar's, attendees' too. For the owner. */
  revokeLinks(webinarId: string): Promise<Result<unknown>>;
  removePerson(webinarId: string, personId: string): Promise<Result<unknown>>;
  /** What is mailed, 50 at a time; `after` is `next` of the page before. For the owner. */
  listMails(show: MailFilter, after: string | null): Promise<Result<MailList>>;
  getMail(mailId: string): Promise<Result<MailView>>;
  sendMailAgain(mailId: string): Promise<Result<MailSummary>>;
  /** Every link of the owner but the one that is answered. */
  revokeOwnerLinks(): Promise<Result<{ readonly url: string }>>;
}

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

const REQUEST_DEADLINE_MS = 10_000;
/** A busy server is asked again, when it says; after this the person is told. */
const PATIENCE_MS = 20_000;
const FIRST_PAUSE_MS = 500;

const failure = (code: ErrorCode, message: string, field?: string): Result<never> => ({
  ok: false,
  error: { code, message, ...(field === undefined ? {} : { field }) },
});

/** @param token the owner's, sent as `Bearer`; or what stands for a session (`session-token.ts`). */
export function createApi(token: string): Api {
  async function request<T>(
    method: Method,
    path: string,
    body?: unknown,
    read?: (response: Response) => Promise<T>,
  ): Promise<Result<T>> {
    const untilMs = performance.now() + PATIENCE_MS;
    for (let ownMs = FIRST_PAUSE_MS; ; ownMs *= 2) {
      const { result, askAgain } = await requestOnce<T>(method, path, body, read);
      if (!askAgain) return result;
      const pauseMs = waitMs(ownMs, askAgain.afterMs, Math.random());
      if (performance.now() + pauseMs > untilMs) return result;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  /** `askAgain`: nothing was done, or asking twice is asking once. */
  async function requestOnce<T>(
    method: Method,
    path: string,
    body: unknown,
    read: ((response: Response) => Promise<T>) | undefined,
  ): Promise<{ result: Result<T>; askAgain: { readonly afterMs: number | null } | null }> {
    try {
      const response = await fetch(`/api${path}`, {
        method,
        headers: {
          ...(isBySession(token) ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(REQUEST_DEADLINE_MS),
        cache: 'no-store',
      });
      if (response.ok && read) return { result: { ok: true, value: await read(response) }, askAgain: null };
      const answer: unknown = await response.json();
      if (response.ok) return { result: { ok: true, value: answer as T }, askAgain: null };
      const { status, headers } = response;
      const { code = 'internal', field } = failureOf(answer);
      const mayRepeat = status === 429 || (status === 503 && method !== 'POST');
      return {
        result: failure(code, `${method} ${path}: ${status}`, field),
        askAgain: mayRepeat ? { afterMs: retryAfterOf(headers) } : null,
      };
    } catch (error) {
      const message = `${method} ${path}: ${error instanceof Error ? error.message : 'failed'}`;
      return { result: failure('unavailable', message), askAgain: null };
    }
  }

  return {
    bySession: isBySession(token),
    listWebinars: () => request('GET', '/webinars'),
    getWebinar: (webinarId) => request('GET', `/webinars/${webinarId}`),
    getPlan: (webinarId) => request('GET', `/webinars/${webinarId}/plan`),
    changePlan: (webinarId, change) => request('PATCH', `/webinars/${webinarId}/plan`, change),
    duplicateWebinar: (webinarId) => request('POST', `/webinars/${webinarId}/duplicate`),
    repeatWebinar: (webinarId, repeat) => request('POST', `/webinars/${webinarId}/series`, repeat),
    async listInvitations(webinarId) {
      const path = `/webinars/${webinarId}/invitations`;
      const result = await request<{ invitations: SpeakerInvitation[] }>('GET', path);
      return result.ok ? { ok: true, value: result.value.invitations } : result;
    },
    async passcodeIsSet(webinarId) {
      const result = await request<{ isSet: boolean }>('GET', `/webinars/${webinarId}/passcode`);
      return result.ok ? { ok: true, value: result.value.isSet } : result;
    },
    setPasscode: (webinarId, passcode) => request('POST', `/webinars/${webinarId}/passcode`, { passcode }),
    inviteSpeaker: (webinarId, speaker) => request('POST', `/webinars/${webinarId}/invitations`, speaker),
    revokeInvitation: (webinarId, linkId) =>
      request('DELETE', `/webinars/${webinarId}/invitations/${linkId}`),
    listRegistrations: (webinarId, query) => {
      const asked = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
      return request('GET', `/webinars/${webinarId}/registrations?${asked}`);
    },
    answerRegistrations: (webinarId, answers) =>
      request('POST', `/webinars/${webinarId}/registrations/answers`, answers),
    addRegistration: (webinarId, person) => request('POST', `/webinars/${webinarId}/registrations`, person),
    importRegistrations: (webinarId, table) =>
      request('POST', `/webinars/${webinarId}/registrations/import`, table),
    forgetRegistration: (webinarId, registrationId) =>
      request('DELETE', `/webinars/${webinarId}/registrations/${registrationId}`),
    cancelWebinar: (webinarId) => request('DELETE', `/webinars/${webinarId}`),
    deleteRecording: (webinarId) => request('DELETE', `/webinars/${webinarId}/recording`),
    createWebinar: (webinar) => request('POST', '/webinars', webinar),
    readiness: (webinarId) => request('GET', `/webinars/${webinarId}/readiness`),
    attendance: (webinarId) => request('GET', `/webinars/${webinarId}/attendance`),
    participants: (webinarId, page) =>
      request(
        'GET',
        `/webinars/${webinarId}/participants?${new URLSearchParams(
          Object.entries(page).filter(([, value]) => value !== ''),
        )}`,
      ),
    table: (webinarId, path) =>
      request<SavedFile>('GET', `/webinars/${webinarId}/${path}`, undefined, async (response) => ({
        blob: await response.blob(),
        name: fileNameFrom(response.headers.get('content-disposition')) ?? 'table.csv',
      })),
    createLink: (webinarId, role, name) => request('POST', `/webinars/${webinarId}/links`, { role, name }),
    async listLinks(webinarId) {
      const result = await request<{ links: LinkSummary[] }>('GET', `/webinars/${webinarId}/links`);
      return result.ok ? { ok: true, value: result.value.links } : result;
    },
    revokeLink: (webinarId, linkId) => request('DELETE', `/webinars/${webinarId}/links/${linkId}`),
    revokeLinks: (webinarId) => request('DELETE', `/webinars/${webinarId}/links`),
    removePerson: (webinarId, personId) => request('DELETE', `/webinars/${webinarId}/people/${personId}`),
    listMails: (show, after) =>
      request('GET', `/mails?show=${show}${after === null ? '' : `&after=${after}`}`),
    getMail: (mailId) => request('GET', `/mails/${mailId}`),
    sendMailAgain: (mailId) => request('POST', `/mails/${mailId}/again`, {}),
    revokeOwnerLinks: () => request('DELETE', '/owner/links'),
  };
}

/** Code and field of `{error: Failure}`; nothing of what is none. */
function failureOf(answer: unknown): { readonly code?: ErrorCode; readonly field?: string } {
  if (typeof answer !== 'object' || answer === null) return {};
  const body = 'error' in answer ? answer.error : null;
  if (typeof body !== 'object' || body === null || !('code' in body) || typeof body.code !== 'string')
    return {};
  const field = 'field' in body && typeof body.field === 'string' ? { field: body.field } : {};
  return { code: body.code as ErrorCode, ...field };
}
