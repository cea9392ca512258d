import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { ERRORS, type SfuMethod, sfuMethods } from '@rostrum/contracts';
import fc from 'fast-check';
import type { types } from 'mediasoup';
import { DTLS, OPUS, startTestNode, type TestNode, vp8 } from './testing.ts';

/** Bad input of every kind against a real worker: a typed failure or a drop, nothing left behind, the show goes on. */

let node: TestNode;
let scene: Awaited<ReturnType<typeof setScene>>;
beforeAll(async () => {
  node = await startTestNode();
  scene = await setScene();
});
afterAll(() => node.close());

/** One person sending, one receiving, one egress. */
async function setScene() {
  const room = { roomId: 'fuzzed-room' };
  const { rtpCapabilities } = await node.ask('room.open', room);
  const ada = { ...room, personId: 'ada0' };
  const bob = { ...room, personId: 'bob0' };
  const send = await node.ask('transport.create', { ...ada, direction: 'send' });
  const recv = await node.ask('transport.create', { ...bob, direction: 'recv' });
  const { producerId } = await node.ask('producer.create', {
    ...ada,
    transportId: send.transportId,
    kind: 'video',
    source: 'camera',
    rtpParameters: vp8(9000, 3),
    paused: false,
  });
  const { consumerId } = await node.ask('consumer.create', {
    ...bob,
    transportId: recv.transportId,
    producerId,
    rtpCapabilities,
  });
  const egress = await node.ask('egress.open', { ...room, producerId, srtp: false });
  const ids = [room.roomId, 'ada0', 'bob0', send.transportId, recv.transportId, producerId, consumerId];
  return { room, ada, bob, send, recv, producerId, consumerId, egress, rtpCapabilities, ids };
}

/** What the worker itself has, beside our own books. */
async function everything() {
  const router = await node.rooms.get(scene.room.roomId).router.dump();
  return { ours: node.rooms.counts(), transports: [...router.transportIds].sort() };
}

/** The show goes on: somebody new can come, send, and go. */
async function showGoesOn(): Promise<void> {
  const eve = { ...scene.room, personId: 'eve0' };
  const { transportId } = await node.ask('transport.create', { ...eve, direction: 'send' });
  await node.ask('producer.create', {
    ...eve,
    transportId,
    kind: 'audio',
    source: 'mic',
    rtpParameters: OPUS,
    paused: false,
  });
  await node.ask('person.close', eve);
}

const CREATING: readonly SfuMethod[] = ['transport.create', 'egress.open', 'room.open'];

describe('bad input to the RPC', () => {
  test('anything at all, to any method, gets a result and leaks nothing', async () => {
    const before = await everything();
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.constantFrom<string>(...Object.keys(sfuMethods)), fc.string(), fc.constant('__proto__')),
        fc.oneof(fc.anything({ withBigInt: true, withNullPrototype: true }), fc.constant(undefined)),
        async (method, params) => {
          const result = await node.raw(method, params);
          expect(result).toMatchObject({ ok: false, error: { code: 'bad-input' } });
        },
      ),
      { numRuns: 500 },
    );
    expect(await everything()).toEqual(before);
    await showGoesOn();
  });

  test('well-formed calls about the wrong things get a typed failure and leak nothing', async () => {
    const before = await everything();
    const id = fc.oneof(fc.constantFrom(...scene.ids, scene.egress.egressId), fc.constant('nobody-here'));
    const params = fc.record({
      roomId: fc.oneof(
        { weight: 4, arbitrary: fc.constant(scene.room.roomId) },
        { weight: 1, arbitrary: id },
      ),
      personId: fc.constantFrom('nobody', 'ada0x', scene.producerId),
      transportId: id,
      producerId: id,
      consumerId: id,
      egressId: fc.constantFrom('nobody-here', scene.producerId),
      direction: fc.constantFrom('send', 'recv'),
      dtlsParameters: fc.oneof(fc.constant(DTLS), fc.object()),
      kind: fc.constantFrom('audio', 'video'),
      source: fc.constantFrom('camera', 'mic', 'screen', 'screenAudio'),
      rtpParameters: fc.oneof(fc.constant(OPUS), fc.constant(vp8(77)), fc.object()),
      rtpCapabilities: fc.oneof(fc.constant(scene.rtpCapabilities), fc.object()),
      paused: fc.boolean(),
      spatialLayer: fc.integer({ min: 0, max: 2 }),
      srtp: fc.constantFrom(null, { cryptoSuite: 'x', keyBase64: 'y' }),
      remote: fc.record({ ip: fc.constant('127.0.0.1'), port: fc.nat(70_000), rtcpPort: fc.nat(70_000) }),
    });
    const methods = Object.keys(sfuMethods) as SfuMethod[];
    const refusing = methods.filter((m) => !CREATING.includes(m) && !m.endsWith('.close'));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...refusing), params, async (method, input) => {
        const result = await node.raw(method, input);
        expect(result.ok).toBe(false);
        if (!result.ok) {
          expect(Object.keys(ERRORS)).toContain(result.error.code);
          expect(result.error.code).not.toBe('internal');
        }
      }),
      { numRuns: 600 },
    );
    expect(await everything()).toEqual(before);
    await showGoesOn();
  });

  test('RTP parameters with anything in any place are taken or refused by type, and the worker lives', async () => {
    const before = await everything();
    const worker = node.pool.alive()[0]!.worker;
    const cat = { ...scene.room, personId: 'cat0' };
    const { transportId } = await node.ask('transport.create', { ...cat, direction: 'send' });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(vp8(5000), vp8(6000, 3), OPUS).chain(mutated),
        fc.constantFrom('audio', 'video'),
        async (rtpParameters, kind) => {
          const result = await node.raw('producer.create', {
            ...cat,
            transportId,
            kind,
            source: kind === 'video' ? 'camera' : 'mic',
            rtpParameters,
            paused: false,
          });
          if (result.ok)
            await node.ask('producer.close', { ...cat, ...(result.value as { producerId: string }) });
          else expect(['bad-input', 'media-unsupported']).toContain(result.error.code);
        },
      ),
      { numRuns: 800 },
    );
    await node.ask('person.close', cat);
    expect(await everything()).toEqual(before);
    expect(worker.closed).toBe(false);
    await showGoesOn();
  });

  test('DTLS parameters and capabilities with anything in any place likewise', async () => {
    const before = await everything();
    const dog = { ...scene.room, personId: 'dog0' };
    await fc.assert(
      fc.asyncProperty(
        mutated(DTLS),
        mutated(scene.rtpCapabilities),
        async (dtlsParameters, rtpCapabilities) => {
          const { transportId } = await node.ask('transport.create', { ...dog, direction: 'recv' });
          const connected = await node.raw('transport.connect', { ...dog, transportId, dtlsParameters });
          if (!connected.ok) expect(['bad-input', 'media-unsupported']).toContain(connected.error.code);
          const consumed = await node.raw('consumer.create', {
            ...dog,
            transportId,
            producerId: scene.producerId,
            rtpCapabilities,
          });
          if (!consumed.ok) expect(['bad-input', 'media-unsupported']).toContain(consumed.error.code);
          await node.ask('person.close', dog);
        },
      ),
      { numRuns: 200 },
    );
    expect(await everything()).toEqual(before);
    await showGoesOn();
  });
});

