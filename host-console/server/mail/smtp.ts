/** Messages to an SMTP server (RFC 5321), over TLS but on this machine. */
import type { Readable } from 'node:stream';
import { createTransport, type NodemailerError } from 'nodemailer';
import type { Message } from './compose.ts';
import { DELIVERY_DEADLINE_MS, type Delivery, type MailOutcome, shortAnswer } from './delivery.ts';

export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte (RFC 8314); else by STARTTLS. */
  readonly secure: boolean;
  readonly auth: { readonly user: string; readonly pass: string } | null;
}

/** Of `smtp://user:password@host:587` or `smtps://…`. Throws an error with a message for the operator. */
export function smtpServerOf(text: string): SmtpServer {
  const url = new URL(text);
  const secure = url.protocol === 'smtps:';
  if (!secure && url.protocol !== 'smtp:') throw new TypeError('neither smtp:// nor smtps://');
  if (url.hostname === '') throw new TypeError('no host');
  if (url.search !== '' || url.hash !== '' || !['', '/'].includes(url.pathname)) {
    throw new TypeError('nothing goes after host and port');
  }
  return {
    host: url.hostname.replaceAll(/^\[|\]$/g, ''),
    port: url.port === '' ? (secure ? 465 : 587) : Number(url.port),
    secure,
    auth:
      url.username === ''
        ? null
        : { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) },
  };
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127\.[\d.]+$/.test(host);

/** So many at once: more than most servers want from one sender. */
export const SMTP_CONNECTIONS = 5;

function optionsOf(server: SmtpServer) {
  const onLoopback = isLoopback(server.host);
  return {
    host: server.host,
    port: server.port,
    secure: server.secure,
    ...(server.auth && { auth: { ...server.auth } }),
    // A server that offers no STARTTLS, or whose offer somebody took out on the way, is not spoken to. A certificate of this
    // machine's own is for a name that nobody vouches for.
    requireTLS: !onLoopback,
    tls: { minVersion: 'TLSv1.2' as const, ...(onLoopback && { rejectUnauthorized: false }) },
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    dnsTimeout: 10_000,
    socketTimeout: 60_000,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

/** Whether the server takes our name and password, by a connection of its own. Rejects with what is wrong. */
export async function verifySmtp(server: SmtpServer): Promise<void> {
  const transport = createTransport(optionsOf(server));
  try {
    await transport.verify();
  } finally {
    transport.close();
  }
}

export function smtpDelivery(server: SmtpServer): Delivery {
  const transport = createTransport({
    ...optionsOf(server),
    pool: true,
    maxConnections: SMTP_CONNECTIONS,
    // The pool would send a message again whose connection closed before the answer, which may be once too often.
    maxRequeues: 0,
  });
  // Of idle connections: what is under way hears of its own.
  transport.on('error', () => undefined);
  /** By its bytes, what a message is read from once the server has asked for it (354). */
  const streams = new WeakMap<Buffer, Readable>();
  transport.use('stream', (mail, done) => {
    const { raw } = mail.data;
    const { message } = mail;
    if (message && Buffer.isBuffer(raw)) {
      const create = message.createReadStream.bind(message);
      message.createReadStream = (...options) => {
        const stream = create(...options);
        streams.set(raw, stream);
        return stream;
      };
    }
    done();
  });

  return {
    kind: 'smtp',
    async deliver({ from, to, raw }: Message) {
      try {
        const info = await transport.sendMail({
          envelope: { from, to: [to] },
          raw,
          signal: AbortSignal.timeout(DELIVERY_DEADLINE_MS),
        });
        return { kind: 'sent', answer: shortAnswer(info.response) };
      } catch (error) {
        return outcomeOf(error as NodemailerError, streams.get(raw)?.readableDidRead === true);
      }
    },
    close: () => transport.close(),
  };
}

/**
 * What a failed attempt says. Where the server answered, its answer counts; where it did not, nothing was taken unless it had
 * asked for the message.
 */
function outcomeOf(error: NodemailerError, wasAskedFor: boolean): MailOutcome {
  const { responseCode, command = '', code } = error;
  const reason = shortAnswer(error.response || error.message);
  if (responseCode === undefined) {
    if (wasAskedFor) return { kind: 'doubtful', reason };
    // An address that the server cannot be told at all (it lacks SMTPUTF8).
    if (code === 'EENVELOPE') return { kind: 'bounced', answer: reason };
    return { kind: 'deferred', reason, because: 'server' };
  }
  const ofRecipient = command.startsWith('RCPT TO') || command === 'DATA';
  if (ofRecipient && responseCode >= 500 && code !== 'EAUTH' && responseCode !== 530) {
    return { kind: 'bounced', answer: reason };
  }
  // Who may send here, and as whom, is for the settings: no recipient's fault.
  return { kind: 'deferred', reason, because: ofRecipient && responseCode < 500 ? 'recipient' : 'server' };
}
