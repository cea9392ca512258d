import type { AttendeeToken, MediaRight, PublicWebinar, WatchConfig } from '@rostrum/contracts/http-api';
import { retryAfterOf } from '@rostrum/contracts/patience';
import type { PhaseView } from '@rostrum/contracts/view';
import type { Keep } from '@rostrum/room-client/keep';
import { expiryOf } from './address.ts';

/** Who this browser is in a webinar. `kept` ones were made by this page and may be made anew; a link's own may not. */
export interface Admission {
  readonly token: string;
  readonly kept: boolean;
  /** False while they are the silent "Guest": a first question or hand asks for a name. */
  readonly named: boolean;
}

/**
 * `unknown`: no such webinar; `passcode`: it wants one, or another; `refused`: the token that was shown does not hold; `bad-name`: the name will not be taken as
 * it is; `name-taken`: it could be taken for somebody else's; `busy`: there, but not now; `unreachable`: try again.
 */
type AdmissionProblem =
  | 'unknown'
  | 'passcode'
  | 'refused'
  | 'bad-name'
  | 'name-taken'
  | 'busy'
  | 'unreachable';

export class AdmissionError extends Error {
  readonly code: AdmissionProblem;
  /** How long the server asks to wait; null where it says nothing. */
  readonly retryAfterMs: number | null;
  constructor(code: AdmissionProblem, message: string, retryAfterMs: number | null = null) {
    super(message);
    this.name = 'AdmissionError';
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

const has = <K extends string>(value: unknown, key: K): value is Record<K, unknown> =>
  typeof value === 'object' && value !== null && key in value;

async function requestJson(url: string, init?: RequestInit): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(url, { ...init, signal: AbortSignal.timeout(8000) });
  } catch (error) {
    throw new AdmissionError('unreachable', String(error));
  }
  const { ok, status, headers } = response;
  if (!ok) {
    const wants = status === 401 && (await fieldOf(response)) === 'passcode';
    throw new AdmissionError(
      wants ? 'passcode' : problemOf(status),
      `${url}: ${status}`,
      retryAfterOf(headers),
    );
  }
  return response.json().catch((error: unknown) => {
    throw new AdmissionError('unreachable', String(error));
  });
}

/** What of the request an error names; null: nothing. */
async function fieldOf(response: Response): Promise<unknown> {
  const body: unknown = await response.json().catch(() => null);
  return has(body, 'error') && has(body.error, 'field') ? body.error.field : null;
}

function problemOf(status: number): AdmissionProblem {
  if (status === 404) return 'unknown';
  if (status === 400) return 'bad-name';
  if (status === 409) return 'name-taken';
  if (status === 429 || status === 503) return 'busy';
  return status === 401 || status === 403 ? 'refused' : 'unreachable';
}

/** Reads the page's settings. Rejects with `AdmissionError`. */
export async function readConfig(url: string): Promise<WatchConfig> {
  const config = await requestJson(url);
  if (!has(config, 'coordinatorUrl') || typeof config.coordinatorUrl !== 'string') {
    throw new AdmissionError('unreachable', 'config.json: no coordinatorUrl');
  }
  return { coordinatorUrl: config.coordinatorUrl };
}

/** Reads the announcement; null when it cannot be had, since the connection tells the same a moment later. */
export async function readAnnouncement(
  coordinatorUrl: string,
  webinarId: string,
): Promise<PublicWebinar | null> {
  const answer = await requestJson(`${coordinatorUrl}/api/webinars/${webinarId}/public`).catch(() => null);
  if (!has(answer, 'title') || !has(answer, 'phase') || !has(answer, 'live')) return null;
  return answer as unknown as PublicWebinar;
}

/** The phase as far as the announcement tells it; null where only the connection will (the recording's address). */
export function announcedPhase({ phase, live }: PublicWebinar): PhaseView | null {
  if (phase === 'scheduled') return { phase };
  return phase === 'live' && live !== null ? { phase, ...live } : null;
}

/**
 * An attendee token: of somebody new, or, with the token that is `present`, of the same person under a new name.
 * Rejects with `AdmissionError`.
 */
export async function requestToken(
  coordinatorUrl: string,
  webinarId: string,
  name: string | null,
  present: string | null,
  passcode: string | null = null,
): Promise<AttendeeToken> {
  const answer = await requestJson(`${coordinatorUrl}/api/webinars/${webinarId}/attendees`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(present === null ? {} : { authorization: `Bearer ${present}` }),
    },
    body: JSON.stringify({ ...(name === null ? {} : { name }), ...(passcode === null ? {} : { passcode }) }),
  });
  if (!has(answer, 'token') || typeof answer.token !== 'string') {
    throw new AdmissionError('unreachable', 'attendees: no token');
  }
  return answer as unknown as AttendeeToken;
}

/**
 * Has the cookies set that a private webinar's media asks for; answers after how many ms they want to be renewed. Rejects with
 * `AdmissionError`.
 */
export async function requestRight(
  coordinatorUrl: string,
  webinarId: string,
  token: string | undefined,
): Promise<number> {
  const answer = await requestJson(`${coordinatorUrl}/api/webinars/${webinarId}/right`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    credentials: 'include',
  });
  return (answer as { right: NonNullable<MediaRight> }).right.renewAfterMs;
}

/** The kept admission of this webinar while it is still good for a while. */
export function keptAdmission(keep: Keep, webinarId: string, nowUnixMs: number): Admission | null {
  const stored = keep.read(`admission.${webinarId}`);
  if (stored === null) return null;
  try {
    const parsed: unknown = JSON.parse(stored);
    if (!has(parsed, 'token') || typeof parsed.token !== 'string') return null;
    if ((expiryOf(parsed.token) ?? 0) < nowUnixMs + 60_000) return null;
    return { token: parsed.token, kept: true, named: has(parsed, 'named') && parsed.named === true };
  } catch {
    return null;
  }
}

export function keepAdmission(keep: Keep, webinarId: string, admission: Admission | null): void {
  keep.write(
    `admission.${webinarId}`,
    admission === null ? null : JSON.stringify({ token: admission.token, named: admission.named }),
  );
}
