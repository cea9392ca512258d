import { createSocket } from 'node:dgram';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { NODE_NAMESPACE, PERSON_NAMESPACE, PROTOCOL_VERSION, personCommands } from '@rostrum/contracts';
import { io, type Socket } from 'socket.io-client';
import { LiveShow, OPENING_DEADLINE_MS } from './lib/live-show.ts';
import type { Show } from './lib/show.ts';
import { drawnCamera } from './lib/synthetic-media.ts';
import type { System } from './lib/system.ts';
import type { Viewer } from './lib/viewer.ts';

/** R4: malformed input everywhere while a show is on the air. Each gets a typed error or is dropped, and nobody notices. */

const SERVICES = ['host-console', 'panel-sfu', 'broadcaster'] as const;
const GARBAGE: readonly unknown[] = [
  null,
  undefined,
  0,
  -1,
  'x',
  '',
  [],
  [[]],
  {},
  { __proto__: { admin: true } },
  { constructor: { prototype: 1 } },
  { questionId: { $ne: null }, text: 5 },
  { personId: '../../etc/passwd' },
  { transportId: 'a'.repeat(5000) },
  { scene: Array.from({ length: 500 }, () => ({})) },
  'y'.repeat(60_000),
];

let live: LiveShow;
let system: System;
let show: Show;
let viewer: Viewer;
let pidsBefore: number[];

const pids = async () => [
  ...(await Promise.all(SERVICES.map((s) => system.pid(s)))),
  ...(await system.compositorPids()),
];

async function picturesArrive(): Promise<void> {
  const onScreen = [...live.areas().keys()];
  expect(onScreen).toHaveLength(1);
  await live.seenLive(viewer, 'a live picture', onScreen, { deadlineMs: 30_000 });
}

const dial = (namespace: string, auth: Record<string, unknown>): Socket =>
  io(system.api.baseUrl + namespace, {
    auth,
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
  });

const connected = (socket: Socket) =>
  new Promise<'connected' | { code: unknown }>((resolve) => {
    socket.on('connect', () => resolve('connected'));
    socket.on('connect_error', (error: Error & { data?: { code?: unknown } }) =>
      resolve({ code: error.data?.code }),
    );
  });

beforeAll(async () => {
  live = await LiveShow.open({ title: 'Under fire', cast: [drawnCamera('Ada', 255, { pilotHz: 1900 })] });
  ({ show, system } = live);
  viewer = await live.watch();
  await picturesArrive();
  pidsBefore = await pids();
}, OPENING_DEADLINE_MS);

afterEach(async () => {
  expect(await pids()).toEqual(pidsBefore);
  await picturesArrive();
});

afterAll(() => live?.close(), 60_000);

test('links that are forged, cut or of another protocol are refused with a code', async () => {
  const { token } = await system.api.attend(show.webinar.webinarId, 'Eve');
  const [head, body, signature] = token.split('.');
  for (const auth of [
    { protocol: PROTOCOL_VERSION, token: '' },
    { protocol: PROTOCOL_VERSION, token: `${head}.${body}.${signature?.slice(0, -3)}abc` },
    { protocol: PROTOCOL_VERSION, token: 'x'.repeat(4000) },
    { protocol: PROTOCOL_VERSION, token: { toString: 1 } },
  ]) {
    const socket = dial(PERSON_NAMESPACE, auth);
    expect(await connected(socket)).toEqual({ code: 'token-invalid' });
    socket.disconnect();
  }
  for (const auth of [{}, { protocol: 'x', token }, { protocol: PROTOCOL_VERSION + 1, token }]) {
    const socket = dial(PERSON_NAMESPACE, auth);
    expect(await connected(socket)).toEqual({ code: 'protocol-mismatch' });
    socket.disconnect();
  }
});

test('a stranger cannot pose as a node', async () => {
  const socket = dial(NODE_NAMESPACE, {
    protocol: PROTOCOL_VERSION,
    nodeToken: 'x'.repeat(40),
    nodeId: 'evil',
    bootId: 'evil',
    node: { kind: 'sfu', roomIds: [] },
  });
  expect(await connected(socket)).not.toBe('connected');
  socket.disconnect();
});

test('garbage on every event, as attendee and as panelist, is answered with a typed failure', async () => {
  const link = await system.api.createLink(show.webinar.webinarId, { role: 'panelist', name: 'Mallory' });
  const { token } = await system.api.attend(show.webinar.webinarId, 'Eve');
  for (const bearer of [token, link.token]) {
    const socket = dial(PERSON_NAMESPACE, { protocol: PROTOCOL_VERSION, token: bearer });
    expect(await connected(socket)).toBe('connected');
    for (const command of Object.keys(personCommands)) {
      // What is harmless when given nothing would simply succeed; everything else has to be refused.
      const takesNothing = personCommands[command as keyof typeof personCommands].input.safeParse({}).success;
      for (const garbage of takesNothing ? ['x', 7, [], 'y'.repeat(60_000)] : GARBAGE) {
        const answer = (await socket.timeout(10_000).emitWithAck(command, garbage)) as {
          ok: boolean;
          error?: unknown;
        };
        expect({ command, garbage: typeof garbage, ok: answer.ok }).toMatchObject({ ok: false });
        expect(answer.error).toMatchObject({ code: expect.any(String), message: expect.any(String) });
      }
      socket.emit(command);
      socket.emit(command, ...GARBAGE);
    }
    socket.emit('no-such-event', {});
    socket.disconnect();
  }
}, 180_000);

