import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { networkInterfaces, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { Finding, findingState, findingWords } from '@rostrum/contracts';
import { checkAnnounced, checkCertificate, checkCookies, checkName, reachOf } from './addresses.ts';
import { checkClock, checkDisk } from './machine.ts';
import { checkMail, checkTurn } from './services.ts';

const OUTER = '203.0.113.7';
const leadsTo =
  (...addresses: string[]) =>
  async () =>
    addresses;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'outside-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('names', () => {
  test.each([
    ['an address of this machine', leadsTo(OUTER), 'good'],
    ['one of several that is', leadsTo('198.51.100.1', OUTER), 'good'],
    ['another machine', leadsTo('198.51.100.1'), 'elsewhere'],
    ['a private network', leadsTo('192.168.1.5', 'fd00::1'), 'private'],
    ['this machine alone', leadsTo('127.0.0.1', '::1'), 'local'],
    ['nothing', leadsTo(), 'unresolved'],
  ])('that lead to %s are told so', async (_where, lookup, is) => {
    expect(await checkName('console', 'webinar.example.org', OUTER, lookup)).toMatchObject({
      is,
      host: 'webinar.example.org',
    });
  });

  test('that are unknown to DNS are told so, and addresses are not asked for', async () => {
    const unknown = async () => {
      throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
    };
    expect((await checkName('media', 'nowhere.example.org', OUTER, unknown)).is).toBe('unresolved');
    expect((await checkName('media', '10.1.2.3', OUTER, unknown)).is).toBe('private');
    expect((await checkName('media', '[::1]', OUTER, unknown)).is).toBe('local');
  });

  test('that lead to an own address of this machine are good without one that is announced', async () => {
    const own = Object.values(networkInterfaces())
      .flatMap((all) => all ?? [])
      .find((a) => reachOf(a.address) === 'outer');
    if (own) expect((await checkName('turn', own.address, '192.0.2.1')).is).toBe('good');
    expect((await checkName('turn', 'localhost', '192.0.2.1')).is).toBe('local');
  });

  test.each([
    ['127.0.0.1', 'local'],
    ['10.0.0.1', 'private'],
    ['100.64.1.1', 'private'],
    ['172.32.0.1', 'outer'],
    ['fe80::1', 'private'],
    ['2001:db8::1', 'outer'],
    ['::ffff:10.0.0.1', 'private'],
  ])('%s is reached as %s', (address, reach) => {
    expect(reachOf(address)).toBe(reach);
    expect(checkAnnounced(address).is).toBe(reach === 'outer' ? 'good' : reach);
  });
});

