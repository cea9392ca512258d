/** From what a mail says to the bytes of its message (RFC 5322), signed where there is a key (RFC 6376). */
import { createHash, createPrivateKey } from 'node:crypto';
import { createTransport } from 'nodemailer';
import { calendarOf, methodOf } from './calendar.ts';
import type { Mail, Recipient } from './mail.ts';
import { oneLine, wordsOf } from './words.ts';

export interface Message {
  /** Of SMTP: a name stands in the header alone. */
  readonly from: string;
  readonly to: string;
  /** With its angle brackets. The same however often the same mail is composed: one that came twice is known by it. */
  readonly messageId: string;
  readonly raw: Buffer;
}

export interface DkimKey {
  readonly domain: string;
  readonly selector: string;
  readonly privateKeyPem: string;
}

/** Makes messages. Rejects with `NoAddress` for a recipient that is none; whatever else they hold makes one. */
export type Compose = (
  mail: Pick<Mail, 'key' | 'to' | 'locale' | 'content'>,
  nowUnixMs: number,
) => Promise<Message>;

export class NoAddress extends Error {
  readonly code = 'no-address';
  constructor() {
    super('the recipient’s address is none');
    this.name = 'NoAddress';
  }
}

/** One mailbox and nothing else (RFC 5321 `Mailbox`, without quoted local parts and literals, which nobody registers by). */
const ADDRESS = /^[^\s\p{Cc}"(),:;<>@[\\\]]{1,64}@[^\s\p{Cc}"(),:;<>@[\\\]]{1,253}$/u;

export const isAddress = (text: string): boolean => ADDRESS.test(text);

/** Throws where the key is none. */
export function composer({
  from,
  dkim,
}: {
  readonly from: Recipient;
  readonly dkim: DkimKey | null;
}): Compose {
  if (dkim) createPrivateKey(dkim.privateKeyPem);
  const transport = createTransport({
    streamTransport: true,
    buffer: true,
    newline: 'windows',
    ...(dkim && {
      dkim: { domainName: dkim.domain, keySelector: dkim.selector, privateKey: dkim.privateKeyPem },
    }),
  });
  return async (mail, nowUnixMs) => {
    const { to, content } = mail;
    if (!isAddress(to.address)) throw new NoAddress();
    const { subject, text, html } = wordsOf(mail);
    const event = 'event' in content ? content.event : null;
    const unsubscribeUrl = 'unsubscribeUrl' in content ? content.unsubscribeUrl : null;
    const messageId = messageIdOf(mail.key, from.address);
    const { message } = await transport.sendMail({
      from: headerAddress(from),
      to: headerAddress(to),
      envelope: { from: from.address, to: [to.address] },
      messageId,
      date: new Date(nowUnixMs),
      subject: unencoded(subject),
      text,
      html,
      headers: {
        // Nobody's absence is to answer it (RFC 3834).
        'Auto-Submitted': 'auto-generated',
        ...(unsubscribeUrl === null ? {} : unsubscribeHeaders(unsubscribeUrl)),
      },
      xMailer: false,
      disableFileAccess: true,
      disableUrlAccess: true,
      ...(event && {
        icalEvent: {
          method: methodOf(event, to),
          content: calendarOf(event, { stampUnixMs: nowUnixMs, organizer: from, attendee: to }),
        },
      }),
    });
    if (!Buffer.isBuffer(message)) throw new TypeError('the message is no buffer');
    return { from: from.address, to: to.address, messageId, raw: message };
  };
}

/** RFC 8058: a program ends mails by itself with a POST, over TLS. */
function unsubscribeHeaders(url: string): Record<string, { prepared: boolean; value: string }> {
  const { href, protocol } = new URL(url);
  const header = (value: string) => ({ prepared: true, foldLines: true, value });
  return {
    'List-Unsubscribe': header(`<${href}>`),
    ...(protocol === 'https:' && { 'List-Unsubscribe-Post': header('List-Unsubscribe=One-Click') }),
  };
}

const headerAddress = ({ address, name }: Recipient) => ({
  address,
  name: unencoded(oneLine(name ?? '', 100)),
});

/** Not to be read as an encoded word (RFC 2047), which could say anything. */
const unencoded = (text: string): string => text.replaceAll('=?', '= ?');

const messageIdOf = (key: string, fromAddress: string): string =>
  `<${createHash('sha256').update(key).digest('hex').slice(0, 40)}@${fromAddress.split('@')[1] ?? 'localhost'}>`;
