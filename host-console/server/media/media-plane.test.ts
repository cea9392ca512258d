import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  BACKSTAGE_AFTER_END_MS,
  emptyScene,
  NO_PRESSURE,
  type NodeHandshake,
  type Person,
  PROTOCOL_VERSION,
  type Scene,
  type ShedLoad,
  type WebinarEvent,
  type WebinarState,
  type WithheldSource,
} from '@rostrum/contracts';
import pino from 'pino';
import { Registry } from 'prom-client';
import { Server } from 'socket.io';
import { io as dial } from 'socket.io-client';
import { BROADCASTER, NODE_TOKEN, TestNode, until } from '../testing/test-node.ts';
import { recordingShape } from '../webinars/features/recording/shape.ts';
import { emptyState } from '../webinars/fold.ts';
import { createMediaPlane, dialledNodes, type MediaCaller, type MediaPlane } from './index.ts';

/**
 * The media side between real sockets: nodes that dial in and answer RPC, and a log. What the nodes do with the calls is
 * tested with the real SFU and compositor in their packages and end to end.
 */
let http: HttpServer;
let io: Server;
let url: string;
let plane: MediaPlane;
let state: WebinarState;
let told: { to: string; event: string; body: unknown }[];
let nodes: TestNode[];
/** Connections that are cut. */
let gone: Set<string>;
let served: Set<string>;

const caller = (personId: string, connectionId = `${personId}-c1`): MediaCaller => ({
  webinarId: 'webinar1',
  personId,
  connectionId,
});

async function node(kind: NodeHandshake['node'], nodeId: string, bootId?: string): Promise<TestNode> {
  const made = new TestNode(url, kind, nodeId, bootId);
  nodes.push(made);
  const before = plane.readiness();
  await until(`${nodeId} to be connected`, () => {
    const now = plane.readiness();
    return kind.kind === 'sfu'
      ? now.sfuNodes > before.sfuNodes
      : now.broadcasterNodes > before.broadcasterNodes;
  });
  return made;
}

const camera = (personId: string) =>
  plane.handle(caller(personId), 'media:produce', {
    transportId: 'transport1',
    kind: 'video',
    source: 'camera',
    rtpParameters: {},
  });

function change(event: WebinarEvent, next: Partial<WebinarState>): void {
  state = { ...state, ...next, seq: state.seq + 1 };
  plane.observe(state, event);
}

const setScene = (scene: Scene) => change({ type: 'scene.changed', scene }, { scene });

async function goLive(): Promise<void> {
  const { originUrl } = await plane.startChannel('webinar1', 'channel1', state);
  change(
    { type: 'webinar.wentLive', channelId: 'channel1', originUrl },
    { phase: { phase: 'live', channel: { channelId: 'channel1', originUrl, sinceUnixMs: 1 } } },
  );
}

const ended = (phase: WebinarState['phase']): WebinarState['phase'] => ({
  phase: 'ended',
  channel: phase.phase === 'live' ? phase.channel : null,
  endedUnixMs: Date.now(),
  recording: 'pending',
  cancelled: false,
});
const end = (): void =>
  change({ type: 'webinar.ended', recording: 'pending' }, { phase: ended(state.phase) });

beforeEach(async () => {
  http = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => http.once('listening', resolve));
  io = new Server(http);
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  told = [];
  nodes = [];
  const people = ['ada1', 'bob1'].map((personId) => ({
    personId,
    name: personId,
    role: 'panelist' as const,
    guest: false,
    removed: false,
    sentOutUnixMs: null,
    mutedBy: null,
  }));
  state = {
    ...emptyState('webinar1'),
    seq: 1,
    title: 'T',
    scene: emptyScene('T'),
    people: new Map(people.map((p) => [p.personId, p])),
  };
  const logger = pino({ level: 'silent' });
  const nowMs = (): number => performance.now();
  gone = new Set();
  served = new Set();
  plane = createMediaPlane({
    nodes: dialledNodes({ io, nodeToken: NODE_TOKEN, logger, nowMs }),
    iceServers: (personId) => [{ urls: 'turn:t', username: `${personId}` }],
    logger,
    nowMs,
    nowUnixMs: () => Date.now(),
    metrics: new Registry(),
    wordSide: {
      state: () => state,
      phase: async (webinarId) => (webinarId === 'webinar1' ? state.phase.phase : null),
      recordingIsDeleted: async () => false,
      shape: async () => recordingShape(state),
      append: async (_webinarId, decide) => {
        for (const event of decide(state)) {
          if (event.type === 'scene.changed') setScene(event.scene);
          if (event.type === 'webinar.recordingSettled' && state.phase.phase === 'ended') {
            const recording = event.recorded ? ('ready' as const) : ('none' as const);
            change(event, { phase: { ...state.phase, recording } });
          }
        }
      },
      servesPages: (originUrl) => served.add(originUrl),
      network: () => undefined,
      isConnected: ({ connectionId }) => !gone.has(connectionId),
      tell: (to, event, ...[body]) => {
        told.push({ to: to.connectionId, event, body });
      },
    },
  });
});

afterEach(async () => {
  await plane.close();
  for (const n of nodes) n.close();
  await io.close();
});

