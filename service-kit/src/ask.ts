import { type ClientRequest, get as httpGet } from 'node:http';
import { get as httpsGet } from 'node:https';

/**
 * Asks a service of this machine. Its certificate may be for the name by which people know it, or be one that only they
 * trust: neither is the question here.
 */
export function askService(url: string): ClientRequest {
  return url.startsWith('https:')
    ? httpsGet(url, { agent: false, rejectUnauthorized: false })
    : httpGet(url, { agent: false });
}
