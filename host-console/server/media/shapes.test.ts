/** Recordings come to be as the log wants them, whoever was away, over real sockets. */
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WebinarEvent } from '@rostrum/contracts';
import pino from 'pino';
import { Registry } from 'prom-client';
import { Server } from 'socket.io';
import { BROADCASTER, NODE_TOKEN, TestNode, until } from '../testing/test-node.ts';
import { recordingShape } from '../webinars/features/recording/shape.ts';
import { emptyState, type FoldedState, fold } from '../webinars/fold.ts';
import { createMediaPlane, dialledNodes, type MediaPlane } from './index.ts';

let http: HttpServer;
let io: Server;
let plane: MediaPlane;
let state: FoldedState;
/** Whether it is in memory. */
let loaded: boolean;
/** For which webinars the log was read, in order. */
let reads: string[];
let skippedMs: number;
let nodes: TestNode[];

beforeEach(async () => {
  http = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => http.once('listening', resolve));
  io = new Server(http);
  loaded = true;
  reads = [];
  skippedMs = 0;
  nodes = [];
  state = emptyState('webinar1');
  const logger = pino({ level: 'silent' });
  plane = createMediaPlane({
    nodes: dialledNodes({ io, nodeToken: NODE_TOKEN, logger, nowMs: () => performance.now() }),
    iceServers: () => [],
    logger,
    nowMs: () => performance.now() + skippedMs,
    nowUnixMs: () => Date.now(),
    metrics: new Registry(),
    wordSide: {
      state: () => (loaded ? state : null),
      phase: async () => state.phase.phase,
      recordingIsDeleted: async () => false,
      shape: async (webinarId) => {
        reads.push(webinarId);
        return webinarId === 'webinar1' ? recordingShape(state) : null;
      },
      append: async () => undefined,
      servesPages: () => undefined,
      network: () => undefined,
      isConnected: () => true,
      tell: () => undefined,
    },
  });
  happens({ type: 'webinar.created', title: 'Town hall', startsAtUnixMs: null, profile: 'standard' });
  happens({ type: 'webinar.wentLive', channelId: 'webinar1', originUrl: BROADCASTER.originUrl });
  happens({ type: 'webinar.ended', recording: 'none' });
});
afterEach(async () => {
  await plane.close();
  for (const node of nodes) node.close();
  await io.close();
});

function happens(event: WebinarEvent): void {
  const seq = state.seq + 1;
  state = fold(state, { seq, atUnixMs: 1_800_000_000_000 + seq * 1000, event });
  if (loaded) plane.observe(state, event);
}
const mark = (markId: string): void => happens({ type: 'recording.marked', markId, title: markId });

/** A broadcaster that has recordings, and says of each what it was told last, or so. */
async function broadcaster(nodeId: string, revisions: Record<string, number>): Promise<TestNode> {
  const node = new TestNode(
    `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    { ...BROADCASTER, channelIds: [] },
    nodeId,
  );
  nodes.push(node);
  const before = plane.readiness().broadcasterNodes;
  await until(`${nodeId} to be connected`, () => plane.readiness().broadcasterNodes > before);
  says(node, revisions);
  return node;
}
const says = (node: TestNode, revisions: Record<string, number>): void =>
  node.beat({ shapes: Object.entries(revisions).map(([channelId, revision]) => ({ channelId, revision })) });
/** The revisions that a node was told, in order. */
const toldTo = (node: TestNode): number[] =>
  node.calls.flatMap(({ method, params }) =>
    method === 'recording.shape' ? [(params.shape as { revision: number }).revision] : [],
  );

test('who has an older shape than the log is told, whole; who has the newest, or none of it, is not', async () => {
  mark('m1');
  const old = await broadcaster('broadcaster-old', { webinar1: 0 });
  const fresh = await broadcaster('broadcaster-fresh', { webinar1: state.edit.revision });
  const without = await broadcaster('broadcaster-without', {});
  await until('the old one to be told', () => toldTo(old).length > 0);
  expect(old.calls.at(-1)).toEqual({
    method: 'recording.shape',
    params: { channelId: 'webinar1', shape: recordingShape(state) },
  });
  says(old, { webinar1: state.edit.revision });
  mark('m2');
  skippedMs += 3000;
  await until('both to be told', () => [old, fresh].every((n) => toldTo(n).at(-1) === state.edit.revision));
  expect(toldTo(without)).toEqual([]);
});

test('what changes many times at once is told once or twice', async () => {
  const node = await broadcaster('broadcaster1', { webinar1: 0 });
  await until('it to be told', () => toldTo(node).length === 1);
  says(node, { webinar1: state.edit.revision });
  for (let i = 0; i < 50; i += 1) mark(`m${i}`);
  skippedMs += 3000;
  await until('the last to be told', () => toldTo(node).at(-1) === state.edit.revision);
  expect(toldTo(node).length).toBeLessThanOrEqual(3);
});

test('what fails is told again until it is taken', async () => {
  const node = await broadcaster('broadcaster1', {});
  node.refuse.set('recording.shape', 'unavailable');
  says(node, { webinar1: 0 });
  await until('two tries', () => {
    skippedMs += 1000;
    return toldTo(node).length >= 2;
  });
  node.refuse.clear();
  const tries = toldTo(node).length;
  await until('another', () => {
    skippedMs += 1000;
    return toldTo(node).length > tries;
  });
});

test('a broadcaster that has nothing of it any more is asked no more', async () => {
  const node = await broadcaster('broadcaster1', {});
  node.refuse.set('recording.shape', 'not-found');
  // A heartbeat of before that comes after the answer says that it has it: then it is right to ask again.
  const { promise, resolve: answers } = Promise.withResolvers<void>();
  node.held.set('recording.shape', promise);
  says(node, { webinar1: 0 });
  await until('it to be told', () => toldTo(node).length === 1);
  // With a trouble beside it, by which is seen that the heartbeat has come.
  const archive = { disk: 'low', usedShare: 0.9, failingSinceUnixMs: null } as const;
  node.beat({ shapes: [], archive });
  await until('its heartbeat', () => plane.recordingTrouble() !== null);
  answers();
  const other = await broadcaster('broadcaster2', {});
  mark('m1');
  skippedMs += 10_000;
  says(other, { webinar1: 0 });
  await until('another to be told', () => toldTo(other).length > 0);
  expect(toldTo(node)).toHaveLength(1);
});

test('a coordinator that starts anew reads the log for each recording that it hears of, believes it, and tells what is missing', async () => {
  mark('m1');
  loaded = false;
  const behind = await broadcaster('broadcaster1', { webinar1: 1, webinar2: 0 });
  await until('it to be told', () => toldTo(behind).length > 0);
  await until('the other to be looked for', () => {
    skippedMs += 600;
    return reads.includes('webinar2');
  });
  says(behind, { webinar1: state.edit.revision, webinar2: 0 });
  const fresh = await broadcaster('broadcaster2', { webinar1: state.edit.revision });
  for (let i = 0; i < 10; i += 1) {
    skippedMs += 600;
    says(fresh, { webinar1: state.edit.revision });
    says(behind, { webinar1: state.edit.revision, webinar2: 0 });
  }
  // Another recording is heard of after all that.
  const last = await broadcaster('broadcaster3', { webinar1: 1 });
  await until('the last to be told', () => {
    skippedMs += 600;
    return toldTo(last).length > 0;
  });
  expect(toldTo(fresh)).toEqual([]);
  expect(reads.filter((id) => id === 'webinar2')).toHaveLength(1);
});