describe('the stage', () => {
  test('without an SFU joining is refused as something to try again', async () => {
    await expect(plane.handle(caller('ada1'), 'media:join', {})).rejects.toMatchObject({ code: 'no-sfu' });
  });

  test('a room is cleared of what an earlier coordinator left, then opened once for everybody', async () => {
    const sfu = await node({ kind: 'sfu', roomIds: [] }, 'sfu1');
    await Promise.all([
      plane.handle(caller('ada1'), 'media:join', {}),
      plane.handle(caller('bob1'), 'media:join', {}),
    ]);
    expect(sfu.methods('room.')).toEqual(['room.close', 'room.open']);
  });

  test('the others hear of a new track, its pauses and its end', async () => {
    await node({ kind: 'sfu', roomIds: [] }, 'sfu1');
    await plane.handle(caller('ada1'), 'media:join', {});
    await plane.handle(caller('bob1'), 'media:join', {});
    const { producerId } = await camera('ada1');
    await plane.handle(caller('ada1'), 'media:pauseProducer', { producerId, paused: true });
    await plane.handle(caller('ada1'), 'media:closeProducer', { producerId });
    expect(told.map((t) => [t.to, t.event])).toEqual([
      ['bob1-c1', 'media.producerAdded'],
      ['bob1-c1', 'media.producerPaused'],
      ['bob1-c1', 'media.producerClosed'],
    ]);
  });

  test('nobody calls media before joining, nor from a connection that was replaced', async () => {
    await node({ kind: 'sfu', roomIds: [] }, 'sfu1');
    await expect(camera('ada1')).rejects.toMatchObject({ code: 'not-on-stage' });
    await plane.handle(caller('ada1'), 'media:join', {});
    await plane.handle(caller('ada1', 'ada1-c2'), 'media:join', {});
    await expect(camera('ada1')).rejects.toMatchObject({ code: 'not-on-stage' });
    expect(told).toContainEqual({ to: 'ada1-c1', event: 'media.reset', body: { reason: 'replaced' } });
  });

  test('whoever asks first is refused while they stand there over another connection, and not once that is gone', async () => {
    await node({ kind: 'sfu', roomIds: [] }, 'sfu1');
    const asking = { unlessElsewhere: true };
    await plane.handle(caller('ada1'), 'media:join', asking);
    await plane.handle(caller('ada1'), 'media:join', asking);
    const elsewhere = plane.handle(caller('ada1', 'ada1-c2'), 'media:join', asking);
    await expect(elsewhere).rejects.toMatchObject({ code: 'conflict' });
    expect(told).toEqual([]);
    expect(plane.onStage('webinar1')).toEqual(['ada1']);
    gone.add('ada1-c1');
    plane.disconnected(caller('ada1'));
    expect(await plane.handle(caller('ada1', 'ada1-c2'), 'media:join', asking)).toMatchObject({
      resumed: false,
    });
  });

  test('a leave over another connection takes nobody off the stage, unless theirs is gone', async () => {
    await node({ kind: 'sfu', roomIds: [] }, 'sfu1');
    await plane.handle(caller('ada1'), 'media:join', {});
    await plane.handle(caller('ada1', 'ada1-c2'), 'media:leave', {});
    expect(plane.onStage('webinar1')).toEqual(['ada1']);
    gone.add('ada1-c1');
    plane.disconnected(caller('ada1'));
    await plane.handle(caller('ada1', 'ada1-c2'), 'media:leave', {});
    expect(plane.onStage('webinar1')).toEqual([]);
  });

  test('a connection that comes back resumes with its tracks untouched', async () => {
    const sfu = await node({ kind: 'sfu', roomIds: [] }, 'sfu1');
    await plane.handle(caller('ada1'), 'media:join', {});
    await camera('ada1');
    plane.disconnected(caller('ada1'));
    const joined = await plane.handle(caller('ada1', 'ada1-c2'), 'media:join', { resume: true });
    expect(joined.resumed).toBe(true);
    expect(sfu.methods('person.close')).toEqual([]);
    expect(plane.onStage('webinar1')).toEqual(['ada1']);
  });

  test('whoever joins or restarts ICE is told the ICE servers of that person', async () => {
    await node({ kind: 'sfu', roomIds: [] }, 'sfu1');
    const { iceServers } = await plane.handle(caller('ada1'), 'media:join', {});
    expect(iceServers).toEqual([{ urls: 'turn:t', username: 'ada1' }]);
    await expect(
      plane.handle(caller('ada1'), 'media:restartIce', { transportId: 'transport1' }),
    ).resolves.toEqual({ iceParameters: {}, iceServers });
  });

  test('when the SFU restarts everyone is told to join again, and the new one takes them', async () => {
    const sfu = await node({ kind: 'sfu', roomIds: [] }, 'sfu1');
    await plane.handle(caller('ada1'), 'media:join', {});
    sfu.close();
    nodes.push(new TestNode(url, { kind: 'sfu', roomIds: [] }, 'sfu1', 'boot2'));
    await until('the reset', () => told.some((t) => t.event === 'media.reset'));
    expect(told).toEqual([{ to: 'ada1-c1', event: 'media.reset', body: { reason: 'node-lost' } }]);
    expect((await plane.handle(caller('ada1'), 'media:join', {})).resumed).toBe(false);
  });

  test('screens are VP9 until somebody comes who does not receive it; then everybody is told, once, and so is who comes later', async () => {
    const sfu = await node({ kind: 'sfu', roomIds: [] }, 'sfu1');
    const consume = (personId: string, ...videos: string[]) =>
      plane.handle(caller(personId), 'media:consume', {
        transportId: 'transport1',
        producerId: 'producer-1',
        rtpCapabilities: { codecs: videos.map((name) => ({ kind: 'video', mimeType: `video/${name}` })) },
      });
    const join = (personId: string) => plane.handle(caller(personId), 'media:join', {});
    const toldOf = (): unknown[] => told.filter(({ event }) => event === 'media.screenCodec');
    expect(await join('ada1')).toMatchObject({ screenCodec: 'VP9' });
    expect(await join('bob1')).toMatchObject({ screenCodec: 'VP9' });
    // Whatever the SFU makes of what they ask for.
    sfu.refuse.set('consumer.create', 'media-unsupported');
    const unsupported = { code: 'media-unsupported' };
    await expect(consume('ada1', 'VP8', 'VP9')).rejects.toMatchObject(unsupported);
    expect(toldOf()).toEqual([]);
    await expect(consume('bob1', 'VP8')).rejects.toMatchObject(unsupported);
    await expect(consume('bob1', 'VP8')).rejects.toMatchObject(unsupported);
    const body = { codec: 'VP8' };
    expect(toldOf()).toEqual([
      { to: 'ada1-c1', event: 'media.screenCodec', body },
      { to: 'bob1-c1', event: 'media.screenCodec', body },
    ]);
    expect(await join('ada1')).toMatchObject({ screenCodec: 'VP8' });
    sfu.close();
    nodes.push(new TestNode(url, { kind: 'sfu', roomIds: [] }, 'sfu1', 'boot2'));
    await until('the reset', () => told.some((t) => t.event === 'media.reset'));
    expect(await join('ada1')).toMatchObject({ screenCodec: 'VP9' });
  });

  test('a refusal of the SFU comes back with its code', async () => {
    const sfu = await node({ kind: 'sfu', roomIds: [] }, 'sfu1');
    await plane.handle(caller('ada1'), 'media:join', {});
    sfu.refuse.set('producer.create', 'media-unsupported');
    await expect(camera('ada1')).rejects.toMatchObject({ code: 'media-unsupported' });
    expect(plane.onStage('webinar1')).toEqual(['ada1']);
  });
});

