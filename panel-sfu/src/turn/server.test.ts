import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { copyFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { connect } from 'node:tls';
import { freePort } from '@rostrum/service-kit/free-port';
import { makeCertificate } from '@rostrum/service-kit/testing/certificate';
import { turnCredentials } from '@rostrum/service-kit/turn-credentials';
import type { TurnPolicy } from './policy.ts';
import { startTurn, type Turn } from './server.ts';
import { TurnClient, type Way } from './testing/turn-client.ts';

/** A real coturn, asked for what it must and what it must not do. */
const SECRET = 'a-secret-of-the-test-of-coturn';

let folder: string;
let policy: TurnPolicy;
const turns: Turn[] = [];
const clients: TurnClient[] = [];
const sockets: UdpSocket[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rostrum-turn-test-'));
  policy = {
    realm: 'rostrum',
    secret: SECRET,
    listen: {
      ips: ['127.0.0.1'],
      port: await freePort(),
      tls: { port: await freePort(), ...(await makeCertificate(folder, '127.0.0.1')) },
    },
    relay: { ip: '127.0.0.1', announcedIp: '127.0.0.1', minPort: 50_000, maxPort: 50_999 },
    peers: { reach: 'stages', stages: ['127.0.0.1'] },
    limits: { allocationsPerPerson: 10, allocations: 100, bytesPerSecond: 1_500_000 },
  };
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  for (const socket of sockets.splice(0)) socket.close();
  await Promise.all(turns.splice(0).map((turn) => turn.close()));
  await rm(folder, { recursive: true, force: true });
});

async function start(changed: Partial<TurnPolicy> = {}, log: string[] = []): Promise<Turn> {
  const turn = await startTurn({
    policy: { ...policy, ...changed },
    log: (line) => log.push(line),
    certificateEveryMs: 20,
  });
  turns.push(turn);
  return turn;
}

const credentialsOf = (personId: string, changed: { secret?: string; ttlS?: number } = {}) =>
  turnCredentials({ secret: SECRET, personId, ttlS: 600, nowMs: Date.now(), ...changed });

const way = (transport: Way['transport']): Way => ({
  ip: '127.0.0.1',
  port: (transport === 'tls' ? policy.listen.tls?.port : policy.listen.port) ?? 0,
  transport,
});

async function open(
  transport: Way['transport'] = 'udp',
  credentials: { username: string; credential: string } = credentialsOf('ada'),
): Promise<TurnClient> {
  const client = await TurnClient.open(way(transport), credentials);
  clients.push(client);
  return client;
}

async function until(look: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + 20_000;
  while (!look()) {
    if (performance.now() > deadlineMs) throw new Error(`never: ${look}`);
    await new Promise((wake) => setTimeout(wake, 10));
  }
}

/** A stage that answers with what it hears. */
async function echo(): Promise<{ port: number }> {
  const socket = await stageSocket();
  socket.on('message', (data, from) => socket.send(data, from.port, from.address));
  return { port: socket.address().port };
}

/** Closed after the test. */
async function stageSocket(): Promise<UdpSocket> {
  const socket = createSocket('udp4');
  sockets.push(socket);
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}

async function talks(client: TurnClient, peerIp: string, port: number): Promise<void> {
  const word = Buffer.from(`word ${client.received.length}`);
  // UDP may lose one.
  const again = setInterval(() => client.send(peerIp, port, word), 100);
  void client.closed.then(() => clearInterval(again));
  client.send(peerIp, port, word);
  await until(() => client.received.some((data) => data.equals(word))).finally(() => clearInterval(again));
}

test.each(['udp', 'tcp', 'tls'] as const)('over %s a person talks to the stage', async (transport) => {
  const turn = await start();
  const stage = await echo();
  const client = await open(transport);
  expect((await client.allocate()).code).toBe(0);
  expect((await client.permit('127.0.0.1')).code).toBe(0);
  await talks(client, '127.0.0.1', stage.port);
  await until(() => turn.usage.allocations() === 1);
  expect(await turn.answers()).toBe(true);
});

test('wrong, expired and foreign credentials are refused, and counted', async () => {
  const log: string[] = [];
  const turn = await start({}, log);
  const bad = [
    { ...credentialsOf('ada'), credential: 'guessed' },
    credentialsOf('ada', { ttlS: -1 }),
    credentialsOf('ada', { secret: 'the-secret-of-another-house' }),
    { username: 'ada', credential: '' },
    // Good, but for another name: nobody lengthens their own time.
    { ...credentialsOf('ada'), username: credentialsOf('ada', { ttlS: 86_400 }).username },
  ];
  for (const credentials of bad) expect((await (await open('udp', credentials)).allocate()).code).toBe(401);
  await until(() => turn.usage.refusals().get(401) === bad.length);
  for (const { username, credential } of [...bad, credentialsOf('ada')]) {
    expect(
      log.filter((line) => line.includes(username) || (credential && line.includes(credential))),
    ).toEqual([]);
  }
  expect((await (await open()).allocate()).code).toBe(0);
});

