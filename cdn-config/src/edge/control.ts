/** How an edge is told to forget a channel: `POST` to its control port, with the secret that both sides have. */

export interface EdgeControl {
  /** Where it listens: another address than viewers'. */
  readonly host: string;
  readonly port: number;
  /** Without it nothing is forgotten. */
  readonly secret: string;
}

export const EDGE_SECRET_HEADER = 'x-rostrum-secret';
const FORGET = '/forget/';

export const edgeForgetPath = (channelId: string): string => `${FORGET}${channelId}`;

/** Of a path that `edgeForgetPath` made; one group, the channel. For Varnish (PCRE2). */
export const EDGE_FORGET_PATTERN = `^${FORGET}([A-Za-z0-9_-]{4,64})$`;

/** What can stand in its configuration and in a header. */
export const EDGE_SECRET = /^[A-Za-z0-9_+/=-]{16,256}$/;
export const EDGE_SECRET_RULE = '16 to 256 of A-Z a-z 0-9 _ - + / =';