describe('who prepares for the stage', () => {
  const prepare = (connectionId?: string) => plane.handle(caller('ada1', connectionId), 'media:prepare', {});
  const transport = (connectionId?: string) =>
    plane.handle(caller('ada1', connectionId), 'media:createTransport', { direction: 'send' });
  const joinPrepared = (connectionId?: string) =>
    plane.handle(caller('ada1', connectionId), 'media:join', { prepared: true });

  test('may connect and no more, and is not on the stage', async () => {
    const sfu = await node({ kind: 'sfu', roomIds: [] }, 'sfu1');
    await plane.handle(caller('bob1'), 'media:join', {});
    await expect(transport()).rejects.toMatchObject({ code: 'not-on-stage' });
    expect(Object.keys(await prepare()).sort()).toEqual(['iceServers', 'routerRtpCapabilities']);
    await transport();
    await plane.handle(caller('ada1'), 'media:restartIce', { transportId: 'transport1' });
    await expect(camera('ada1')).rejects.toMatchObject({ code: 'not-on-stage' });
    await plane.handle(caller('bob1'), 'media:produce', {
      ...{ transportId: 'transport2', kind: 'audio', source: 'mic', rtpParameters: {} },
    });
    expect(told.filter(({ to }) => to === 'ada1-c1')).toEqual([]);
    expect(plane.onStage('webinar1')).toEqual(['bob1']);
    expect(sfu.methods('transport.')).toEqual(['transport.create', 'transport.restartIce']);
  });

  test('joins with what they prepared, once', async () => {
    const sfu = await node({ kind: 'sfu', roomIds: [] }, 'sfu1');
    await prepare();
    await transport();
    expect((await joinPrepared()).resumed).toBe(true);
    await camera('ada1');
    expect(sfu.methods('person.close')).toEqual([]);
    await expect(prepare()).rejects.toMatchObject({ code: 'conflict' });
    expect((await joinPrepared()).resumed).toBe(false);
    expect(sfu.methods('person.close')).not.toEqual([]);
  });

  test.each([
    ['their connection is gone', () => plane.disconnected(caller('ada1'))],
    ['they leave', () => plane.handle(caller('ada1'), 'media:leave', {})],
    ['they are removed', () => plane.dismiss('webinar1', 'ada1', 'removed')],
    ['they prepare elsewhere', () => prepare('ada1-c2')],
    ['they join elsewhere', () => plane.handle(caller('ada1', 'ada1-c2'), 'media:join', { prepared: true })],
    ['they join without it', () => plane.handle(caller('ada1'), 'media:join', {})],
  ] as const)('what they prepared is closed when %s', async (_when, act) => {
    const sfu = await node({ kind: 'sfu', roomIds: [] }, 'sfu1');
    await prepare();
    await transport();
    await act();
    await until('the end', () => sfu.methods('person.close').length > 0);
    expect((await joinPrepared()).resumed).toBe(false);
  });

  test('hears that the media server is gone, and joins the next one from nothing', async () => {
    const sfu = await node({ kind: 'sfu', roomIds: [] }, 'sfu1');
    await prepare();
    sfu.close();
    nodes.push(new TestNode(url, { kind: 'sfu', roomIds: [] }, 'sfu1', 'boot2'));
    await until('the reset', () => told.some((t) => t.event === 'media.reset'));
    expect(told).toEqual([{ to: 'ada1-c1', event: 'media.reset', body: { reason: 'node-lost' } }]);
    await expect(transport()).rejects.toMatchObject({ code: 'not-on-stage' });
    expect((await joinPrepared()).resumed).toBe(false);
  });

  test('finds room for so many at once', async () => {
    await node({ kind: 'sfu', roomIds: [] }, 'sfu1');
    const prepareAs = (personId: string) => plane.handle(caller(personId), 'media:prepare', {});
    for (let i = 0; i < 16; i += 1) await prepareAs(`person${i}`);
    await expect(prepare()).rejects.toMatchObject({ code: 'limit-reached' });
    await prepareAs('person3');
    plane.disconnected(caller('person5'));
    await prepare();
  });
});