describe('an open relay is tried for and not found', () => {
  const STRANGERS = [
    ...['127.0.0.2', '127.255.255.255', '0.0.0.0', '10.0.0.1', '172.16.0.1', '192.168.1.1', '100.64.0.1'],
    ...['169.254.169.254', '224.0.0.1', '255.255.255.255', '198.18.0.1'],
  ];

  test('with the stage as the only peer nobody else is reached, the public internet included', async () => {
    await start({ peers: { reach: 'stages', stages: ['203.0.113.9'] } });
    const client = await open();
    await client.allocate();
    // 127.0.0.1: the relay's own address, and that of everything else on its machine.
    for (const ip of [...STRANGERS, '127.0.0.1', '8.8.8.8']) {
      expect([ip, (await client.permit(ip)).code]).toEqual([ip, 403]);
      expect([ip, (await client.bindChannel(ip, 80)).code]).toEqual([ip, 403]);
    }
    expect((await client.permit('203.0.113.9')).code).toBe(0);
  });

  test('with the public internet as peers the special ranges are not', async () => {
    await start({ peers: { reach: 'public', stages: [] } });
    const client = await open();
    await client.allocate();
    for (const ip of [...STRANGERS, '127.0.0.1']) {
      expect([ip, (await client.permit(ip)).code]).toEqual([ip, 403]);
    }
    expect((await client.permit('8.8.8.8')).code).toBe(0);
  });

  test('nor are those of IPv6, or IPv4 ones within IPv6', async () => {
    await start({
      relay: { ...policy.relay, ip: '::1', announcedIp: '::1' },
      peers: { reach: 'public', stages: [] },
    });
    const client = await open();
    expect((await client.allocate(6)).code).toBe(0);
    const strangers = [
      ...['::', '::1', '::7f00:1', '::ffff:127.0.0.1', '::ffff:10.0.0.1', '::ffff:8.8.8.8', '64:ff9b::a00:1'],
      ...['fd00::1', 'fe80::1', 'ff02::1', '2002:a00:1::1', '2001::1'],
    ];
    for (const ip of strangers) expect([ip, (await client.permit(ip)).code]).toEqual([ip, 403]);
    expect((await client.permit('2a00:1450:4001::1')).code).toBe(0);
  });

  test('nothing goes to a peer without its permission, and no TCP is relayed', async () => {
    await start({ peers: { reach: 'stages', stages: ['203.0.113.9'] } });
    const house = await stageSocket();
    const heard: Buffer[] = [];
    house.on('message', (data) => heard.push(data));
    const client = await open();
    await client.allocate();
    client.send('127.0.0.1', house.address().port, Buffer.from('through the relay'));
    // The answer comes after whatever was before it.
    expect((await client.refresh()).code).toBe(0);
    expect(heard).toEqual([]);
    expect((await (await open('udp', credentialsOf('bob'))).allocate(4, 'tcp')).code).toBe(442);
  });
});

test('a person gets so many allocations and no more, however many credentials they have; others get theirs', async () => {
  await start({ limits: { ...policy.limits, allocationsPerPerson: 2 } });
  const codes: number[] = [];
  for (const ttlS of [100, 200, 300]) {
    codes.push((await (await open('udp', credentialsOf('ada', { ttlS }))).allocate()).code);
  }
  expect(codes).toEqual([0, 0, 486]);
  expect((await (await open('udp', credentialsOf('bob'))).allocate()).code).toBe(0);
});

test('all together get so many allocations and no more', async () => {
  await start({ limits: { ...policy.limits, allocations: 2 } });
  const codes: number[] = [];
  for (const person of ['ada', 'bob', 'cat']) {
    codes.push((await (await open('udp', credentialsOf(person))).allocate()).code);
  }
  expect(codes).toEqual([0, 0, 486]);
});

test('what is more than a relayed address may carry does not arrive', async () => {
  const stage = await echo();
  const SENT = 100;
  /** So many of a hundred kilobytes sent within a fifth of a second come back. At once they would be more than sockets hold. */
  const arrived = async (bytesPerSecond: number): Promise<number> => {
    const turn = await start({ limits: { ...policy.limits, bytesPerSecond } });
    const client = await open('tcp');
    await client.allocate();
    await client.permit('127.0.0.1');
    for (let i = 0; i < SENT; i++) {
      client.send('127.0.0.1', stage.port, Buffer.alloc(1000, i));
      if (i % 5 === 4) await new Promise((wake) => setTimeout(wake, 10));
    }
    for (let before = -1; before < client.received.length && client.received.length < SENT; ) {
      before = client.received.length;
      await new Promise((wake) => setTimeout(wake, 500));
    }
    client.close();
    await turn.close();
    return client.received.length;
  };
  expect(await arrived(1_500_000)).toBeGreaterThan(SENT * 0.8);
  expect(await arrived(20_000)).toBeLessThan(SENT * 0.5);
});

