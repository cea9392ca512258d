/**
 * A CloudFront to test against: REST and XML on a port of the system's, with state, ETags and who uses whom. It can be told to fail,
 * to throttle, to lose answers and to know of things late.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Account, type AccountOptions } from './account.ts';
import { Refusal, reordered, type Thing } from './families.ts';
import { type Answer, type Call, errorAnswer, type Fields, readCall, writeAnswer } from './wire.ts';

/** One exchange, as `judge.py` takes it. */
export interface Exchange {
  readonly operation: string;
  readonly method: string;
  readonly path: string;
  readonly request: string;
  readonly status: number;
  readonly response: string;
  /** Whether it changed something, or was meant to. */
  readonly changes: boolean;
}

/** What happens instead of an answer, or after it was carried out. */
export type Trouble =
  | { readonly kind: 'refuse'; readonly status: number; readonly code: string; readonly message?: string }
  /** Carried out, and nobody hears of it. */
  | { readonly kind: 'lose-answer' }
  /** The connection breaks before anything is done. */
  | { readonly kind: 'hang-up' };

export const STUB_CREDENTIALS = { accessKeyId: 'AKIASTUB', secretAccessKey: 'stub' } as const;

export class CloudFrontStub {
  readonly exchanges: Exchange[] = [];
  /** Asked before each operation; the count is of operations so far. */
  trouble: (operation: string, count: number) => Trouble | undefined = () => undefined;
  /** Told of each change that was carried out, before it is answered. */
  onChange: (operation: string, count: number) => Promise<void> | void = () => undefined;
  readonly account: Account;
  #changes = 0;
  readonly #server = createServer((request, response) => {
    this.#answer(request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });

  private constructor(options: AccountOptions) {
    this.account = new Account(options);
  }

  static async open(options: AccountOptions = {}): Promise<CloudFrontStub> {
    const stub = new CloudFrontStub(options);
    stub.#server.listen(0, '127.0.0.1');
    await once(stub.#server, 'listening');
    return stub;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  /** What stands, by noun: for assertions, and for somebody else's hand. */
  things(noun: string): Thing[] {
    return this.account.things(noun);
  }

  /** All that stands, without ids and times: two runs that come to the same compare equal. */
  picture(): string {
    return this.account.picture();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const { method = '', url: path = '' } = request;
    const call = readCall(method, new URL(path, this.url), request.headers, body);
    const operation = call?.operation.name ?? 'unknown';
    const trouble = this.trouble(operation, this.exchanges.length + 1);
    if (trouble?.kind === 'hang-up') {
      request.socket.destroy();
      return;
    }
    const answer = this.#answered(call, request, trouble);
    const changes = !/^(Get|List)/.test(operation);
    this.exchanges.push({
      ...{ operation, method, path, request: body, changes },
      ...{ status: answer.status, response: answer.body },
    });
    if (changes && answer.status < 300) {
      this.#changes += 1;
      await this.onChange(operation, this.#changes);
    }
    if (trouble?.kind === 'lose-answer') request.socket.destroy();
    else response.writeHead(answer.status, answer.headers).end(answer.body);
  }

  #answered(call: Call | undefined, request: IncomingMessage, trouble: Trouble | undefined): Answer {
    const credential = /Credential=([^/]+)\//.exec(request.headers.authorization ?? '')?.[1];
    if (credential !== STUB_CREDENTIALS.accessKeyId)
      return errorAnswer(
        403,
        'InvalidClientTokenId',
        'The security token included in the request is invalid.',
      );
    if (trouble?.kind === 'refuse')
      return errorAnswer(trouble.status, trouble.code, trouble.message ?? trouble.code);
    if (!call)
      return errorAnswer(404, 'UnknownOperation', `no operation for ${request.method} ${request.url}`);
    try {
      return writeAnswer(
        call.operation,
        reordered(this.account.done(call.operation.name, call.input)) as Fields,
      );
    } catch (error) {
      if (error instanceof Refusal) return errorAnswer(error.status, error.code, error.message);
      throw error;
    }
  }
}