describe('who was muted by the crew', () => {
  const setMuted = (mutedBy: string | null): void => {
    const ada = state.people.get('ada1');
    if (!ada) throw new Error('ada is gone');
    const people = new Map(state.people).set('ada1', { ...ada, mutedBy });
    const by = { personId: 'ada1', byPersonId: 'host1', byName: 'Hana' };
    change({ type: mutedBy ? 'person.muted' : 'person.unmuted', ...by }, { people });
  };
  const send = (source: 'mic' | 'screenAudio' | 'camera', paused = false) =>
    plane.handle(caller('ada1'), 'media:produce', {
      transportId: 'transport1',
      kind: source === 'camera' ? 'video' : 'audio',
      source,
      rtpParameters: {},
      paused,
    });
  const pause = (producerId: string, paused: boolean) =>
    plane.handle(caller('ada1'), 'media:pauseProducer', { producerId, paused });
  const pausesOf = (sfu: TestNode) =>
    sfu.calls
      .filter(({ method }) => method === 'producer.pause')
      .map(({ params }) => [params.producerId, params.paused]);
  const tellsOf = (to: string, event: string) =>
    told.filter((t) => t.to === to && t.event === event).map((t) => t.body);

  test('is paused at the SFU, every sound of theirs and no picture, and cannot go on before it is lifted', async () => {
    const sfu = await node({ kind: 'sfu', roomIds: [] }, 'sfu1');
    await plane.handle(caller('ada1'), 'media:join', {});
    const mic = await send('mic');
    const screen = await send('screenAudio');
    const picture = await send('camera');
    setMuted('Hana');
    await until('both pauses', () => tellsOf('ada1-c1', 'media.muted').length === 2);
    expect(pausesOf(sfu)).toEqual([
      [mic.producerId, true],
      [screen.producerId, true],
    ]);
    for (const { producerId } of [mic, screen]) {
      await expect(pause(producerId, false)).rejects.toMatchObject({ code: 'muted' });
    }
    await pause(mic.producerId, true);
    await pause(picture.producerId, true);
    await pause(picture.producerId, false);
    setMuted(null);
    await pause(mic.producerId, false);
    expect(pausesOf(sfu).at(-1)).toEqual([mic.producerId, false]);
  });

  test('sends a new microphone paused, on another node too, and is told so', async () => {
    const sfu = await node({ kind: 'sfu', roomIds: [] }, 'sfu1');
    setMuted('Hana');
    for (const at of ['here', 'on another node']) {
      await plane.handle(caller('ada1'), 'media:join', {});
      await plane.handle(caller('bob1'), 'media:join', {});
      await send('mic');
      await send('screenAudio');
      const added = tellsOf('bob1-c1', 'media.producerAdded').slice(-2);
      expect([at, added]).toMatchObject([at, [{ paused: true }, { paused: true }]]);
      const created = nodes.at(-1)?.calls.filter(({ method }) => method === 'producer.create');
      expect(created?.map(({ params }) => params.paused)).toEqual([true, true]);
      expect(tellsOf('ada1-c1', 'media.muted').at(-1)).toEqual({ name: 'Hana' });
      if (at !== 'here') break;
      sfu.close();
      nodes.push(new TestNode(url, { kind: 'sfu', roomIds: [] }, 'sfu1', 'boot2'));
      await until('the reset', () => tellsOf('bob1-c1', 'media.reset').length > 0);
    }
  });

  test.each(['producer.create', 'producer.pause'])(
    'in the moment in which they asked for sound is paused when %s is done',
    async (method) => {
      const sfu = await node({ kind: 'sfu', roomIds: [] }, 'sfu1');
      await plane.handle(caller('ada1'), 'media:join', {});
      const first = method === 'producer.pause' ? await send('mic', true) : null;
      const { promise, resolve } = Promise.withResolvers<void>();
      sfu.held.set(method, promise);
      const asked = first ? pause(first.producerId, false) : send('mic');
      await until('the call', () => sfu.methods(method).length === 1);
      setMuted('Hana');
      sfu.held.delete(method);
      resolve();
      await asked;
      await until('the pause', () => pausesOf(sfu).at(-1)?.[1] === true);
      await until('word of it', () => tellsOf('ada1-c1', 'media.muted').length === 1);
    },
  );

  test('whom the SFU could not pause is paused when it can', async () => {
    const sfu = await node({ kind: 'sfu', roomIds: [] }, 'sfu1');
    await plane.handle(caller('ada1'), 'media:join', {});
    await send('mic');
    sfu.refuse.set('producer.pause', 'internal');
    setMuted('Hana');
    await until('an attempt', () => pausesOf(sfu).length > 0); // it goes on trying, whenever one looks
    const refused = pausesOf(sfu).length;
    sfu.refuse.clear();
    await until('word of it', () => tellsOf('ada1-c1', 'media.muted').length === 1);
    expect(pausesOf(sfu).length).toBeGreaterThan(refused);
  });

  test('two sounds that the SFU could not pause are each asked for once at a time, and not twice as often each time', async () => {
    const sfu = await node({ kind: 'sfu', roomIds: [] }, 'sfu1');
    await plane.handle(caller('ada1'), 'media:join', {});
    await send('mic');
    await send('screenAudio');
    sfu.refuse.set('producer.pause', 'internal');
    setMuted('Hana');
    // Between two of them: both sounds were asked for as often.
    await until('two attempts', () => pausesOf(sfu).length >= 4 && pausesOf(sfu).length % 2 === 0);
    sfu.unanswered.add('producer.pause');
    const before = pausesOf(sfu).length;
    await until('the next one', () => pausesOf(sfu).length >= before + 2);
    await plane.handle(caller('ada1'), 'media:closeConsumer', { consumerId: 'consumer1' });
    expect(pausesOf(sfu).length).toBe(before + 2);
  });

  test('a sound that its node does not have any more is not asked for again', async () => {
    const sfu = await node({ kind: 'sfu', roomIds: [] }, 'sfu1');
    await plane.handle(caller('ada1'), 'media:join', {});
    await send('mic');
    sfu.refuse.set('producer.pause', 'not-found');
    setMuted('Hana');
    await until('an attempt', () => pausesOf(sfu).length === 1);
    await new Promise((resolve) => setTimeout(resolve, 700)); // by when it would have been
    expect(pausesOf(sfu)).toHaveLength(1);
    expect(tellsOf('ada1-c1', 'media.muted')).toEqual([]);
  });
});

