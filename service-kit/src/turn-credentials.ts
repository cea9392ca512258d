/** Time-limited credentials of a TURN server, as coturn's `use-auth-secret` takes them (the "TURN REST API" draft). */
import { createHmac } from 'node:crypto';

export interface TurnCredentials {
  /** `expiry:person`: Unix seconds, and a name that says who it is only to whoever has the secret. */
  readonly username: string;
  /** HMAC-SHA1 of the username, base64. Not for logs. */
  readonly credential: string;
}

/** What a TURN server with this secret takes as the password of a username. */
export const turnPassword = (secret: string, username: string): string =>
  createHmac('sha1', secret).update(username).digest('base64');

/**
 * Credentials of one person, good for `ttlS` seconds. All of a person's credentials have the same name after the colon, by which
 * the TURN server counts what they use.
 */
export function turnCredentials(options: {
  readonly secret: string;
  readonly personId: string;
  readonly ttlS: number;
  /** Unix time. */
  readonly nowMs: number;
}): TurnCredentials {
  const { secret, personId, ttlS, nowMs } = options;
  const person = createHmac('sha256', secret).update(`person ${personId}`).digest('hex').slice(0, 16);
  const username = `${Math.floor(nowMs / 1000) + ttlS}:${person}`;
  return { username, credential: turnPassword(secret, username) };
}