test('nonsense on the HTTP routes of console and origin is answered, never with a 5xx', async () => {
  const origin = new URL(show.watchUrl).origin;
  const { phase } = show.host.view();
  const playlist = phase.phase === 'live' ? phase.playlistUrl : '';
  const paths = [
    '/%00',
    '/%ff%fe',
    '/../../etc/passwd',
    '/w/..%2f..%2fetc%2fpasswd',
    '/assets/..%5c..%5cpackage.json',
    '/live/nothing-here/multivariant.m3u8',
    '/recordings/x/y/z.mp4',
    '/api/webinars/%20',
    '/api/nothing',
    `/${'a'.repeat(6000)}`,
    '/live/?_HLS_msn=1e9&_HLS_part=-1',
  ];
  const tries: Promise<Response>[] = [];
  for (const base of [origin, system.api.baseUrl]) {
    for (const path of paths) tries.push(fetch(base + path));
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'PROPFIND']) {
      tries.push(fetch(`${base}/api/webinars`, { method, body: '{"title": ' }));
    }
  }
  for (const query of [
    '_HLS_msn=x',
    '_HLS_part=1',
    '_HLS_msn=99999999999',
    '_HLS_msn=-1',
    '_HLS_msn=1&_HLS_msn=2',
  ]) {
    tries.push(fetch(`${playlist}?${query}`));
  }
  for (const response of await Promise.all(tries)) {
    expect({
      url: response.url.slice(0, 120),
      status: response.status,
      fine: response.status < 500,
    }).toMatchObject({
      fine: true,
    });
    await response.arrayBuffer();
  }
});

test('bytes that are no HTTP at all do no harm', async () => {
  for (const base of [new URL(show.watchUrl), new URL(system.api.baseUrl)]) {
    await Promise.all(
      [
        '\0\x01\x02\xff'.repeat(2000),
        'GET / HTTP/9.9\r\n\r\n',
        'GET /',
        '\r\n\r\n\r\n',
        'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      ].map(
        (bytes) =>
          new Promise<void>((resolve) => {
            const socket = connect(Number(base.port), base.hostname, () => socket.write(bytes, 'latin1'));
            socket.setTimeout(1000, () => socket.destroy());
            // A reset is one of the right answers.
            socket.on('error', () => undefined).on('close', () => resolve());
            socket.resume();
          }),
      ),
    );
  }
});

test('garbage on every UDP port of SFU and compositor is dropped', async () => {
  const targets = (
    await Promise.all(
      [...(await system.childrenOf('panel-sfu')), ...(await system.compositorPids())].map(udpPorts),
    )
  ).flat();
  expect(targets.length).toBeGreaterThanOrEqual(3);
  const socket = createSocket('udp4');
  const packets = [
    Buffer.alloc(0),
    Buffer.from([0x80]),
    Buffer.alloc(1400, 0xff),
    Buffer.concat([Buffer.from([0x80, 96, 0, 1, 0, 0, 0, 1, 0, 0, 0, 7]), Buffer.alloc(200, 7)]),
    Buffer.from([0x81, 0xc9, 0xff, 0xff, 0, 0, 0, 1]),
    Buffer.from([0x00, 0x01, 0x00, 0x08, 0x21, 0x12, 0xa4, 0x42]),
    Buffer.from([0x16, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]),
  ];
  for (let round = 0; round < 50; round += 1) {
    for (const port of targets) {
      for (const packet of packets) {
        await new Promise((resolve) => socket.send(packet, port, '127.0.0.1', resolve));
      }
    }
  }
  socket.close();
});

/** UDP ports a process has open, by the inodes of its sockets. */
async function udpPorts(pid: number): Promise<number[]> {
  const links = await Promise.all(
    (await readdir(`/proc/${pid}/fd`)).map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')),
  );
  const inodes = new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []));
  const table = (await readFile('/proc/net/udp', 'utf8')).trim().split('\n').slice(1);
  return table.flatMap((line) => {
    const columns = line.trim().split(/\s+/);
    const port = Number.parseInt(columns[1]?.split(':')[1] ?? '0', 16);
    return inodes.has(columns[9] ?? '') && port > 0 ? [port] : [];
  });
}
