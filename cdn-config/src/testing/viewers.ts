import { once } from 'node:events';
import { type ClientHttp2Session, connect, type IncomingHttpHeaders } from 'node:http2';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';

export interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Asked {
  readonly answer: Promise<Answer>;
  /** RST_STREAM. */
  cancel(): void;
}

/** One HTTP/2 connection of a viewer. */
export class Http2Viewer {
  readonly session: ClientHttp2Session;

  private constructor(session: ClientHttp2Session) {
    this.session = session;
  }

  static async open(port: number): Promise<Http2Viewer> {
    const session = connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
    await once(session, 'connect');
    return new Http2Viewer(session);
  }

  ask(path: string, method = 'GET', headers: Readonly<Record<string, string>> = {}): Asked {
    const stream = this.session.request({ ...headers, ':path': path, ':method': method });
    stream.end();
    const answer = (async () => {
      const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders & { ':status'?: number }];
      return { status: headers[':status'], headers, body: await text(stream) };
    })();
    // A cancelled one rejects, whether or not anybody waits for it.
    answer.catch(() => undefined);
    return { answer, cancel: () => stream.close(8) };
  }

  get(path: string): Promise<Answer> {
    return this.ask(path).answer;
  }

  async close(): Promise<void> {
    this.session.destroy();
    if (!this.session.closed) await once(this.session, 'close');
  }
}

/** One request over HTTP/1.1 and TLS. */
export async function http1Get(
  port: number,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const asking = request({
    ...{ host: '127.0.0.1', port, path, headers, agent: false },
    ...{ rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] },
  });
  asking.end();
  const [response] = await once(asking, 'response');
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}
