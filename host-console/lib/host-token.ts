import type { Result } from '@rostrum/contracts';
import { type Api, createApi } from './api.ts';
import { bySessionInto } from './session-token.ts';

const KEY = 'rostrum.host.';
/** A link about to expire would end in the middle of the show. */
const MARGIN_MS = 12 * 3_600_000;

/**
 * The owner's own host link of a webinar. Kept in this browser, so that opening the control room again is the same
 * person and not one host more.
 */
export async function hostTokenOf(api: Api, webinarId: string): Promise<Result<string>> {
  if (api.bySession) return { ok: true, value: bySessionInto(webinarId) };
  const kept = parse(localStorage.getItem(KEY + webinarId));
  if (kept && kept.expiresUnixMs > Date.now() + MARGIN_MS && (await stillOpens(kept.token, webinarId))) {
    return { ok: true, value: kept.token };
  }
  const result = await api.createLink(webinarId, 'host', 'Host');
  if (!result.ok) return result;
  const { token, expiresUnixMs } = result.value;
  localStorage.setItem(KEY + webinarId, JSON.stringify({ token, expiresUnixMs }));
  return { ok: true, value: token };
}

/** It may have been revoked, or its person removed; where nobody answers it is taken to be good. */
async function stillOpens(token: string, webinarId: string): Promise<boolean> {
  const seen = await createApi(token).getWebinar(webinarId);
  return seen.ok || seen.error.code !== 'unauthenticated';
}

function parse(text: string | null): { token: string; expiresUnixMs: number } | null {
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return null;
    if (!('token' in value) || !('expiresUnixMs' in value)) return null;
    const { token, expiresUnixMs } = value;
    return typeof token === 'string' && typeof expiresUnixMs === 'number' ? { token, expiresUnixMs } : null;
  } catch {
    // Somebody else wrote there: as good as nothing.
    return null;
  }
}