describe('after the end', () => {
  const join = (personId: string) => plane.handle(caller(personId), 'media:join', {});
  const over = (endedUnixMs: number): void =>
    change(
      { type: 'webinar.ended', recording: 'none' },
      { phase: { phase: 'ended', channel: null, endedUnixMs, recording: 'none', cancelled: false } },
    );
  const resets = (): unknown[] =>
    told.filter(({ event }) => event === 'media.reset').map(({ to, body }) => [to, body]);

  test('panelists stay together until the host closes the backstage, and guests do not', async () => {
    await node({ kind: 'sfu', roomIds: [] }, 'sfu1');
    await join('ada1');
    const ben = { ...state.people.get('bob1'), personId: 'ben1', role: 'attendee', guest: true } as Person;
    state = { ...state, people: new Map(state.people).set('ben1', ben) };
    await join('ben1');
    over(Date.now());
    await until('the guest to be sent', () => resets().length === 1);
    expect(resets()).toEqual([['ben1-c1', { reason: 'ended' }]]);
    await expect(join('ben1')).rejects.toMatchObject({ code: 'not-on-stage' });
    await join('bob1');
    expect([...plane.withMedia('webinar1')].sort()).toEqual(['ada1', 'bob1']);
    change({ type: 'backstage.closed' }, { backstageClosed: true });
    await until('all to be sent', () => resets().length === 3);
    expect(plane.withMedia('webinar1')).toEqual([]);
    await expect(join('bob1')).rejects.toMatchObject({ code: 'not-on-stage' });
    await expect(plane.handle(caller('bob1'), 'media:prepare', {})).rejects.toMatchObject({
      code: 'not-on-stage',
    });
  });

  test('nobody stays for ever', async () => {
    await node({ kind: 'sfu', roomIds: [] }, 'sfu1');
    await join('ada1');
    // Its last second, so that it is over by the clock and by no event.
    over(Date.now() - BACKSTAGE_AFTER_END_MS + 1000);
    expect(plane.withMedia('webinar1')).toEqual(['ada1']);
    await until('the time to be over', () => resets().length === 1);
    expect(plane.withMedia('webinar1')).toEqual([]);
  });
});

