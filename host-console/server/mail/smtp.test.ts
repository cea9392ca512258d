import { createHash, createVerify, generateKeyPairSync } from 'node:crypto';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import fc from 'fast-check';
import { type MailServer, startMailServer } from '../testing/mail-server.ts';
import { composer } from './compose.ts';
import type { EventMail, Mail } from './mail.ts';
import { type SmtpServer, smtpDelivery, smtpServerOf, verifySmtp } from './smtp.ts';

const FROM = { address: 'events@example.test', name: 'Example Events' };
const NOW = Date.UTC(2027, 0, 5);
const EVENT: EventMail = {
  kind: 'registration-confirmed',
  title: 'Town hall',
  url: 'https://console.test/j/1#secret',
  unsubscribeUrl: `https://console.test/u/${'x'.repeat(100)}`,
  event: {
    uid: 'webinar-1@console.test',
    sequence: 0,
    cancelled: false,
    title: 'Town hall',
    description: null,
    url: 'https://console.test/j/1#secret',
    start: { local: '2027-03-28T19:00', zone: 'Europe/Berlin' },
    lengthMinutes: 60,
    recurrence: null,
  },
};
const mailOf = (more: Partial<Mail> = {}): Mail => ({
  key: 'registration-confirmed:1',
  to: { address: 'ada@example.test', name: 'Ada' },
  locale: 'en',
  webinarId: 'webinar-1',
  dueUnixMs: NOW,
  content: EVENT,
  ...more,
});

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

const serve = async (...args: Parameters<typeof startMailServer>): Promise<MailServer> => {
  const server = await startMailServer(...args);
  stops.push(() => server.stop());
  return server;
};
const deliveryTo = (url: string, more: Partial<SmtpServer> = {}) => {
  const delivery = smtpDelivery({ ...smtpServerOf(url), ...more });
  stops.push(() => delivery.close());
  return delivery;
};
const compose = composer({ from: FROM, dkim: null });

