import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Consents, emptyScene, type WebinarEvent, type WebinarState } from '@rostrum/contracts';
import pino from 'pino';
import { Registry } from 'prom-client';
import { Server } from 'socket.io';
import { BROADCASTER, NODE_TOKEN, TestNode, until } from '../testing/test-node.ts';
import { NO_CONSENTS } from '../webinars/features/consent/consents.ts';
import { emptyState } from '../webinars/fold.ts';
import { createMediaPlane, dialledNodes, type MediaPlane } from './index.ts';

/** Carrying to the recorder of isolated tracks, between nodes that dial in over real sockets and answer RPC. */
let io: Server;
let plane: MediaPlane;
let state: WebinarState;
let sfu: TestNode;
let caster: TestNode;

function change(event: WebinarEvent, next: Partial<WebinarState>): void {
  state = { ...state, ...next, seq: state.seq + 1 };
  plane.observe(state, event);
}
const keepTracks = (record: boolean): void =>
  change({ type: 'tracks.changed', record }, { keepsTracks: record });
function answers(personId: string, given: boolean): void {
  const consents: Consents = { ...NO_CONSENTS, tracks: { given, textVersion: 1, atUnixMs: 1 } };
  change(
    { type: given ? 'consent.given' : 'consent.refused', personId, to: 'tracks', textVersion: 1 },
    { consents: new Map(state.consents).set(personId, consents) },
  );
}
const send = async (personId: string, source: 'camera' | 'mic' = 'camera'): Promise<string> => {
  const caller = { webinarId: 'webinar1', personId, connectionId: `${personId}-c1` };
  await plane.handle(caller, 'media:join', { resume: true });
  const { producerId } = await plane.handle(caller, 'media:produce', {
    transportId: 'transport1',
    kind: source === 'mic' ? 'audio' : 'video',
    source,
    rtpParameters: {},
  });
  return producerId;
};
async function goLive(): Promise<void> {
  const { originUrl } = await plane.startChannel('webinar1', 'channel1', state);
  change(
    { type: 'webinar.wentLive', channelId: 'channel1', originUrl },
    { phase: { phase: 'live', channel: { channelId: 'channel1', originUrl, sinceUnixMs: 1 } } },
  );
}
const added = (): string[] =>
  caster.calls.flatMap(({ method, params }) =>
    method === 'track.add' ? [(params.source as { sourceId: string }).sourceId] : [],
  );
const egressOf = (producerId: string): string => {
  const opened = sfu.answers.filter(
    ({ method, params }) =>
      method === 'egress.open' && params.carrier === 'isolated-tracks' && params.producerId === producerId,
  );
  const last = opened.at(-1);
  if (!last) throw new Error(`no egress was opened for ${producerId}`);
  return (last.answer as { egressId: string }).egressId;
};
const closed = (): unknown[] =>
  sfu.calls.flatMap(({ method, params }) => (method === 'egress.close' ? [params.egressId] : []));

beforeEach(async () => {
  const http = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => http.once('listening', resolve));
  io = new Server(http);
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const people = ['ada1', 'bob1'].map((personId) => ({
    personId,
    name: `Name of ${personId}`,
    role: 'panelist' as const,
    guest: false,
    removed: false,
    sentOutUnixMs: null,
    mutedBy: null,
  }));
  state = {
    ...emptyState('webinar1'),
    seq: 1,
    scene: emptyScene('T'),
    people: new Map(people.map((p) => [p.personId, p])),
  };
  const logger = pino({ level: 'silent' });
  const nowMs = (): number => performance.now();
  plane = createMediaPlane({
    nodes: dialledNodes({ io, nodeToken: NODE_TOKEN, logger, nowMs }),
    iceServers: () => [],
    logger,
    nowMs,
    nowUnixMs: () => Date.now(),
    metrics: new Registry(),
    wordSide: {
      state: () => state,
      phase: async () => state.phase.phase,
      append: async () => undefined,
      servesPages: () => undefined,
      network: () => undefined,
      isConnected: () => true,
      recordingIsDeleted: async () => false,
      shape: async () => null,
      tell: () => undefined,
    },
  });
  sfu = new TestNode(url, { kind: 'sfu', roomIds: [] }, 'sfu1');
  caster = new TestNode(url, BROADCASTER, 'caster1');
  await until('the nodes', () => {
    const { sfuNodes, broadcasterNodes } = plane.readiness();
    return sfuNodes === 1 && broadcasterNodes === 1;
  });
});

afterEach(async () => {
  await plane.close();
  sfu.close();
  caster.close();
  await io.close();
});