describe('the broadcast', () => {
  let sfu: TestNode;
  let caster: TestNode;

  beforeEach(async () => {
    sfu = await node({ kind: 'sfu', roomIds: [] }, 'sfu1');
    caster = await node(BROADCASTER, 'caster1');
    await plane.handle(caller('ada1'), 'media:join', {});
    await camera('ada1');
  });

  test('every track on the stage is carried to the compositor, paused while its person is off air', async () => {
    await goLive();
    await until('the track to be carried', () => sfu.methods().includes('egress.connect'));
    await until('the SFU to be told', () => sfu.methods('egress.update').length > 0);
    const paused = sfu.calls.filter((c) => c.method === 'egress.update').map((c) => c.params.paused);
    expect(new Set(paused)).toEqual(new Set([true]));
    setScene({ ...state.scene, onAir: [{ personId: 'ada1', name: 'Ada' }] });
    await until('the scene', () => caster.methods().includes('channel.scene'));
    await until('the track to be on air', () =>
      sfu.calls.some(
        (c) => c.method === 'egress.update' && c.params.paused === false && c.params.spatialLayer === 2,
      ),
    );
  });

  test('a new compositor epoch gets the scene and every track again', async () => {
    await goLive();
    await until('the track to be carried', () => sfu.methods().includes('egress.connect'));
    caster.notice({ type: 'channel.epoch', channelId: 'channel1', epoch: 2 });
    await until('the second carrying', () => caster.methods('source.add').length === 2);
    await until('the old egress to be closed', () => sfu.methods('egress.close').length === 1);
  });

  test('a broadcaster that restarts is given the same channel again', async () => {
    await goLive();
    await until('the track to be carried', () => caster.methods().includes('source.add'));
    caster.close();
    const next = new TestNode(url, BROADCASTER, 'caster1', 'boot2');
    nodes.push(next);
    await until('the channel on the new boot', () => next.methods().includes('channel.start'));
    expect(next.calls[0]?.params.channelId).toBe('channel1');
    await until('the track on the new boot', () => next.methods().includes('source.add'));
  });

  test('what fails is tried again until broadcast and stage agree', async () => {
    caster.refuse.set('source.add', 'internal');
    await goLive();
    await until('two tries', () => caster.methods('source.add').length >= 2);
    caster.refuse.clear();
    await until('the track to be carried', () => sfu.methods().includes('egress.connect'));
    // Each takes the place of the one before.
    const carriers = sfu.calls.filter((c) => c.method === 'egress.open').map((c) => c.params.carrier);
    expect(new Set(carriers)).toEqual(new Set(['channel1']));
  });

  test('the end closes the channel and lets go of every track', async () => {
    await goLive();
    await until('the track to be carried', () => sfu.methods().includes('egress.connect'));
    end();
    await until('the end', () => caster.methods().includes('channel.end'));
    await until('the track to be let go', () => sfu.methods('egress.close').length === 1);
  });

  test('a track that is on its way to the picture at the end is let go as well', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    sfu.held.set('egress.open', promise);
    await goLive();
    await until('the track on its way', () => sfu.methods().includes('egress.open'));
    end();
    await until('the end', () => caster.methods().includes('channel.end'));
    expect(sfu.methods('egress.close')).toEqual([]);
    resolve();
    await until('the track to be let go', () => sfu.methods('egress.close').length === 1);
  });

  test('cameras are taken a layer smaller while the compositor asks for it', async () => {
    setScene({ ...state.scene, onAir: [{ personId: 'ada1', name: 'Ada' }] });
    await goLive();
    const layer = (): unknown =>
      sfu.calls.filter((c) => c.method === 'egress.update').at(-1)?.params.spatialLayer;
    await until('the full layer', () => layer() === 2);
    const beat = (...shed: ShedLoad[]): void =>
      caster.beat({
        channels: [{ channelId: 'channel1', state: { lateMs: 900, step: 1, shed }, withheld: [] }],
      });
    beat('small-layers');
    await until('the smaller layer', () => layer() === 1);
    expect(plane.health('webinar1').shed).toEqual(['small-layers']);
    beat();
    await until('the full layer again', () => layer() === 2);
  });

  test('whose media is left out of the picture is told the crew, by name and with the reason', async () => {
    await goLive();
    const health = () => plane.health('webinar1').withheld;
    const reason = 'quarantined' as const;
    const beat = (...withheld: WithheldSource[]): void =>
      caster.beat({ channels: [{ channelId: 'channel1', state: NO_PRESSURE, withheld }] });
    beat({ personId: 'ada1', source: 'camera', reason });
    await until('the news', () => health().length > 0);
    expect(health()).toEqual([{ name: state.people.get('ada1')?.name ?? '', source: 'camera', reason }]);
    beat();
    await until('all is well', () => health().length === 0);
  });

  test('an egress whose answer was lost is asked for again for the same carrier', async () => {
    sfu.refuse.set('egress.open', 'node-timeout');
    await goLive();
    await until('two tries', () => sfu.methods('egress.open').length >= 2);
    sfu.refuse.clear();
    await until('the track to be carried', () => sfu.methods().includes('egress.connect'));
    const carriers = sfu.calls.filter((c) => c.method === 'egress.open').map((c) => c.params.carrier);
    expect(new Set(carriers)).toEqual(new Set(['channel1']));
  });

  test('a track that is being carried when the compositor changes is carried to the new one', async () => {
    caster.unanswered.add('source.add');
    await goLive();
    await until('the call', () => caster.methods().includes('source.add'));
    caster.notice({ type: 'channel.epoch', channelId: 'channel1', epoch: 2 });
    // The notice was sent before the answer, and is heard before it.
    caster.answerNow();
    await until('the second carrying', () => caster.methods('source.add').length === 2);
    await until('it to be connected', () => sfu.methods('egress.update').length > 0);
  });

  test('a broadcaster that comes back after its connection was cut is no longer late', async () => {
    await goLive();
    caster.socket.io.engine.close();
    await until('it to be late', () => plane.health('webinar1').broadcaster.is === 'late');
    await until('it to be here again', () => plane.health('webinar1').broadcaster.is === 'here');
    expect(caster.methods('channel.start')).toHaveLength(1);
  });

  test('an end that is not confirmed is asked for again', async () => {
    await goLive();
    caster.refuse.set('channel.end', 'node-timeout');
    end();
    await until('two tries', () => caster.methods('channel.end').length >= 2);
    caster.refuse.clear();
    const tries = caster.methods('channel.end').length;
    await until('the last one', () => caster.methods('channel.end').length > tries);
  });

  test('a channel whose webinar may still go live is stopped, not ended, when its broadcaster dials in', async () => {
    const other = await node({ ...BROADCASTER, channelIds: ['webinar1'] }, 'caster2');
    await until('it to be stopped', () => other.methods('channel.').length > 0);
    expect(other.methods('channel.')).toEqual(['channel.stop']);
  });

  describe('what was recorded is known from the broadcaster alone', () => {
    const recording = () => state.phase.phase === 'ended' && state.phase.recording;

    test('who ran the show says that there is a recording', async () => {
      caster.recordingUrl = 'http://origin.test/recordings/channel1/multivariant.m3u8';
      await goLive();
      end();
      expect(recording()).toBe('pending');
      await until('word of it', () => recording() === 'ready');
    });

    test('or that there is none', async () => {
      await goLive();
      end();
      await until('word of it', () => recording() === 'none');
      expect(caster.methods('channel.end')).toHaveLength(1);
    });

    test('a broadcaster that is gone at the end is asked when it comes back, and one without the channel is not believed', async () => {
      await goLive();
      caster.close();
      await until('its loss', () => plane.readiness().broadcasterNodes === 0);
      end();
      const elsewhere = { ...BROADCASTER, originUrl: 'http://elsewhere.test' };
      const other = await node(elsewhere, 'caster2');
      await until('the question', () => other.methods().includes('channel.end'));
      const back = new TestNode(url, BROADCASTER, 'caster1', 'boot2');
      back.recordingUrl = 'http://origin.test/recordings/channel1/multivariant.m3u8';
      nodes.push(back);
      await until('word of it', () => recording() !== 'pending');
      expect(recording()).toBe('ready');
    });

    test('a coordinator that starts anew asks about what was left open', async () => {
      await goLive();
      caster.recordingUrl = 'http://origin.test/recordings/channel1/multivariant.m3u8';
      state = { ...state, phase: ended(state.phase) };
      plane.adopt(state);
      await until('word of it', () => recording() === 'ready');
    });

    test('an answer that does not come is asked for again', async () => {
      caster.refuse.set('channel.end', 'unavailable');
      await goLive();
      end();
      await until('the question', () => caster.methods().includes('channel.end'));
      caster.refuse.clear();
      await until('word of it', () => recording() === 'none');
    });
  });

  test('a channel no webinar wants is ended when its broadcaster dials in', async () => {
    const other = await node({ ...BROADCASTER, channelIds: ['orphan1'] }, 'caster2');
    await until('the orphan to be ended', () => other.methods().includes('channel.end'));
    expect(other.calls[0]?.params).toEqual({ channelId: 'orphan1' });
  });
});