describe('a message', () => {
  test('arrives whole: words as text and HTML, a calendar, and how to end such mails', async () => {
    const server = await serve();
    const message = await compose(mailOf(), NOW);
    expect(await deliveryTo(server.url).deliver(message)).toMatchObject({ kind: 'sent' });
    const [arrived] = server.arrived;
    expect(arrived).toMatchObject({ from: FROM.address, to: ['ada@example.test'] });
    const mail = arrived?.mail;
    expect(mail?.subject).toBe('You are registered: Town hall');
    expect(mail?.from?.text).toBe('"Example Events" <events@example.test>');
    expect(mail?.messageId).toBe(message.messageId);
    expect(mail?.text).toContain(
      'Sunday, March 28, 2027 at 7:00 PM (Central European Summer Time, Europe/Berlin), 60 minutes',
    );
    expect(mail?.text).toContain('https://console.test/j/1#secret');
    expect(mail?.html).toContain('href="https://console.test/j/1#secret"');
    expect(mail?.html).toContain('lang="en"');
    expect(mail?.headers.get('auto-submitted')).toBe('auto-generated');
    const lines = mail?.headerLines.map(({ line }) => line.replaceAll('\r\n', '')) ?? [];
    expect(lines).toContain(`List-Unsubscribe: <${EVENT.unsubscribeUrl}>`);
    expect(lines).toContain('List-Unsubscribe-Post: List-Unsubscribe=One-Click');
    const calendar = mail?.attachments.find(
      ({ contentType }) => contentType.startsWith('text/calendar') || contentType === 'application/ics',
    );
    expect(calendar?.content.toString()).toContain('METHOD:REQUEST');
    expect(arrived?.raw.toString()).toContain('method=REQUEST');
  });

  test('is known by the same id however often it is made, and another one by another', async () => {
    const ids = await Promise.all(
      [mailOf(), mailOf({ locale: 'de' }), mailOf({ key: 'other' })].map((mail) => compose(mail, NOW)),
    );
    expect(ids[0]?.messageId).toBe(ids[1]?.messageId);
    expect(ids[0]?.messageId).not.toBe(ids[2]?.messageId);
  });

  test('has no one-click end without TLS, and none where there is nothing to end', async () => {
    const plain = await compose(
      mailOf({ content: { ...EVENT, unsubscribeUrl: 'http://localhost/u/1' } }),
      NOW,
    );
    expect(plain.raw.toString()).toContain('List-Unsubscribe: <http://localhost/u/1>');
    expect(plain.raw.toString()).not.toContain('List-Unsubscribe-Post');
    const none = await compose(mailOf({ content: { ...EVENT, unsubscribeUrl: null } }), NOW);
    expect(none.raw.toString()).not.toContain('List-Unsubscribe');
  });

  test('has no header and no recipient that a name, a title or an address brought with it', async () => {
    const server = await serve();
    const delivery = deliveryTo(server.url);
    const evils = [
      'Ada\r\nBcc: eve@evil.test',
      'Ada\nSubject: evil\n\nbody',
      '"Ada" <eve@evil.test>, "x',
      'Ada, eve@evil.test',
      '=?utf-8?Q?Ada=0D=0ABcc:_eve@evil.test?=',
      'Ünïcödé 💌 '.repeat(30),
      '\u202eevil\u2066 مرحبا',
      '\u0000\u001b[31m\ud800',
      '<script>alert(1)</script><b>&amp;',
    ];
    for (const evil of evils) {
      const content = {
        ...EVENT,
        title: evil,
        event: EVENT.event && { ...EVENT.event, title: evil, description: evil },
      };
      const outcome = await delivery.deliver(
        await compose(mailOf({ to: { address: 'ada@example.test', name: evil }, content }), NOW),
      );
      expect([evil, outcome.kind]).toEqual([evil, 'sent']);
      const last = server.arrived.at(-1);
      expect(last?.to).toEqual(['ada@example.test']);
      expect([last?.mail.to].flat().map((to) => to?.value.map(({ address }) => address))).toEqual([
        ['ada@example.test'],
      ]);
      expect(last?.mail.bcc).toBeUndefined();
      expect(last?.mail.headerLines.map(({ key }) => key).toSorted()).toEqual([
        'auto-submitted',
        'content-type',
        'date',
        'from',
        'list-unsubscribe',
        'list-unsubscribe-post',
        'message-id',
        'mime-version',
        'subject',
        'to',
      ]);
      expect(last?.mail.subject?.startsWith('You are registered: ')).toBe(true);
      expect(last?.mail.subject).not.toMatch(/[\p{Cc}\u202e\u2066]/u);
      expect(last?.mail.html).not.toMatch(/<script|<b>/);
    }
    const inviter = mailOf({
      content: { kind: 'invitation', inviter: 'Eve\r\nBcc: eve@evil.test', url: 'https://console.test/i' },
    });
    await delivery.deliver(await compose(inviter, NOW));
    expect(server.arrived.at(-1)?.mail.subject).toBe('Eve Bcc: eve@evil.test invites you to run webinars');
    for (const address of [
      'ada@example.test, eve@evil.test',
      'ada@example.test\r\nRCPT TO:<eve@evil.test>',
      'ada',
      '"a b"@x',
      '<ada@x>',
      'a@b@c',
      '@x',
      'ada@',
    ]) {
      await expect(compose(mailOf({ to: { address, name: null } }), NOW)).rejects.toMatchObject({
        code: 'no-address',
      });
    }
  });

  test('of any name at all is one message to one recipient', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: 'grapheme' }),
        async (name, title) => {
          const { raw } = await compose(
            mailOf({ to: { address: 'ada@example.test', name }, content: { ...EVENT, title } }),
            NOW,
          );
          const head = raw.toString('latin1').split('\r\n\r\n')[0] ?? '';
          const fields = head.replaceAll(/\r\n[ \t]/g, ' ').split('\r\n');
          for (const field of fields) expect(field).toMatch(/^[A-Za-z-]+: [\x20-\x7e]*$/);
          expect(fields.filter((field) => /^(to|cc|bcc|subject|from):/i.test(field))).toHaveLength(3);
        },
      ),
      { numRuns: 200 },
    );
  });

  test('greets nobody by a name that advertises', async () => {
    for (const name of ['Win at http://evil.test', 'evil.test', 'www evil', 'a@b', 'x/y']) {
      const message = await compose(mailOf({ to: { address: 'ada@example.test', name } }), NOW);
      expect(message.raw.toString()).toContain('Hello,');
    }
    const { raw } = await compose(
      mailOf({ to: { address: 'ada@example.test', name: 'J. R. Lovelace' } }),
      NOW,
    );
    expect(raw.toString()).toContain('Hello J. R. Lovelace,');
  });

  test('is signed so that whoever has the public key knows it unchanged', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const dkim = {
      domain: 'example.test',
      selector: 'rostrum',
      privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    };
    const server = await serve();
    const message = await composer({ from: FROM, dkim })(mailOf({ locale: 'de' }), NOW);
    await deliveryTo(server.url).deliver(message);
    const raw = server.arrived[0]?.raw.toString('latin1') ?? '';
    const signature = verifyDkim(raw, (data, sig) =>
      createVerify('sha256').update(data).verify(publicKey, sig),
    );
    expect(signature).toMatchObject({ d: 'example.test', s: 'rostrum', valid: true });
    for (const field of [
      'from',
      'to',
      'subject',
      'message-id',
      'list-unsubscribe',
      'list-unsubscribe-post',
    ]) {
      expect(signature.h).toContain(field);
    }
    const changed = raw.replace('Subject: ', 'Subject: Not ');
    expect(
      verifyDkim(changed, (data, sig) => createVerify('sha256').update(data).verify(publicKey, sig)).valid,
    ).toBe(false);
  });
});

