import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { emptyScene, type WebinarEvent } from '@rostrum/contracts';
import pino from 'pino';
import { Registry } from 'prom-client';
import { Server } from 'socket.io';
import { NODE_TOKEN, TestNode, until } from '../testing/test-node.ts';
import { emptyState, type FoldedState, fold } from '../webinars/fold.ts';
import { createMediaPlane, dialledNodes, type MediaPlane } from './index.ts';

/** A recording that is deleted is asked for until nobody has anything of it, whoever comes and goes meanwhile. */
let http: HttpServer;
let io: Server;
let plane: MediaPlane;
let state: FoldedState;
/** Other webinars whose recording the log says is deleted. */
let deletedIds: Set<string>;
let skippedMs: number;
let nodes: TestNode[];

const CHANNEL = { channelId: 'webinar1', originUrl: 'http://one.test' };
const RECORDED: readonly WebinarEvent[] = [
  { type: 'webinar.wentLive', ...CHANNEL },
  { type: 'webinar.ended', recording: 'pending' },
  {
    type: 'webinar.recordingSettled',
    recorded: true,
    by: { nodeId: 'node1', originUrl: 'http://one.test', durationMs: 1000 },
  },
];

function log(event: WebinarEvent): void {
  state = fold(state, { seq: state.seq + 1, atUnixMs: 1, event });
}
const recording = () => (state.phase.phase === 'ended' ? state.phase.recording : null);

beforeEach(async () => {
  http = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => http.once('listening', resolve));
  io = new Server(http);
  skippedMs = 0;
  nodes = [];
  deletedIds = new Set();
  state = { ...emptyState('webinar1'), seq: 1, title: 'T', scene: emptyScene('T') };
  for (const event of RECORDED) log(event);
  plane = makePlane();
});
afterEach(async () => {
  await plane.close();
  for (const node of nodes) node.close();
  await io.close();
});

function makePlane(): MediaPlane {
  const logger = pino({ level: 'silent' });
  return createMediaPlane({
    nodes: dialledNodes({ io, nodeToken: NODE_TOKEN, logger, nowMs: () => performance.now() }),
    iceServers: () => [],
    logger,
    nowMs: () => performance.now() + skippedMs,
    nowUnixMs: () => Date.now(),
    metrics: new Registry(),
    wordSide: {
      state: () => state,
      phase: async (webinarId) => (webinarId === 'webinar1' ? state.phase.phase : null),
      recordingIsDeleted: async (webinarId) => deletedIds.has(webinarId),
      shape: async () => null,
      async append(_webinarId, decide) {
        for (const event of decide(state)) {
          log(event);
          plane.observe(state, event);
        }
      },
      servesPages: () => undefined,
      network: () => undefined,
      isConnected: () => true,
      tell: () => undefined,
    },
  });
}

/** `name`: of its address too. */
async function broadcaster(nodeId: string, name: string): Promise<TestNode> {
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const before = plane.readiness().broadcasterNodes;
  const originUrl = `http://${name}.test`;
  const made = new TestNode(url, { kind: 'broadcaster', originUrl, channelIds: [] }, nodeId);
  nodes.push(made);
  await until(`${nodeId} to be connected`, () => plane.readiness().broadcasterNodes > before);
  return made;
}
function erase(): void {
  log({ type: 'recording.deleted' });
  plane.observe(state, { type: 'recording.deleted' });
}
const asked = (node: TestNode, channelId = 'webinar1'): number =>
  node.calls.filter((c) => c.method === 'recording.delete' && c.params.channelId === channelId).length;

test('every broadcaster is told, and when each has said that nothing is left the log has it', async () => {
  const [one, two] = [await broadcaster('node1', 'one'), await broadcaster('node2', 'two')];
  expect(plane.recordingRemains('webinar1')).toBeNull();
  one.left = ['bucket', 'cdn'];
  erase();
  expect(plane.recordingRemains('webinar1')).toEqual(['broadcaster']);
  await until('both to be told', () => asked(one) > 0 && asked(two) > 0);
  await until('what is left to be known', () => plane.recordingRemains('webinar1')?.join() === 'bucket,cdn');
  expect(recording()).toBe('deleting');
  one.left = [];
  // It asks again by itself, and at once when something moves.
  await broadcaster('node3', 'three');
  await until('the log to have it', () => recording() === 'deleted');
  expect(plane.recordingRemains('webinar1')).toBeNull();
  if (state.phase.phase !== 'ended') throw new Error('it has ended');
  expect(state.phase.recordedBy).toBeUndefined();
});

test('while the one that has it is away it is not gone, whatever the others say; it is told when it comes', async () => {
  const two = await broadcaster('node2', 'two');
  erase();
  await until('the other to be told', () => asked(two) > 0);
  expect(plane.recordingRemains('webinar1')).toEqual(['broadcaster']);
  expect(recording()).toBe('deleting');
  // Under another address it is still the same.
  const one = await broadcaster('node1', 'moved');
  await until('the log to have it', () => recording() === 'deleted');
  expect(asked(one)).toBe(1);
});

test('a broadcaster that refuses or does not answer is asked again', async () => {
  const one = await broadcaster('node1', 'one');
  one.refuse.set('recording.delete', 'internal');
  erase();
  await until('it to be asked twice', () => asked(one) > 1);
  expect(plane.recordingRemains('webinar1')).toEqual(['broadcaster']);
  one.refuse.clear();
  await until('the log to have it', () => recording() === 'deleted');
});

test('a coordinator that starts goes on with it', async () => {
  log({ type: 'recording.deleted' });
  plane.adopt(state);
  const one = await broadcaster('node1', 'one');
  await until('the log to have it', () => recording() === 'deleted');
  expect(asked(one)).toBeGreaterThan(0);
});

test('one that another coordinator writes now is not asked for here', async () => {
  erase();
  plane.lost('webinar1');
  const one = await broadcaster('node1', 'one');
  deletedIds.add('long-gone');
  one.beat({ heldRecordings: ['long-gone'] });
  await until('what comes later to be asked for', () => asked(one, 'long-gone') > 0);
  expect(plane.recordingRemains('webinar1')).toBeNull();
  expect(asked(one)).toBe(0);
});

test('what a broadcaster says it has is deleted where the log says so, however long ago, and nothing else of it', async () => {
  deletedIds.add('long-gone');
  const one = await broadcaster('node1', 'one');
  one.beat({ heldRecordings: ['webinar1', 'long-gone', 'unknown'] });
  await until('it to be told', () => asked(one, 'long-gone') > 0);
  expect(asked(one)).toBe(0);
  expect(asked(one, 'unknown')).toBe(0);
});

test('word of a recording that comes after it was deleted does not bring it back', async () => {
  log({ type: 'recording.deleted' });
  const one = await broadcaster('node1', 'one');
  one.recordingUrl = 'http://one.test/recordings/webinar1/multivariant.m3u8';
  one.beat({ openArchives: ['webinar1'] });
  await until('it to be ended', () => one.calls.some((c) => c.method === 'channel.end'));
  deletedIds.add('long-gone');
  one.beat({ heldRecordings: ['long-gone'] });
  await until('what comes later to be asked for', () => asked(one, 'long-gone') > 0);
  expect(recording()).toBe('deleting');
});