test('a stranger with the wrong node token is refused', async () => {
  const socket = dial(`${url}/node`, {
    auth: {
      protocol: PROTOCOL_VERSION,
      nodeToken: 'wrong',
      nodeId: 'sfu9',
      bootId: 'boot',
      node: { kind: 'sfu', roomIds: [] },
    },
    transports: ['websocket'],
    reconnection: false,
  });
  const code = await new Promise((resolve) =>
    socket.on('connect_error', (error: Error & { data?: { code?: string } }) => resolve(error.data?.code)),
  );
  expect(code).toBe('token-invalid');
  socket.disconnect();
});

describe('a node that falls silent on a connection that stands', () => {
  test('is late, and still used, when there is no other to go to', async () => {
    const sfu = await node({ kind: 'sfu', roomIds: [] }, 'sfu1');
    await plane.handle(caller('ada1'), 'media:join', {});
    sfu.silence();
    await until('it to be late', () => plane.health('webinar1').stage.is === 'late');
    expect(plane.readiness().sfuNodes).toBe(1);
    // Only its beats are missing: what it answers is taken, and is a sign of life.
    await camera('ada1');
    await until('it to be here again', () => plane.health('webinar1').stage.is === 'here');
    expect(told.filter((t) => t.event === 'media.reset')).toEqual([]);
  });

  test('is given up after two seconds when another is here', async () => {
    const sfu = await node({ kind: 'sfu', roomIds: [] }, 'sfu1');
    await plane.handle(caller('ada1'), 'media:join', {});
    const other = await node({ kind: 'sfu', roomIds: [] }, 'sfu2');
    sfu.silence();
    await until('the reset', () => told.some((t) => t.event === 'media.reset'));
    await plane.handle(caller('ada1'), 'media:join', {});
    expect(other.methods('room.open')).toHaveLength(1);
    await until('the socket to be closed', () => !sfu.socket.connected);
  });
});

test('a call on a connection that breaks fails at once, and not at its deadline', async () => {
  const sfu = await node({ kind: 'sfu', roomIds: [] }, 'sfu1');
  await plane.handle(caller('ada1'), 'media:join', {});
  sfu.unanswered.add('producer.create');
  const asked = camera('ada1');
  await until('the call', () => sfu.methods().includes('producer.create'));
  const begunMs = performance.now();
  sfu.close();
  await expect(asked).rejects.toMatchObject({ code: 'node-lost' });
  expect(performance.now() - begunMs).toBeLessThan(3000);
});

test('backstage time is carried nowhere: before going live no broadcaster hears of the stage, nor after the end', async () => {
  await node({ kind: 'sfu', roomIds: [] }, 'sfu1');
  const broadcaster = await node(BROADCASTER, 'broadcaster1');
  const asked = (): string[] => broadcaster.methods().filter((method) => method !== 'recording.shape');
  await plane.handle(caller('ada1'), 'media:join', {});
  await camera('ada1');
  plane.attended('webinar1');
  await until('some heartbeats', () => broadcaster.beats >= 5);
  expect(asked()).toEqual([]);
  await goLive();
  await until('her track on the air', () => asked().includes('source.add'));
  expect(asked()[0]).toBe('channel.start');
  end();
  await until('the end', () => asked().includes('channel.end'));
  const before = asked().length;
  await camera('ada1');
  const { beats } = broadcaster;
  await until('some heartbeats more', () => broadcaster.beats >= beats + 5);
  for (const method of ['channel.start', 'channel.scene', 'source.add']) {
    expect(asked().slice(before)).not.toContain(method);
  }
});

describe('a channel on its way to the air', () => {
  test('is asked for again while the broadcaster is late, and the webinar goes live when it answers', async () => {
    const caster = await node(BROADCASTER, 'caster1');
    caster.refuse.set('channel.start', 'node-timeout');
    const going = goLive();
    await until('three tries', () => caster.methods('channel.start').length >= 3);
    caster.refuse.clear();
    await going;
    expect(caster.methods('channel.stop')).toEqual([]);
  });

  test('that cannot be started is stopped wherever it was asked for', async () => {
    const caster = await node(BROADCASTER, 'caster1');
    caster.refuse.set('channel.start', 'internal');
    await expect(goLive()).rejects.toMatchObject({ code: 'internal' });
    await until('the stop', () => caster.methods('channel.stop').length === 1);
  });

  test('goes to a broadcaster that has room, and is refused where none has', async () => {
    const full = await node(BROADCASTER, 'caster1');
    full.refuse.set('channel.start', 'limit-reached');
    await expect(goLive()).rejects.toMatchObject({ code: 'limit-reached' });
    const other = await node(BROADCASTER, 'caster2');
    await goLive();
    expect(other.methods('channel.start')).toHaveLength(1);
  });
});

