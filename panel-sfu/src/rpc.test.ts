import type { types } from 'mediasoup';
import { DTLS, OPUS, startTestNode, type TestNode, vp8 } from './testing.ts';

let node: TestNode;
beforeAll(async () => {
  node = await startTestNode();
});
afterAll(() => node.close());

let roomCount = 0;
let room: { roomId: string };
let capabilities: types.RtpCapabilities;
beforeEach(async () => {
  roomCount += 1;
  room = { roomId: `room-${roomCount}` };
  capabilities = (await node.ask('room.open', room)).rtpCapabilities as types.RtpCapabilities;
});
afterEach(async () => {
  await node.ask('room.close', room);
  expect(node.rooms.counts()).toEqual({
    rooms: 0,
    people: 0,
    transports: 0,
    producers: 0,
    consumers: 0,
    egresses: 0,
  });
  node.notices.length = 0;
});

const as = (personId: string) => ({ ...room, personId });

async function sending(personId: string, rtpParameters = vp8(1000, 3)) {
  const { transportId } = await node.ask('transport.create', { ...as(personId), direction: 'send' });
  const { producerId } = await node.ask('producer.create', {
    ...as(personId),
    transportId,
    kind: 'video',
    source: 'camera',
    rtpParameters,
    paused: false,
  });
  return { transportId, producerId };
}
async function receiving(personId: string) {
  return (await node.ask('transport.create', { ...as(personId), direction: 'recv' })).transportId;
}