test('what is sent by who agreed goes to the recorder whole, on air or not, beside the picture', async () => {
  keepTracks(true);
  answers('ada1', true);
  const adas = await send('ada1');
  const bobs = await send('bob1');
  await goLive();
  await until('the track to be carried', () => added().length > 0);
  const started = caster.calls.find(({ method }) => method === 'channel.start');
  expect(started?.params.tracks).toBe(true);
  expect(caster.calls.find(({ method }) => method === 'track.add')?.params.personName).toBe('Name of ada1');
  await until('the picture', () => caster.methods('source.add').length === 2);
  const egressId = egressOf(adas);
  await until('the layer', () =>
    sfu.calls.some(({ method, params }) => method === 'egress.update' && params.egressId === egressId),
  );
  expect(
    sfu.calls.find(({ method, params }) => method === 'egress.update' && params.egressId === egressId)
      ?.params,
  ).toMatchObject({ paused: false, spatialLayer: 2 });
  expect(added()).toEqual([adas]);
  expect(added()).not.toContain(bobs);
});

test('nothing goes there where the webinar keeps no tracks', async () => {
  answers('ada1', true);
  const adas = await send('ada1');
  await goLive();
  await until('the picture', () => caster.methods('source.add').length === 1);
  expect(added()).toEqual([]);
  keepTracks(true);
  await until('the track', () => added().length === 1);
  keepTracks(false);
  await until('it to be taken away', () => caster.methods('track.remove').length === 1);
  await until('its egress to be closed', () => closed().includes(egressOf(adas)));
  expect(caster.methods('source.remove')).toEqual([]);
});

test('who takes their consent back is cut off at once, though the recorder does not answer for somebody else', async () => {
  keepTracks(true);
  answers('ada1', true);
  answers('bob1', true);
  const adas = await send('ada1');
  await goLive();
  await until('the track', () => sfu.methods('egress.update').length === 2);
  caster.unanswered.add('track.add');
  const bobs = await send('bob1');
  await until('the other', () => added().includes(bobs));
  answers('ada1', false);
  await until('the egress to be closed', () => closed().includes(egressOf(adas)));
  expect(caster.methods('track.remove')).toEqual([]);
  caster.answerNow();
  await until('it to be taken away', () => caster.methods('track.remove').length === 1);
});

test('who takes their consent back on the way there is never sent', async () => {
  keepTracks(true);
  answers('ada1', true);
  await goLive();
  caster.unanswered.add('track.add');
  const adas = await send('ada1');
  await until('the track on its way', () => added().includes(adas));
  answers('ada1', false);
  caster.answerNow();
  await until('it to be taken away', () => caster.methods('track.remove').length > 0);
  await until('the egress to be closed', () => closed().includes(egressOf(adas)));
  const egressId = egressOf(adas);
  expect(
    sfu.calls.filter(({ method, params }) => method === 'egress.connect' && params.egressId === egressId),
  ).toEqual([]);
});

test('a recorder that was started anew gets every track again, and the compositor hears nothing of it', async () => {
  keepTracks(true);
  answers('ada1', true);
  await send('ada1');
  await goLive();
  await until('the track', () => sfu.methods('egress.update').length === 2);
  caster.notice({ type: 'channel.tracksLost', channelId: 'channel1' });
  await until('the track again', () => added().length === 2);
  expect(caster.methods('source.add')).toHaveLength(1);
});

test('another recorder, or another compositor, of which no word came is seen in the next heartbeat', async () => {
  keepTracks(true);
  answers('ada1', true);
  await send('ada1');
  await goLive();
  await until('the track', () => sfu.methods('egress.update').length === 2);
  caster.runs = { compositor: 1, recorder: 2 };
  caster.beat();
  await until('the track again', () => added().length === 2);
  await until('it to flow', () => sfu.methods('egress.update').length === 3);
  caster.beat();
  caster.runs = { compositor: 2, recorder: 2 };
  caster.beat();
  await until('the picture again', () => caster.methods('source.add').length === 2);
  await until('it to flow too', () => sfu.methods('egress.update').length === 4);
  caster.beat();
  await send('ada1');
  expect(added()).toHaveLength(2);
  expect(caster.methods('source.add')).toHaveLength(2);
});

test('a new compositor does not disturb the recorder', async () => {
  keepTracks(true);
  answers('ada1', true);
  await send('ada1');
  await goLive();
  await until('the track', () => sfu.methods('egress.update').length === 2);
  caster.notice({ type: 'channel.epoch', channelId: 'channel1', epoch: 2 });
  await until('the picture again', () => caster.methods('source.add').length === 2);
  await until('it to flow', () => sfu.methods('egress.update').length === 3);
  expect(added()).toHaveLength(1);
});

test('a recorder that refuses keeps no picture waiting', async () => {
  caster.refuse.set('track.add', 'internal');
  keepTracks(true);
  answers('ada1', true);
  await send('ada1');
  await goLive();
  await until('the picture', () => caster.methods('source.add').length === 1);
  await until('several tries', () => added().length >= 2);
  await send('ada1', 'mic');
  await until('the sound', () => caster.methods('source.add').length === 2);
});