describe('before the show', () => {
  const openDoors = async (): Promise<void> => {
    const { originUrl } = await plane.openDoors('webinar1', 'channel1', state);
    const doors = { channelId: 'channel1', originUrl, sinceUnixMs: 1 };
    change(
      { type: 'doors.opened', channelId: 'channel1', originUrl, forUnixMs: null },
      { phase: { phase: 'scheduled', doors } },
    );
  };
  const holds = (of: TestNode) =>
    of.calls.filter(({ method }) => method === 'channel.start').map(({ params }) => params.hold ?? null);

  test('the channel runs with the slide, and nobody of the stage is carried to it; the show goes on in it', async () => {
    const sfu = await node({ kind: 'sfu', roomIds: [] }, 'sfu1');
    const broadcaster = await node(BROADCASTER, 'broadcaster1');
    await openDoors();
    await plane.handle(caller('ada1'), 'media:join', {});
    await camera('ada1');
    state = { ...state, scene: { ...state.scene, onAir: [{ personId: 'ada1', name: 'Ada' }] } };
    change({ type: 'scene.changed', scene: state.scene }, {});
    await until('it to be told again what to show', () => holds(broadcaster).length === 2);
    expect(broadcaster.calls.map(({ params }) => (params.scene as Scene | undefined)?.onAir)).toEqual([
      [],
      [],
    ]);
    expect(broadcaster.calls[0]?.params).toMatchObject({
      hold: { bed: false },
      tracks: false,
      scene: { slide: { kind: 'holding', title: 'T' } },
    });
    expect(sfu.methods('egress.')).toEqual([]);
    await goLive();
    await until('the stage to be carried', () => sfu.methods('egress.connect').length === 1);
    expect(holds(broadcaster)).toEqual([{ bed: false }, { bed: false }, null]);
    expect(broadcaster.methods('channel.stop')).toEqual([]);
  });

  test('where its broadcaster dies, another one runs it, still before the show', async () => {
    const first = await node(BROADCASTER, 'broadcaster1');
    await openDoors();
    await until('it to be told', () => holds(first).length === 2);
    const second = await node({ ...BROADCASTER, originUrl: 'http://second.test' }, 'broadcaster2');
    first.close();
    await until('the second to run it', () => holds(second).length === 1);
    expect(holds(second)).toEqual([{ bed: false }]);
  });

  test('a going live that does not come about leaves the doors open', async () => {
    const broadcaster = await node(BROADCASTER, 'broadcaster1');
    await openDoors();
    broadcaster.refuse.set('channel.start', 'media-unsupported');
    await expect(plane.startChannel('webinar1', 'channel1', state)).rejects.toMatchObject({
      code: 'media-unsupported',
    });
    broadcaster.refuse.clear();
    await until('it to be held again', () => holds(broadcaster).at(-1) !== null);
    expect(broadcaster.methods('channel.stop')).toEqual([]);
    await plane.startChannel('webinar1', 'channel1', state);
    plane.withdrawChannel('webinar1');
    await until('it to be held again', () => holds(broadcaster).at(-1) !== null);
    expect(broadcaster.methods('channel.stop')).toEqual([]);
  });

  test('closing them stops the channel; so does giving the webinar up', async () => {
    const broadcaster = await node(BROADCASTER, 'broadcaster1');
    await openDoors();
    change({ type: 'doors.closed' }, { phase: { phase: 'scheduled' } });
    await until('it to be stopped', () => broadcaster.methods('channel.stop').length === 1);
    await openDoors();
    const { phase } = state;
    const cancelled = { ...ended(phase), recording: 'none', cancelled: true } as WebinarState['phase'];
    change({ type: 'webinar.cancelled' }, { phase: cancelled });
    await until('it to be stopped', () => broadcaster.methods('channel.stop').length === 2);
  });

  test('a coordinator that starts finds open doors in its log, and keeps the channel running', async () => {
    const doors = { channelId: 'channel1', originUrl: BROADCASTER.originUrl, sinceUnixMs: 1 };
    state = { ...state, phase: { phase: 'scheduled', doors } };
    plane.adopt(state);
    const broadcaster = await node({ ...BROADCASTER, channelIds: ['channel1'] }, 'broadcaster1');
    await until('it to be told what to show', () => holds(broadcaster).length > 0);
    expect(broadcaster.methods('channel.stop')).toEqual([]);
  });
});

test('where every broadcaster serves its pages is told', async () => {
  await node({ ...BROADCASTER, originUrl: 'https://one.test/path' }, 'caster1');
  await node({ ...BROADCASTER, originUrl: 'http://two.test:8080' }, 'caster2');
  expect([...served]).toEqual(['https://one.test/path', 'http://two.test:8080']);
});

describe('a webinar that was live when the coordinator started', () => {
  beforeEach(() => {
    const channel = { channelId: 'webinar1', originUrl: 'http://origin.test', sinceUnixMs: 1 };
    state = { ...state, phase: { phase: 'live', channel } };
    plane.adopt(state);
  });

  test('gets no compositor before somebody is there for it', async () => {
    const caster = await node(BROADCASTER, 'caster1');
    await node({ kind: 'sfu', roomIds: [] }, 'sfu1'); // a turn for everything else
    expect(caster.methods()).toEqual([]);
    plane.attended('webinar1');
    await until('the channel', () => caster.methods().includes('channel.start'));
  });

  test('has watch pages open, of which is told before any broadcaster is there', () => {
    expect([...served]).toEqual(['http://origin.test']);
  });

  test('is taken up at once where a broadcaster still runs it', async () => {
    const caster = await node({ ...BROADCASTER, channelIds: ['webinar1'] }, 'caster1');
    await until('the channel', () => caster.methods().includes('channel.start'));
    expect(caster.methods('channel.end')).toEqual([]);
  });

  test('has its recording finished when it ends without anybody', async () => {
    const caster = await node(BROADCASTER, 'caster1');
    end();
    await until('the end', () => caster.methods().includes('channel.end'));
    expect(caster.methods('channel.start')).toEqual([]);
  });
});