describe('garbage on the network', () => {
  const garbage = (size: number): Buffer =>
    Buffer.from(Array.from({ length: size }, () => Math.random() * 256));
  /** Random bytes, and bytes that begin as STUN, DTLS, RTP and RTCP do. */
  const packets = [0, 1, 3, 12, 20, 100, 1400, 9000].flatMap((size) =>
    [[], [0, 1], [22, 254, 253], [0x80, 96], [0x80, 200, 0, 6], [0xbf, 206, 255, 255], [0x81, 202, 0, 1]].map(
      (head) => Buffer.concat([Buffer.from(head), garbage(size)]).subarray(0, 9000),
    ),
  );

  test('the RTC port drops it, over UDP and TCP', async () => {
    const candidates = scene.send.iceCandidates as unknown as types.IceCandidate[];
    const udp = candidates.find((c) => c.protocol === 'udp');
    const tcp = candidates.find((c) => c.protocol === 'tcp');
    await spray(packets, udp?.port ?? 0);
    for (const packet of packets) {
      await new Promise<void>((done) => {
        const socket = connect(tcp?.port ?? 0, '127.0.0.1', () => socket.end(packet));
        socket.on('error', () => done());
        socket.on('close', () => done());
        socket.setTimeout(200, () => socket.destroy());
        socket.resume();
      });
    }
    await showGoesOn();
    expect(node.pool.deaths()).toBe(0);
  });

  test("an egress's ports drop it, from its own remote too", async () => {
    const receiver = createSocket('udp4');
    await new Promise<void>((ready) => {
      receiver.bind(0, '127.0.0.1', () => ready());
    });
    const { port } = receiver.address();
    await node.ask('egress.connect', {
      ...scene.room,
      egressId: scene.egress.egressId,
      remote: { ip: '127.0.0.1', port, rtcpPort: port },
      srtp: null,
    });
    const { local } = scene.egress;
    for (const packet of packets) {
      receiver.send(packet, local.port, '127.0.0.1');
      receiver.send(packet, local.rtcpPort, '127.0.0.1');
    }
    await spray(packets, local.port);
    await spray(packets, local.rtcpPort);
    await showGoesOn();
    receiver.close();
    expect(node.pool.deaths()).toBe(0);
  });
});

async function spray(packets: readonly Buffer[], port: number): Promise<void> {
  const socket = createSocket('udp4');
  for (const packet of packets) {
    await new Promise<void>((sent, failed) => {
      socket.send(packet, port, '127.0.0.1', (error) => (error ? failed(error) : sent()));
    });
  }
  socket.close();
}

/** The object with one to three places anywhere in it replaced, removed or doubled. */
function mutated(good: object): fc.Arbitrary<Record<string, unknown>> {
  const odd = fc.oneof(
    fc.anything({ maxDepth: 1 }),
    fc.integer(),
    fc.constantFrom(-1, 0, 1, 127, 128, 255, 256, 65_536, 2 ** 31, 2 ** 32, 2 ** 53, 1e308, 0.5),
    fc.constantFrom(
      '',
      'x',
      'x'.repeat(300),
      'video/VP8',
      'audio/opus',
      'video/rtx',
      'r0',
      'L3T3',
      'L9T9',
      '\0',
    ),
  );
  return fc
    .array(fc.tuple(fc.nat(), fc.constantFrom('replace', 'remove', 'double'), odd), {
      minLength: 1,
      maxLength: 3,
    })
    .map((changes) => {
      const copy = structuredClone(good) as Record<string, unknown>;
      for (const [at, how, value] of changes) {
        const places = placesOf(copy);
        const place = places[at % places.length];
        if (!place) continue;
        const [holder, key] = place;
        if (how === 'replace') holder[key] = value;
        else if (how === 'remove') delete holder[key];
        else if (Array.isArray(holder)) holder.push(structuredClone(holder[Number(key)]));
        else holder[`${key}2`] = holder[key];
      }
      return copy;
    });
}

type Holder = Record<string, unknown>;
function placesOf(value: unknown): [Holder, string][] {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as Holder;
  return Object.keys(holder).flatMap((key) => [[holder, key] as [Holder, string], ...placesOf(holder[key])]);
}
