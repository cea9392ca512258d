/** Stands in front of an S3 server and does to requests what networks and overloaded servers do. What it passes it does not change. */
import { once } from 'node:events';
import {
  type ClientRequest,
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

export type Fault =
  | 'none'
  /** The connection ends before anything is read. */
  | 'closed'
  /** It ends when some of the body has gone to the server. */
  | 'cut-body'
  /** One byte arrives as another. */
  | 'garbled'
  /** The server has taken it; who asked never learns. */
  | 'lost-answer'
  /** Nothing comes until the test is over. */
  | 'silence'
  /** An S3 error. */
  | { readonly status: number; readonly code: string };

export class FaultyFront {
  /** What is done to the next requests. `url`: their method, and the path with all that is asked for. */
  fault: (path: string, url: string) => Fault = () => 'none';
  /** Requests that came, and those that the server took, by path. */
  readonly asked: string[] = [];
  readonly stored: string[] = [];
  /** As `stored`, with what is asked for behind the path. */
  readonly storedUrls: string[] = [];
  /** Of the last request. */
  headers: IncomingHttpHeaders = {};
  /** Bodies on their way, and the most there ever were. */
  inFlight = 0;
  mostInFlight = 0;
  readonly #serverPort: number;
  readonly #server = createServer((incoming, response) => void this.#handle(incoming, response));

  private constructor(serverPort: number) {
    this.#serverPort = serverPort;
  }

  static async open(serverPort: number): Promise<FaultyFront> {
    const front = new FaultyFront(serverPort);
    front.#server.listen(0, '127.0.0.1');
    await once(front.#server, 'listening');
    return front;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (incoming.url ?? '').split('?')[0] ?? '';
    this.asked.push(path);
    this.headers = incoming.headers;
    this.inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
    response.once('close', () => {
      this.inFlight -= 1;
    });
    const fault = this.fault(path, `${incoming.method} ${incoming.url}`);
    if (fault === 'silence') return;
    if (fault === 'closed') {
      incoming.socket.destroy();
      return;
    }
    if (typeof fault === 'object') {
      incoming.resume();
      const body = `<?xml version="1.0"?><Error><Code>${fault.code}</Code><Message>made up</Message></Error>`;
      response.writeHead(fault.status, { 'content-type': 'application/xml' }).end(body);
      return;
    }
    const onward = request({
      host: '127.0.0.1',
      port: this.#serverPort,
      method: incoming.method,
      path: incoming.url,
      headers: incoming.headers,
      agent: false,
    });
    onward.on('error', () => incoming.socket.destroy());
    if (fault === 'cut-body') {
      incoming.once('data', (some: Buffer) => {
        onward.write(some.subarray(0, some.byteLength / 2));
        onward.destroy();
        incoming.socket.destroy();
      });
      return;
    }
    if (fault === 'garbled') garble(incoming, onward);
    else incoming.pipe(onward);
    const [answer] = (await once(onward, 'response')) as [IncomingMessage];
    if ((answer.statusCode ?? 500) < 300 && incoming.method === 'PUT') {
      this.stored.push(path);
      this.storedUrls.push(incoming.url ?? '');
    }
    if (fault === 'lost-answer') {
      answer.resume();
      incoming.socket.destroy();
      return;
    }
    response.writeHead(answer.statusCode ?? 500, answer.headers);
    answer.pipe(response);
  }
}

function garble(from: IncomingMessage, to: ClientRequest): void {
  let done = false;
  from.on('data', (piece: Buffer) => {
    const [first = 0] = piece;
    if (!done) piece[0] = first ^ 1;
    done = true;
    to.write(piece);
  });
  from.on('end', () => to.end());
}