describe('a server', () => {
  const message = () => compose(mailOf(), NOW);

  test.each([
    [550, '5.1.1 no such user', 'bounced'],
    [552, '5.2.2 mailbox full', 'bounced'],
    [450, '4.2.1 greylisted', 'deferred'],
    [421, '4.3.0 too busy', 'deferred'],
  ])('that answers %i (%s) for a recipient: %s', async (code, text, kind) => {
    const server = await serve({ refuse: () => ({ code, text }) });
    const outcome = await deliveryTo(server.url).deliver(await message());
    expect(outcome).toMatchObject({ kind });
    expect(JSON.stringify(outcome)).toContain(text);
    expect(server.arrived).toHaveLength(0);
  });

  test.each([
    [554, 'bounced'],
    [451, 'deferred'],
  ])('that answers %i to the message itself: %s', async (code, kind) => {
    const server = await serve({ answer: async () => ({ code, text: 'no' }) });
    expect(await deliveryTo(server.url).deliver(await message())).toMatchObject({ kind });
  });

  test('is asked whether it takes our name before there is anything to send', async () => {
    const server = await serve();
    await expect(verifySmtp(smtpServerOf(server.url))).resolves.toBeUndefined();
    await server.stop();
    await expect(verifySmtp(smtpServerOf(server.url))).rejects.toThrow('ECONNREFUSED');
  });

  test('that is not there, or is no mail server, takes nothing: to be tried again', async () => {
    const server = await serve();
    await server.stop();
    expect(await deliveryTo(server.url).deliver(await message())).toMatchObject({
      kind: 'deferred',
      because: 'server',
    });
    const other = await listen((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect(await deliveryTo(`smtp://127.0.0.1:${other}`).deliver(await message())).toMatchObject({
      kind: 'deferred',
    });
  });

  test('whose line breaks before it asked for the message took nothing; afterwards nobody knows', async () => {
    const talk = (last: RegExp, thenEnd: (socket: Socket) => void) =>
      listen((socket) => {
        socket.write('220 x ESMTP\r\n');
        let isData = false;
        let heard = '';
        socket.on('data', (chunk) => {
          heard += chunk.toString();
          if (isData ? /\r\n\.\r\n$/.test(heard) : last.test(heard)) return thenEnd(socket);
          if (isData) return;
          if (/DATA\r\n$/.test(heard)) {
            isData = true;
            socket.write('354 go on\r\n');
          } else if (heard.endsWith('\r\n')) socket.write('250 ok\r\n');
        });
      });
    const early = await talk(/RCPT TO.*\r\n$/s, (socket) => socket.destroy());
    expect(await deliveryTo(`smtp://127.0.0.1:${early}`).deliver(await message())).toMatchObject({
      kind: 'deferred',
    });
    const late = await talk(/nothing/, (socket) => socket.destroy());
    expect(await deliveryTo(`smtp://127.0.0.1:${late}`).deliver(await message())).toMatchObject({
      kind: 'doubtful',
    });
  });

  test('gets several messages over a connection that stays', async () => {
    let connections = 0;
    const server = await serve({
      options: {
        onConnect(_session, done) {
          connections += 1;
          done();
        },
      },
    });
    const delivery = deliveryTo(server.url);
    for (let i = 0; i < 5; i += 1) await delivery.deliver(await compose(mailOf({ key: `mail-${i}` }), NOW));
    expect(server.arrived).toHaveLength(5);
    expect(connections).toBe(1);
  });

  test('that wants a password gets it, and one it does not take is the settings’ fault', async () => {
    const server = await serve({
      options: {
        authOptional: false,
        allowInsecureAuth: true,
        onAuth: ({ username, password }, _session, done) =>
          username === 'events@example.test' && password === 'p/w'
            ? done(null, { user: username })
            : done(new Error('535 no')),
      },
    });
    const at = `127.0.0.1:${server.port}`;
    expect(
      await deliveryTo(`smtp://events%40example.test:p%2Fw@${at}`).deliver(await message()),
    ).toMatchObject({ kind: 'sent' });
    const wrong = await deliveryTo(`smtp://events%40example.test:other@${at}`).deliver(await message());
    expect(wrong).toMatchObject({ kind: 'deferred', because: 'server' });
    expect(JSON.stringify(wrong)).not.toContain('other');
    expect(await deliveryTo(`smtp://${at}`).deliver(await message())).toMatchObject({
      kind: 'deferred',
      because: 'server',
    });
  });

  test('elsewhere that offers no TLS is told nothing', async () => {
    const heard: string[] = [];
    const server = await serve({
      options: {
        onAuth: ({ password }, _session, done) => {
          heard.push(password ?? '');
          done(null, { user: 'x' });
        },
        allowInsecureAuth: true,
      },
    });
    // By an address of this machine that is not called loopback.
    const host = '[::ffff:127.0.0.1]';
    const outcome = await deliveryTo(`smtp://u:p@${host}:${server.port}`).deliver(await message());
    expect(outcome).toMatchObject({ kind: 'deferred', because: 'server' });
    expect(heard).toEqual([]);
    expect(server.arrived).toEqual([]);
  });

  test.each([
    ['smtp://mail.example.org', { host: 'mail.example.org', port: 587, secure: false, auth: null }],
    [
      'smtps://u:p%40@mail.example.org',
      { host: 'mail.example.org', port: 465, secure: true, auth: { user: 'u', pass: 'p@' } },
    ],
    ['smtp://[::1]:2525/', { host: '::1', port: 2525, secure: false, auth: null }],
  ])('%s is one', (url, server) => {
    expect(smtpServerOf(url)).toEqual(server);
  });
});

async function listen(serveSocket: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    serveSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** RFC 6376 with relaxed canonicalization of both parts. */
function verifyDkim(raw: string, verify: (data: Buffer, signature: Buffer) => boolean) {
  const at = raw.indexOf('\r\n\r\n');
  const fields = raw.slice(0, at).split(/\r\n(?![ \t])/);
  const body = raw.slice(at + 4);
  const relaxed = (field: string) => {
    const colon = field.indexOf(':');
    return `${field.slice(0, colon).toLowerCase().trim()}:${field
      .slice(colon + 1)
      .replaceAll(/\s+/g, ' ')
      .trim()}`;
  };
  const field = fields.find((one) => /^dkim-signature:/i.test(one)) ?? '';
  const tags = Object.fromEntries(
    field
      .slice(field.indexOf(':') + 1)
      .split(';')
      .map((tag) => [
        tag.slice(0, tag.indexOf('=')).trim(),
        tag.slice(tag.indexOf('=') + 1).replaceAll(/\s+/g, ''),
      ]),
  ) as Record<string, string>;
  const relaxedBody = body
    .split('\r\n')
    .map((line) => line.replaceAll(/[ \t]+/g, ' ').replace(/ $/, ''))
    .join('\r\n')
    .replace(/(\r\n)*$/, '\r\n');
  const bodyHash = createHash('sha256').update(relaxedBody, 'latin1').digest('base64');
  const left = [...fields];
  const signed = (tags.h ?? '').split(':').flatMap((name) => {
    const index = left.findLastIndex((one) => one.toLowerCase().startsWith(`${name.toLowerCase()}:`));
    return index < 0 ? [] : left.splice(index, 1).map(relaxed);
  });
  const unsigned = relaxed(field.replace(/(;\s*b=)[\s\S]*$/, '$1'));
  const valid =
    bodyHash === tags.bh &&
    verify(
      Buffer.from(`${signed.join('\r\n')}\r\n${unsigned}`, 'latin1'),
      Buffer.from(tags.b ?? '', 'base64'),
    );
  return { d: tags.d, s: tags.s, h: (tags.h ?? '').toLowerCase().split(':'), valid };
}