describe('certificates', () => {
  const shown = async (name: string, days: number): Promise<{ url: URL; close(): Promise<void> }> => {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    execFileSync(
      'openssl',
      [
        ...[
          'req',
          '-x509',
          '-newkey',
          'ec',
          '-pkeyopt',
          'ec_paramgen_curve:P-256',
          '-nodes',
          '-days',
          `${days}`,
        ],
        ...['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`, '-keyout', key, '-out', cert],
      ],
      { stdio: 'ignore' },
    );
    const server = createServer({ key: await readFile(key), cert: await readFile(cert) });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    server.on('tlsClientError', () => undefined);
    server.on('connection', (socket) => socket.on('error', () => undefined));
    const { port } = server.address() as AddressInfo;
    return {
      url: new URL(`https://localhost:${port}`),
      close: () => new Promise((resolve) => server.close(() => resolve())),
    };
  };

  test('that nobody vouches for are untrusted, with the reason, and how long they are valid', async () => {
    const server = await shown('localhost', 90);
    const found = await checkCertificate('console', server.url, Date.now());
    expect(found).toMatchObject({ is: 'untrusted', daysLeft: 89, reason: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    await server.close();
  });

  test('that have expired are told so before anything else', async () => {
    const server = await shown('localhost', 10);
    const later = Date.now() + 11 * 86_400_000;
    expect((await checkCertificate('console', server.url, later)).is).toBe('expired');
    await server.close();
  });

  test('that nothing shows are unreachable; without HTTPS there is none', async () => {
    const server = await shown('localhost', 10);
    await server.close();
    expect(await checkCertificate('console', server.url, Date.now())).toMatchObject({
      is: 'unreachable',
      reason: 'ECONNREFUSED',
    });
    expect((await checkCertificate('console', new URL('http://localhost'), Date.now())).is).toBe('none');
  });
});

test.each([
  ['https://webinar.example.org', 'https://webinar.example.org:8443', null, 'good'],
  ['https://webinar.example.org', 'https://live.example.org', null, 'apart'],
  ['https://webinar.example.org', 'https://live.example.org', 'example.org', 'good'],
  ['https://webinar.example.org', 'https://live.example.com', 'example.org', 'foreign'],
  ['https://webinar.example.org', 'https://badexample.org', 'example.org', 'foreign'],
  ['https://webinar.example.org', 'https://live.example.org', 'org', 'foreign'],
] as const)('the cookie of %s and %s under %s is %s', (console, media, domain, is) => {
  expect(checkCookies(new URL(console), new URL(media), domain).is).toBe(is);
});

describe('the machine', () => {
  test('says how much room there is and what a durable write takes, and leaves nothing behind', async () => {
    const found = await checkDisk(folder);
    expect(found.freeBytes).toBeGreaterThan(0);
    expect(found.slowestSyncMs).not.toBeNull();
    expect(await readdir(folder)).toEqual([]);
  });

  test('says of a folder that cannot be written to that it cannot', async () => {
    expect((await checkDisk(join(folder, 'missing'))).is).toBe('unwritable');
    if (userInfo().uid === 0) return; // root may write everywhere
    await chmod(folder, 0o500);
    expect((await checkDisk(folder)).is).toBe('unwritable');
  });

  test.each([
    ['yes\n', 'good'],
    ['no\n', 'free'],
    ['', 'unknown'],
  ])('whose system answers %j of its clock has one that is %s', async (answer, is) => {
    expect((await checkClock(async () => answer)).is).toBe(is);
  });

  test('has a clock that nobody vouches for where the system cannot be asked', async () => {
    const failing = () => Promise.reject(new Error('no such program'));
    expect((await checkClock(failing)).is).toBe('unknown');
  });
});

describe('services', () => {
  test('TURN is good where something answers a Binding request of ours, and only then', async () => {
    const server = createSocket('udp4');
    let stranger = true;
    server.on('message', (request, from) => {
      const answer = Buffer.concat([Buffer.from('0101', 'hex'), Buffer.alloc(2), request.subarray(4, 20)]);
      // Another one's answer first: it is none.
      const told = stranger ? Buffer.concat([answer.subarray(0, 8), Buffer.alloc(12)]) : answer;
      stranger = false;
      server.send(told, from.port, from.address);
    });
    await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve));
    const { port } = server.address();
    expect(
      await checkTurn([`turns:127.0.0.1:443?transport=tcp`, `turn:127.0.0.1:${port}?transport=udp`]),
    ).toEqual({
      ...{ about: 'turn', is: 'good', host: '127.0.0.1', reason: null },
    });
    await new Promise<void>((resolve) => server.close(() => resolve()));
    expect(await checkTurn([`turn:127.0.0.1:${port}`])).toMatchObject({
      is: 'unreachable',
      reason: 'no answer',
    });
    expect(await checkTurn([])).toMatchObject({ is: 'none' });
  });

  test('mail is what handing it over says', async () => {
    expect((await checkMail(null)).is).toBe('folder');
    const host = 'mail.example.org';
    expect(await checkMail({ host, verify: async () => true })).toMatchObject({ is: 'good', host });
    const verify = () => Promise.reject(Object.assign(new Error('bad login'), { code: 'EAUTH' }));
    expect(await checkMail({ host, verify })).toMatchObject({ is: 'refused', reason: 'EAUTH' });
  });
});

test('every finding has a state and words in every language, and what is not good says what to do', () => {
  const values = {
    of: 'media',
    host: 'h.example.org',
    addresses: ['192.0.2.1'],
    daysLeft: 3,
    reason: 'R',
  } as const;
  const more = {
    address: '10.0.0.1',
    freeBytes: 5e9,
    hours: 2,
    slowestSyncMs: 80,
    domain: 'example.org',
    hosts: ['a', 'b'],
  };
  let seen = 0;
  for (const option of Finding.options) {
    for (const is of option.shape.is.options) {
      const about = option.shape.about.value;
      const of = about === 'node' ? 'stage' : 'media';
      const finding = Finding.parse({ ...values, ...more, about, is, of });
      seen += 1;
      const state = findingState(finding);
      for (const locale of ['en', 'de'] as const) {
        const { told, mend } = findingWords(finding, locale);
        expect(told).not.toMatch(/undefined|null|NaN/);
        if (state !== 'good') expect(mend).toEqual(expect.any(String));
      }
    }
  }
  expect(seen).toBe(37);
});
