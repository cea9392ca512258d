/** Clients of the fuzzer: HTTP/1.1 as bytes on a socket, so that anything at all can be said, and HTTP/2. */
import type { ClientHttp2Session } from 'node:http2';
import net from 'node:net';
import tls from 'node:tls';

export interface WireAnswer {
  /** 0: the connection or stream ended without one. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export const NO_ANSWER: WireAnswer = { status: 0, headers: {}, body: Buffer.alloc(0) };

/** One HTTP/1.1 connection. Reads answers strictly: what does not parse as one is an error of whoever sent it. */
export class WireConnection {
  readonly #socket: net.Socket;
  #received: Buffer = Buffer.alloc(0);
  #closed = false;
  #wake: () => void = () => undefined;

  private constructor(socket: net.Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake();
    });
    socket.on('error', () => undefined); // a reset is an end like any other here
    socket.on('close', () => {
      this.#closed = true;
      this.#wake();
    });
  }

  static async open(port: number, secure = false): Promise<WireConnection> {
    const host = '127.0.0.1';
    const socket = secure
      ? tls.connect({ host, port, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] })
      : net.connect({ host, port, noDelay: true });
    const connection = new WireConnection(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once(secure ? 'secureConnect' : 'connect', () => resolve());
      socket.once('error', reject);
    });
    return connection;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Bytes received that no answer has taken: more than zero between exchanges is a desync. */
  get unreadBytes(): number {
    return this.#received.byteLength;
  }

  send(bytes: string | Buffer): void {
    if (!this.#closed) this.#socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** The next final answer (1xx are passed over); `NO_ANSWER` when the connection ends first. */
  async next(method: string): Promise<WireAnswer> {
    for (;;) {
      const answer = this.#take(method);
      if (answer && answer.status >= 200) return answer;
      if (answer) continue;
      if (this.#closed) {
        if (this.#received.byteLength > 0) throw new Error('the connection ended inside an answer');
        return NO_ANSWER;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Resolves when the other side has closed. */
  async ended(): Promise<void> {
    while (!this.#closed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #take(method: string): WireAnswer | undefined {
    const end = this.#received.indexOf('\r\n\r\n');
    if (end === -1) return undefined;
    const [first = '', ...lines] = this.#received.subarray(0, end).toString('latin1').split('\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1] ?? Number.NaN);
    if (Number.isNaN(status)) throw new Error(`not an answer: ${JSON.stringify(first.slice(0, 200))}`);
    const headers: Record<string, string> = {};
    for (const line of lines) {
      const colon = line.indexOf(':');
      if (colon < 1) throw new Error(`not a header: ${JSON.stringify(line)}`);
      headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
    }
    if (headers['transfer-encoding'] !== undefined) return this.#takeEmpty(end + 4, status, headers);
    const bodiless = method === 'HEAD' || status < 200 || status === 204 || status === 304;
    const length = bodiless ? 0 : Number(headers['content-length'] ?? 0);
    const start = end + 4;
    if (this.#received.byteLength < start + length) return undefined;
    const body = this.#received.subarray(start, start + length);
    this.#received = this.#received.subarray(start + length);
    return { status, headers, body };
  }

  /** Node's own refusals (400, 417) are chunked and empty; nothing of ours is. */
  #takeEmpty(start: number, status: number, headers: Record<string, string>): WireAnswer | undefined {
    if (this.#received.byteLength < start + 5) return undefined;
    if (this.#received.toString('latin1', start, start + 5) !== '0\r\n\r\n')
      throw new Error('a chunked answer');
    this.#received = this.#received.subarray(start + 5);
    return { status, headers, body: Buffer.alloc(0) };
  }
}

/** A request over HTTP/2. `abort` cancels the stream, as a client that goes away. */
export function request2(
  session: ClientHttp2Session,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
): { readonly answer: Promise<WireAnswer>; readonly abort: () => void } {
  const stream = session.request({ ...headers, ':method': method, ':path': path }, { endStream: true });
  const answer = new Promise<WireAnswer>((resolve) => {
    const chunks: Buffer[] = [];
    let status = 0;
    let got: Record<string, string> = {};
    stream.on('response', (incoming) => {
      status = Number(incoming[':status']);
      got = Object.fromEntries(Object.entries(incoming).map(([name, value]) => [name, String(value)]));
    });
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', () => undefined);
    stream.on('close', () => {
      resolve(stream.rstCode === 0 ? { status, headers: got, body: Buffer.concat(chunks) } : NO_ANSWER);
    });
  });
  return { answer, abort: () => stream.close(8) };
}