describe('the RPC of a media node', () => {
  test('a room speaks Opus, VP8, constrained-baseline H.264 and, after those, VP9 of 8 bits', () => {
    const codecs = capabilities.codecs?.map((c) => c.mimeType.replace(/.*\//, '')) ?? [];
    expect(codecs).toEqual(['opus', 'VP8', 'rtx', 'H264', 'rtx', 'VP9', 'rtx']);
    const vp9 = capabilities.codecs?.find((c) => c.mimeType === 'video/VP9');
    expect(vp9?.parameters).toMatchObject({ 'profile-id': 0 });
    const h264 = capabilities.codecs?.find((c) => c.mimeType === 'video/H264');
    expect(h264?.parameters).toMatchObject({ 'packetization-mode': 1, 'profile-level-id': '42e01f' });
  });

  test('a room knows nothing of how cameras are held, so that browsers send pictures upright', () => {
    const extensions = capabilities.headerExtensions?.map(({ uri }) => uri) ?? [];
    expect(extensions.length).toBeGreaterThan(0);
    expect(extensions).not.toContain('urn:3gpp:video-orientation');
  });

  test('opening a room again answers for the same room and keeps who is in it', async () => {
    await sending('ada0');
    const again = await Promise.all([node.ask('room.open', room), node.ask('room.open', room)]);
    expect(again[0]).toEqual({ rtpCapabilities: capabilities });
    expect(node.rooms.counts()).toMatchObject({ rooms: 1, people: 1, producers: 1 });
  });

  test('a transport offers UDP and TCP at the address of its worker', async () => {
    const transport = await node.ask('transport.create', { ...as('ada0'), direction: 'send' });
    const candidates = transport.iceCandidates as unknown as types.IceCandidate[];
    expect(candidates.map((c) => [c.address, c.protocol])).toEqual([
      ['127.0.0.1', 'udp'],
      ['127.0.0.1', 'tcp'],
    ]);
    await node.ask('transport.connect', {
      ...as('ada0'),
      transportId: transport.transportId,
      dtlsParameters: DTLS,
    });
    const restarted = await node.ask('transport.restartIce', {
      ...as('ada0'),
      transportId: transport.transportId,
    });
    expect(restarted.iceParameters.usernameFragment).not.toBe(transport.iceParameters.usernameFragment);
  });

  test('a consumer starts paused, names its layers and takes updates', async () => {
    const { producerId } = await sending('ada0');
    const transportId = await receiving('bob0');
    const consumer = await node.ask('consumer.create', {
      ...as('bob0'),
      transportId,
      producerId,
      rtpCapabilities: capabilities,
    });
    expect(consumer).toMatchObject({ producerId, kind: 'video', spatialLayers: 3 });
    const { consumerId } = consumer;
    await node.ask('consumer.update', { ...as('bob0'), consumerId, paused: false, spatialLayer: 0 });
    await node.ask('consumer.update', { ...as('bob0'), consumerId, paused: true });
    await node.ask('consumer.close', { ...as('bob0'), consumerId });
    expect(await node.refusal('consumer.update', { ...as('bob0'), consumerId, paused: false })).toBe(
      'not-found',
    );
  });

  test('lost sound is asked for again by whoever receives it, as pictures are', async () => {
    const send = await node.ask('transport.create', { ...as('ada0'), direction: 'send' });
    const [opus] = OPUS.codecs;
    const { producerId } = await node.ask('producer.create', {
      ...as('ada0'),
      transportId: send.transportId,
      kind: 'audio',
      source: 'mic',
      rtpParameters: { ...OPUS, codecs: [{ ...opus!, rtcpFeedback: [{ type: 'nack' }] }] },
      paused: false,
    });
    const { rtpParameters } = await node.ask('consumer.create', {
      ...as('bob0'),
      transportId: await receiving('bob0'),
      producerId,
      rtpCapabilities: capabilities,
    });
    const { codecs } = rtpParameters as types.RtpParameters;
    expect(codecs[0]?.rtcpFeedback).toContainEqual({ type: 'nack', parameter: '' });
  });

  test('closing a producer tells whoever receives it, and closes its egress', async () => {
    const { producerId } = await sending('ada0');
    const transportId = await receiving('bob0');
    const { consumerId } = await node.ask('consumer.create', {
      ...as('bob0'),
      transportId,
      producerId,
      rtpCapabilities: capabilities,
    });
    const { egressId } = await node.ask('egress.open', { ...room, producerId, srtp: false });
    await node.ask('producer.close', { ...as('ada0'), producerId });
    expect(await node.notice('consumer.closed')).toEqual({
      type: 'consumer.closed',
      ...as('bob0'),
      consumerId,
    });
    expect(await node.notice('egress.closed')).toEqual({ type: 'egress.closed', ...room, egressId });
    expect(node.rooms.counts()).toMatchObject({ producers: 0, consumers: 0, egresses: 0, transports: 2 });
  });

  test('an egress opened again for the same carrier takes the place of the earlier one, for another it does not', async () => {
    const { producerId } = await sending('ada0');
    const open = (carrier?: string) =>
      node.ask('egress.open', { ...room, producerId, srtp: false, ...(carrier ? { carrier } : {}) });
    const other = await open('channel2');
    const none = await open();
    // As after an answer that was lost: the same call again, while the first may still be under way.
    const [lost, again] = await Promise.all([open('channel1'), open('channel1')]);
    expect(node.rooms.counts().egresses).toBe(3);
    for (const { egressId } of [other, none, again]) {
      await node.ask('egress.update', { ...room, egressId, spatialLayer: 0 });
    }
    expect(await node.refusal('egress.update', { ...room, egressId: lost.egressId, spatialLayer: 0 })).toBe(
      'not-found',
    );
  });

  test('what belongs to somebody else is forbidden, what does not exist is not found', async () => {
    const { transportId, producerId } = await sending('ada0');
    const mallory = as('mallory');
    await receiving('mallory');
    const before = node.rooms.counts();
    expect(await node.refusal('transport.connect', { ...mallory, transportId, dtlsParameters: DTLS })).toBe(
      'forbidden',
    );
    expect(await node.refusal('transport.restartIce', { ...mallory, transportId })).toBe('forbidden');
    expect(await node.refusal('producer.close', { ...mallory, producerId })).toBe('forbidden');
    expect(await node.refusal('producer.pause', { ...mallory, producerId, paused: true })).toBe('forbidden');
    expect(
      await node.refusal('producer.create', {
        ...mallory,
        transportId,
        kind: 'audio',
        source: 'mic',
        rtpParameters: OPUS,
        paused: false,
      }),
    ).toBe('forbidden');
    expect(await node.refusal('transport.restartIce', { ...mallory, transportId: 'nothing' })).toBe(
      'not-found',
    );
    expect(
      await node.refusal('transport.create', { roomId: 'nowhere', personId: 'ada0', direction: 'send' }),
    ).toBe('not-found');
    expect(await node.refusal('egress.open', { ...room, producerId: 'nothing', srtp: false })).toBe(
      'not-found',
    );
    expect(node.rooms.counts()).toEqual(before);
  });

  test('limits hold even for calls made at once: one transport a direction, one producer a source, 12 videos', async () => {
    const twice = await Promise.all(
      [1, 2].map(() => node.raw('transport.create', { ...as('bob0'), direction: 'recv' })),
    );
    expect(twice.map((r) => (r.ok ? 'ok' : r.error.code)).sort()).toEqual(['limit-reached', 'ok']);
    const recv = twice.find((r) => r.ok) as { value: { transportId: string } };
    const producers = await Promise.all(
      Array.from({ length: 13 }, (_, i) => sending(`person-${i}`, vp8(2000 + i))),
    );
    const consumed = await Promise.all(
      producers.map(({ producerId }) =>
        node.raw('consumer.create', {
          ...as('bob0'),
          transportId: recv.value.transportId,
          producerId,
          rtpCapabilities: capabilities,
        }),
      ),
    );
    expect(consumed.filter((r) => r.ok)).toHaveLength(12);
    expect(consumed.find((r) => !r.ok)).toMatchObject({ error: { code: 'limit-reached' } });
    const { transportId } = producers[0] as { transportId: string };
    expect(
      await node.refusal('producer.create', {
        ...as('person-0'),
        transportId,
        kind: 'video',
        source: 'camera',
        rtpParameters: vp8(3000),
        paused: false,
      }),
    ).toBe('limit-reached');
  });

  test('RTP parameters that make no sense are bad input, codecs we do not speak are unsupported; nothing is left', async () => {
    const { transportId } = await node.ask('transport.create', { ...as('ada0'), direction: 'send' });
    const before = node.rooms.counts();
    const produce = (rtpParameters: object, kind: 'audio' | 'video' = 'video') =>
      node.refusal('producer.create', {
        ...as('ada0'),
        transportId,
        kind,
        source: kind === 'video' ? 'camera' : 'mic',
        rtpParameters: rtpParameters as Record<string, unknown>,
        paused: false,
      });
    const good = vp8(4000);
    const codec = good.codecs[0];
    expect(await produce({})).toBe('bad-input');
    expect(await produce({ ...good, codecs: [] })).toBe('bad-input');
    expect(await produce({ ...good, codecs: [{ ...codec, payloadType: 300 }] })).toBe('bad-input');
    expect(await produce({ ...good, encodings: [{ ssrc: -1 }] })).toBe('bad-input');
    expect(await produce({ ...good, encodings: [{}, {}, {}, {}] })).toBe('bad-input');
    expect(await produce({ ...good, codecs: [{ ...codec, mimeType: 'video/theora' }] })).toBe(
      'media-unsupported',
    );
    expect(await produce(OPUS, 'video')).not.toBe('internal');
    expect(await produce({ ...good, encodings: [{ ssrc: 5 }, { ssrc: 5 }] })).toBe('bad-input');
    expect(node.rooms.counts()).toEqual(before);
    await node.ask('producer.create', {
      ...as('ada0'),
      transportId,
      kind: 'video',
      source: 'camera',
      rtpParameters: good,
      paused: false,
    });
  });

  test('a receiver without the codec is told so', async () => {
    const { producerId } = await sending('ada0');
    const transportId = await receiving('bob0');
    const opusOnly = { codecs: capabilities.codecs?.filter((c) => c.kind === 'audio'), headerExtensions: [] };
    expect(
      await node.refusal('consumer.create', {
        ...as('bob0'),
        transportId,
        producerId,
        rtpCapabilities: opusOnly,
      }),
    ).toBe('media-unsupported');
  });

  test('closing a person closes all of theirs and tells the others', async () => {
    const { producerId } = await sending('ada0');
    const transportId = await receiving('bob0');
    await node.ask('consumer.create', {
      ...as('bob0'),
      transportId,
      producerId,
      rtpCapabilities: capabilities,
    });
    await node.ask('person.close', as('ada0'));
    await node.ask('person.close', as('ada0'));
    expect((await node.notice('consumer.closed')).personId).toBe('bob0');
    expect(node.rooms.counts()).toMatchObject({ people: 1, producers: 0, consumers: 0, transports: 1 });
    await sending('ada0'); // and they may come back
  });

  test('egress: one codec, one SSRC, no bandwidth estimation, its own RTP and RTCP ports; SRTP keys both ways', async () => {
    const { producerId } = await sending('ada0');
    const plain = await node.ask('egress.open', { ...room, producerId, srtp: false });
    const parameters = plain.rtpParameters as unknown as types.RtpParameters;
    expect(parameters.codecs.map((c) => c.mimeType)).toEqual(['video/VP8']);
    expect(parameters.encodings).toHaveLength(1);
    expect(parameters.headerExtensions).toEqual([]);
    expect(parameters.codecs[0]?.rtcpFeedback?.map((f) => f.type)).toEqual(['nack', 'ccm']);
    expect(parameters.rtcp?.cname).toBe('test');
    expect(plain.local.port).not.toBe(plain.local.rtcpPort);
    expect(plain.srtp).toBeNull();
    const remote = { ip: '127.0.0.1', port: 5004, rtcpPort: 5005 };
    const { egressId } = plain;
    expect(await node.refusal('egress.update', { ...room, egressId, paused: false })).toBe('conflict');
    await node.ask('egress.connect', { ...room, egressId, remote, srtp: null });
    await node.ask('egress.connect', { ...room, egressId, remote, srtp: null });
    expect(
      await node.refusal('egress.connect', {
        ...room,
        egressId,
        remote: { ...remote, port: 5006 },
        srtp: null,
      }),
    ).toBe('conflict');

    const secure = await node.ask('egress.open', { ...room, producerId, srtp: true });
    expect(secure.srtp).toMatchObject({ cryptoSuite: 'AES_CM_128_HMAC_SHA1_80' });
    const secured = secure.rtpParameters as unknown as types.RtpParameters;
    expect(secured.codecs.map((c) => c.mimeType)).toEqual(['video/VP8', 'video/rtx']);
    const at = { ...room, egressId: secure.egressId, remote };
    expect(await node.refusal('egress.connect', { ...at, srtp: null })).toBe('bad-input');
    const wrongKey = { cryptoSuite: 'AES_CM_128_HMAC_SHA1_80', keyBase64: 'c2hvcnQ=' };
    expect(await node.refusal('egress.connect', { ...at, srtp: wrongKey })).toBe('bad-input');
    await node.ask('egress.connect', { ...at, srtp: secure.srtp });
    await node.ask('egress.close', { ...room, egressId: secure.egressId });
    await node.ask('egress.close', { ...room, egressId });
  });
});