test('who is on stage when their credentials run out stays there; whoever comes with them then does not', async () => {
  await start();
  const credentials = credentialsOf('ada', { ttlS: 1 });
  const client = await open('udp', credentials);
  expect((await client.allocate()).code).toBe(0);
  const late = async (): Promise<number> => (await (await open('udp', credentials)).allocate()).code;
  while ((await late()) !== 401) await new Promise((wake) => setTimeout(wake, 100));
  expect((await client.refresh()).code).toBe(0);
  expect((await client.permit('127.0.0.1')).code).toBe(0);
});

test('behind a 1:1 NAT the stage on the same machine is reached at its announced address', async () => {
  await start({
    relay: { ...policy.relay, announcedIp: '203.0.113.7' },
    peers: { reach: 'stages', stages: ['203.0.113.7'] },
  });
  const stage = await echo();
  const client = await open();
  await client.allocate();
  expect((await client.permit('203.0.113.7')).code).toBe(0);
  await talks(client, '203.0.113.7', stage.port);
});

test('behind a 1:1 NAT its own machine is reached by neither address where no stage is there', async () => {
  // Of loopback addresses it refuses more than it was told to: only another one shows it.
  const own = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ internal, family }) => !internal && family === 'IPv4')?.address;
  if (own === undefined) throw new Error('this machine has no address but loopback');
  await start({
    relay: { ...policy.relay, ip: own, announcedIp: '203.0.113.7' },
    peers: { reach: 'stages', stages: ['203.0.113.9'] },
  });
  const client = await open();
  await client.allocate();
  for (const ip of [own, '203.0.113.7']) expect([ip, (await client.permit(ip)).code]).toEqual([ip, 403]);
  expect((await client.permit('203.0.113.9')).code).toBe(0);
});

/** The name on the certificate that is shown to who comes now. */
async function shownName(): Promise<string> {
  const socket = connect({
    host: '127.0.0.1',
    port: policy.listen.tls?.port ?? 0,
    rejectUnauthorized: false,
  });
  await once(socket, 'secureConnect');
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return String(subject.CN);
}

test('a renewed certificate is shown to who comes, and who talks goes on talking', async () => {
  await start();
  const stage = await echo();
  const client = await open('tls');
  await client.allocate();
  await client.permit('127.0.0.1');
  await talks(client, '127.0.0.1', stage.port);
  expect(await shownName()).toBe('127.0.0.1');
  const renewed = await mkdtemp(join(folder, 'renewed-'));
  const { certFile, keyFile } = await makeCertificate(renewed, 'renewed.example.org');
  await copyFile(certFile, policy.listen.tls?.certFile ?? '');
  await copyFile(keyFile, policy.listen.tls?.keyFile ?? '');
  while ((await shownName()) !== 'renewed.example.org') await new Promise((wake) => setTimeout(wake, 50));
  await talks(client, '127.0.0.1', stage.port);
  expect((await client.refresh()).code).toBe(0);
});

test('the secret does not lie on the disk while it runs', async () => {
  const { pid } = await start();
  // The configuration's path is its last argument.
  const [config = ''] = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0').slice(-2);
  const own = dirname(config);
  expect((await readdir(own)).sort()).toEqual(['turn.db', 'turnserver.pid']);
  for (const name of await readdir(own)) {
    expect((await readFile(join(own, name))).includes(SECRET)).toBe(false);
  }
});

test('one that is killed is told of; one that is closed is not, and leaves nothing behind', async () => {
  const turn = await start();
  process.kill(turn.pid ?? 0, 'SIGKILL');
  expect(await turn.died).toMatch(/SIGKILL/);
  expect(await turn.answers()).toBe(false);
});

test('one that hangs is told of as one that is gone', async () => {
  const turn = await startTurn({
    policy,
    log: () => undefined,
    silence: { everyMs: 20, misses: 2, enoughMs: 5000 },
  });
  turns.push(turn);
  process.kill(turn.pid ?? 0, 'SIGSTOP');
  expect(await turn.died).toBe('does not answer');
});

test('an address that is not this machine’s is told at once, with its ports', async () => {
  await expect(start({ listen: { ...policy.listen, ips: ['203.0.113.1'], tls: null } })).rejects.toThrow(
    `cannot listen at 203.0.113.1, ports ${policy.listen.port}`,
  );
});
