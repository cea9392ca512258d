import type { AddressInfo } from 'node:net';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

export interface Arrived {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: Buffer;
  readonly mail: ParsedMail;
}

/** A real SMTP server on loopback, with what has arrived at it. */
export interface MailServer {
  readonly url: string;
  readonly port: number;
  readonly arrived: readonly Arrived[];
  stop(): Promise<void>;
}

/** @param refuse what it answers to who a message is for, before it takes one: null lets it in */
export async function startMailServer({
  refuse = () => null,
  answer = async () => null,
  options = {},
}: {
  readonly refuse?: (address: string) => { code: number; text: string } | null;
  /** Asked when the whole message is there; an error is the answer, null takes it. */
  readonly answer?: (raw: Buffer) => Promise<{ code: number; text: string } | null>;
  readonly options?: SMTPServerOptions;
} = {}): Promise<MailServer> {
  const arrived: Arrived[] = [];
  const failure = ({ code, text }: { code: number; text: string }) =>
    Object.assign(new Error(text), { responseCode: code });
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    closeTimeout: 100,
    onRcptTo({ address }, _session, done) {
      const refused = refuse(address);
      done(refused && failure(refused));
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const raw = Buffer.concat(chunks);
        const { mailFrom, rcptTo } = session.envelope;
        void answer(raw).then(async (refused) => {
          if (refused) return done(failure(refused));
          arrived.push({
            from: mailFrom ? mailFrom.address : '',
            to: rcptTo.map(({ address }) => address),
            raw,
            mail: await simpleParser(raw),
          });
          done();
        });
      });
    },
    ...options,
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    port,
    arrived,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
