import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PROFILES } from '@rostrum/contracts/profile';
import { CORS, cacheControl, type ResponseClass } from '../policy.ts';

/** Bytes of every part. */
export const PART_BYTES = 60_000;

/**
 * An origin as an edge sees one: holds every request with `_HLS_msn` until told, answers `/live/status/CODE` with that
 * status, and everything else with a part.
 */
export class HoldingOrigin {
  /** Requests it got, by URL. */
  readonly asked = new Map<string, number>();
  readonly #held = new Map<string, ServerResponse[]>();
  readonly #server = createServer((request, response) => {
    const url = request.url ?? '';
    this.asked.set(url, (this.asked.get(url) ?? 0) + 1);
    const status = /^\/live\/status\/(\d+)$/.exec(url)?.[1];
    if (status) answer(response, Number(status), 'error', `{"error":"${status}"}`);
    else if (url.includes('_HLS_msn')) this.#held.set(url, [...(this.#held.get(url) ?? []), response]);
    else answer(response, 200, 'media', Buffer.alloc(PART_BYTES, 7));
  });

  static async open(): Promise<HoldingOrigin> {
    const origin = new HoldingOrigin();
    origin.#server.listen(0, '127.0.0.1');
    await once(origin.#server, 'listening');
    return origin;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Resolves when it holds that many different requests. */
  async holds(count: number): Promise<void> {
    while (this.#held.size !== count) await new Promise((resolve) => setTimeout(resolve, 10));
  }

  /** Answers all it holds, each with its URL. */
  release(): void {
    for (const [url, responses] of this.#held) {
      for (const response of responses) answer(response, 200, 'playlist-awaited', url);
    }
    this.#held.clear();
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

function answer(response: ServerResponse, status: number, of: ResponseClass, body: string | Buffer): void {
  response.writeHead(status, {
    'cache-control': cacheControl(of, PROFILES.standard),
    'access-control-allow-origin': CORS.allowOrigin,
    'access-control-expose-headers': CORS.exposeHeaders.join(', '),
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}
