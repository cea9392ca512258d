import type { Server } from 'node:http';
import type { Http2SecureServer } from 'node:http2';
import { type ConnectionLimits, guardConnections } from '@rostrum/service-kit/connections';

/** 128 KiB in 30 s are a third of what sound alone needs: nobody who plays is that slow. */
export const CONNECTION_LIMITS: ConnectionLimits = {
  takenWithinMs: 30_000,
  leastBytes: 128 * 1024,
  streamMs: 75_000,
  headersMs: 15_000,
  pipelined: 16,
};

const UNREADABLE_CODES = {
  400: 'bad-request',
  408: 'request-timeout',
  413: 'too-large',
  431: 'too-large',
} as const;

/** As `guardConnections`, with the origin's answers. */
export const guardOrigin = (
  server: Server | Http2SecureServer,
  limits: ConnectionLimits = CONNECTION_LIMITS,
): (() => void) =>
  guardConnections(server, limits, {
    unreadable: (status) => `${JSON.stringify({ error: UNREADABLE_CODES[status] })}\n`,
    methods: 'GET, HEAD, OPTIONS',
  });
