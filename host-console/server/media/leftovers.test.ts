import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { emptyScene, NO_PRESSURE, type NodeHandshake, type WebinarEvent } from '@rostrum/contracts';
import pino from 'pino';
import { Registry } from 'prom-client';
import { Server } from 'socket.io';
import { BROADCASTER, HEARTBEAT, NODE_TOKEN, TestNode, until } from '../testing/test-node.ts';
import { recordingShape } from '../webinars/features/recording/shape.ts';
import { emptyState, type FoldedState, fold } from '../webinars/fold.ts';
import { createMediaPlane, dialledNodes, type MediaCaller, type MediaPlane } from './index.ts';
import { Leftovers } from './leftovers.ts';
import type { MediaNode } from './node-registry.ts';

/** Everything that was opened is closed: by its end, by time, or because a node says that it still has it. */
let http: HttpServer;
let io: Server;
let plane: MediaPlane;
let state: FoldedState;
/** How often the log was asked for the phase of which webinar. */
let phases: string[];
let logged: WebinarEvent[];
/** What the log has of another webinar; null: nothing. */
let other: 'scheduled' | 'live' | 'ended' | null;
let skippedMs: number;
let gone: Set<string>;
let nodes: TestNode[];
/** Webinars whose recording the log says is deleted. */
const deletedIds = new Set<string>();

const ada: MediaCaller = { webinarId: 'webinar1', personId: 'ada1', connectionId: 'c1' };

beforeEach(async () => {
  http = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => http.once('listening', resolve));
  io = new Server(http);
  skippedMs = 0;
  gone = new Set();
  nodes = [];
  phases = [];
  logged = [];
  other = null;
  state = { ...emptyState('webinar1'), seq: 1, title: 'T', scene: emptyScene('T') };
  const logger = pino({ level: 'silent' });
  plane = createMediaPlane({
    nodes: dialledNodes({ io, nodeToken: NODE_TOKEN, logger, nowMs: () => performance.now() }),
    iceServers: () => [],
    logger,
    nowMs: () => performance.now() + skippedMs,
    nowUnixMs: () => Date.now(),
    metrics: new Registry(),
    wordSide: {
      state: () => state,
      async phase(webinarId) {
        phases.push(webinarId);
        return webinarId === 'webinar1' ? state.phase.phase : other;
      },
      recordingIsDeleted: async (webinarId) => deletedIds.has(webinarId),
      shape: async () => recordingShape(state),
      async append(_webinarId, decide) {
        for (const event of decide(state)) {
          logged.push(event);
          state = fold(state, { seq: state.seq + 1, atUnixMs: 1, event });
        }
      },
      servesPages: () => undefined,
      network: () => undefined,
      isConnected: ({ connectionId }) => !gone.has(connectionId),
      tell: () => undefined,
    },
  });
});

afterEach(async () => {
  await plane.close();
  for (const node of nodes) node.close();
  await io.close();
});

async function node(kind: NodeHandshake['node'], nodeId: string): Promise<TestNode> {
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const made = new TestNode(url, kind, nodeId);
  nodes.push(made);
  const { sfuNodes, broadcasterNodes } = plane.readiness();
  await until(`${nodeId} to be connected`, () => {
    const now = plane.readiness();
    return now.sfuNodes + now.broadcasterNodes > sfuNodes + broadcasterNodes;
  });
  return made;
}

describe('a stage', () => {
  test('that a connection was lost on the way to has no ghost on it', async () => {
    const sfu = await node({ kind: 'sfu', roomIds: [] }, 'sfu1');
    const { promise, resolve } = Promise.withResolvers<void>();
    sfu.held.set('room.open', promise);
    const joining = plane.handle(ada, 'media:join', {});
    await until('the room on its way', () => sfu.methods().includes('room.open'));
    gone.add(ada.connectionId);
    plane.disconnected(ada);
    resolve();
    await expect(joining).rejects.toMatchObject({ code: 'not-on-stage' });
    expect(plane.health('webinar1').stage).toEqual({ is: 'unused' });
  });

  test('that everybody left gives its room back after a while, and opens another for who comes then', async () => {
    const sfu = await node({ kind: 'sfu', roomIds: [] }, 'sfu1');
    await plane.handle(ada, 'media:join', {});
    await plane.handle(ada, 'media:leave', {});
    expect(sfu.methods('room.')).toEqual(['room.close', 'room.open']);
    // The first look at an empty stage, and one that finds that it stayed so.
    await until('the room to be given back', () => {
      skippedMs += 1000;
      return sfu.methods('room.').length === 3;
    });
    expect(sfu.methods('room.').at(-1)).toBe('room.close');
    await plane.handle(ada, 'media:join', {});
    expect(sfu.methods('room.').at(-1)).toBe('room.open');
  });
});

describe('a room that its node says it has', () => {
  test('and nobody is in is closed, but not before its people had time to come back to it', async () => {
    const sfu = await node({ kind: 'sfu', roomIds: ['webinar1'] }, 'sfu1');
    sfu.beat({ rooms: ['webinar1'] });
    await node(BROADCASTER, 'caster1'); // a turn for what should not come
    expect(sfu.methods('room.')).toEqual([]);
    skippedMs += 31_000;
    await until('the room to be closed', () => sfu.methods('room.').includes('room.close'));
  });

  test('stays while somebody is on that stage', async () => {
    const sfu = await node({ kind: 'sfu', roomIds: [] }, 'sfu1');
    await plane.handle(ada, 'media:join', {});
    sfu.beat({ rooms: ['webinar1', 'webinar2'] });
    await new Promise((resolve) => setTimeout(resolve, 150)); // seen by a heartbeat
    skippedMs += 31_000;
    await until('the other to be closed', () => sfu.methods('room.close').length === 2);
    expect(sfu.calls.filter((c) => c.method === 'room.close').at(-1)?.params).toEqual({ roomId: 'webinar2' });
  });
});

describe('a channel that its node says it runs', () => {
  const runs = { channels: [{ channelId: 'webinar1', state: NO_PRESSURE, withheld: [] }] };

  test('and whose stop was lost is stopped when the node says so', async () => {
    const caster = await node(BROADCASTER, 'caster1');
    await plane.startChannel('webinar1', 'webinar1', state);
    caster.refuse.set('channel.stop', 'node-timeout');
    plane.withdrawChannel('webinar1');
    await until('the stop that is lost', () => caster.methods('channel.stop').length === 1);
    caster.beat(runs);
    await until('another stop', () => caster.methods('channel.stop').length >= 2);
    caster.refuse.clear();
    await until('a stop that came about', () => caster.methods('channel.stop').length >= 3);
    expect(caster.methods('channel.end')).toEqual([]);
  });

  test('is left alone while it is being started', async () => {
    const caster = await node(BROADCASTER, 'caster1');
    const { promise, resolve } = Promise.withResolvers<void>();
    caster.held.set('channel.start', promise);
    const starting = plane.startChannel('webinar1', 'webinar1', state);
    await until('the start', () => caster.methods().includes('channel.start'));
    caster.beat(runs);
    await node({ kind: 'sfu', roomIds: [] }, 'sfu1');
    resolve();
    await starting;
    expect(caster.methods('channel.stop')).toEqual([]);
  });
});

describe('a channel that is live, and that this coordinator does not run,', () => {
  test('is left alone, and the log is asked for it every half minute and not with each heartbeat', async () => {
    other = 'live';
    const caster = await node({ ...BROADCASTER, channelIds: ['webinar2'] }, 'caster1');
    const beats = async (count: number): Promise<void> => {
      const runs = { channels: [{ channelId: 'webinar2', state: NO_PRESSURE, withheld: [] }] };
      for (let n = 0; n < count; n += 1) caster.beat(runs);
      await node({ kind: 'sfu', roomIds: [] }, `sfu${nodes.length}`); // a turn for all of them
    };
    await beats(20);
    expect(phases).toEqual(['webinar2']);
    skippedMs += 31_000;
    await beats(20);
    expect(phases).toEqual(['webinar2', 'webinar2']);
    other = 'ended';
    skippedMs += 31_000;
    await beats(1);
    await until('its end', () => caster.methods('channel.').includes('channel.end'));
    expect(caster.methods('channel.stop')).toEqual([]);
  });
});

test('what could not be closed is tried less and less often, however often its node says it, and logged once', async () => {
  const lines: { msg: string; what?: string }[] = [];
  let [attempts, clockMs, away] = [0, 0, true];
  const leftovers = new Leftovers({
    wants: { room: () => true, channel: () => false, archive: () => true },
    async settle() {
      attempts += 1;
      if (away) throw new Error('the database does not answer');
    },
    logger: pino({}, { write: (line: string) => lines.push(JSON.parse(line)) }),
    nowMs: () => clockMs,
  });
  const caster: MediaNode = {
    nodeId: 'caster1',
    bootId: 'boot1',
    description: { ...BROADCASTER, channelIds: [] },
    address: '127.0.0.1',
    load: { ...HEARTBEAT, channels: [] },
    state: { is: 'here' },
    silentMs: 0,
  };
  const beats = async (count: number): Promise<void> => {
    for (let n = 0; n < count; n += 1) {
      leftovers.look(caster, { rooms: [], channels: ['channel1'], archives: [] });
      await new Promise((resolve) => setImmediate(resolve));
      clockMs += 500;
    }
  };
  await beats(240);
  expect(attempts).toBeGreaterThan(5);
  expect(attempts).toBeLessThan(80);
  away = false;
  await beats(40);
  expect(lines.map(({ msg, what }) => [msg, what])).toEqual([
    ['closing what nobody wants: not yet, it is tried again', 'channel'],
    ['closing what nobody wants: works again', 'channel'],
  ]);
});

describe('an archive that its node says has no end', () => {
  const CHANNEL = { channelId: 'webinar1', originUrl: 'http://two.test', sinceUnixMs: 1 };
  /** As it stands in the log: another broadcaster ran it to the end, and has so much of it. */
  const recordedElsewhere = (durationMs: number): void => {
    const recordedBy = { nodeId: 'caster2', originUrl: 'http://two.test', durationMs };
    const ended = { endedUnixMs: 1, recording: 'ready', recordedBy, cancelled: false } as const;
    state = { ...state, phase: { phase: 'ended', channel: CHANNEL, ...ended } };
  };
  const comes = async (): Promise<TestNode> => {
    const caster = await node(BROADCASTER, 'caster1');
    caster.recordingUrl = 'http://origin.test/recordings/webinar1/multivariant.m3u8';
    caster.recordedMs = 60_000;
    caster.beat({ openArchives: ['webinar1'] });
    return caster;
  };

  test('is finished when its webinar ended while it was away; the longest part is the one that is shown', async () => {
    recordedElsewhere(5000);
    const caster = await comes();
    await until('the word of it', () => logged.length > 0);
    caster.beat({ openArchives: [] });
    const by = { nodeId: 'caster1', originUrl: 'http://origin.test', durationMs: 60_000 };
    expect(logged).toEqual([{ type: 'webinar.recordingSettled', recorded: true, by }]);
    expect(state.phase).toMatchObject({ recording: 'ready', recordedBy: by });
    expect(plane.originUrl('webinar1')).toBe('http://origin.test');
  });

  test('is finished and not shown where the longer part is another’s, which is where people are sent', async () => {
    recordedElsewhere(90_000);
    const caster = await comes();
    await until('the end', () => caster.methods('channel.end').length > 0);
    const second = await node({ ...BROADCASTER, originUrl: 'https://moved.test' }, 'caster2');
    expect(logged).toEqual([]);
    expect(plane.originUrl('webinar1')).toBe('https://moved.test');
    second.close();
    await until('its loss', () => plane.readiness().broadcasterNodes === 1);
    // The one that is left may be the same under another name.
    expect(plane.originUrl('webinar1')).toBe('http://origin.test');
  });

  test('is asked for again where it could not be finished', async () => {
    recordedElsewhere(5000);
    const caster = await node(BROADCASTER, 'caster1');
    caster.refuse.set('channel.end', 'unavailable');
    caster.beat({ openArchives: ['webinar1'] });
    await until('the first attempt', () => caster.methods('channel.end').length === 1);
    caster.refuse.clear();
    caster.recordingUrl = 'http://origin.test/recordings/webinar1/multivariant.m3u8';
    caster.recordedMs = 60_000;
    await until('the word of it', () => logged.length > 0);
  });

  test.each(['live', 'scheduled', null] as const)(
    'is left as it is while its webinar is %s in the log: it may be gone on with',
    async (phase) => {
      other = phase;
      const caster = await node(BROADCASTER, 'caster1');
      for (let n = 0; n < 20; n += 1) caster.beat({ openArchives: ['webinar2'] });
      await until('a look at the log', () => phases.length > 0);
      await node({ kind: 'sfu', roomIds: [] }, 'sfu1'); // a turn for all of them
      expect(phases).toEqual(['webinar2']);
      expect(caster.methods('channel.')).toEqual([]);
    },
  );
});

describe('a picture', () => {
  const live = async (): Promise<TestNode> => {
    const caster = await node(BROADCASTER, 'caster1');
    const { originUrl } = await plane.startChannel('webinar1', 'webinar1', state);
    const channel = { channelId: 'webinar1', originUrl, sinceUnixMs: 1 };
    state = { ...state, phase: { phase: 'live', channel } };
    plane.observe(state, { type: 'webinar.wentLive', channelId: 'webinar1', originUrl });
    return caster;
  };

  test('that cannot be made is told to who runs the show, until it is made again', async () => {
    const caster = await live();
    expect(plane.health('webinar1').picture).toBeNull();
    caster.notice({ type: 'channel.failed', channelId: 'webinar1', message: 'it went silent' });
    await until('the word of it', () => plane.health('webinar1').picture !== null);
    expect(plane.health('webinar1').picture).toMatchObject({ is: 'failing' });
    caster.notice({ type: 'channel.epoch', channelId: 'webinar1', epoch: 7 });
    await until('all well', () => plane.health('webinar1').picture === null);
  });

  test('whose broadcaster cannot record is shown as such, and so is a broadcaster before anybody is live', async () => {
    expect(plane.recordingTrouble()).toBeNull();
    const caster = await live();
    expect(plane.health('webinar1').recording).toBeNull();
    caster.beat({ archive: { disk: 'low', usedShare: 0.914, failingSinceUnixMs: null } });
    await until('the word of it', () => plane.health('webinar1').recording !== null);
    expect(plane.health('webinar1').recording).toEqual({ is: 'low', usedPercent: 91 });
    expect(plane.health('webinar2').recording).toEqual({ is: 'low', usedPercent: 91 });
    expect(plane.recordingTrouble()).toEqual({ is: 'low', usedPercent: 91 });
    caster.beat({ archive: { disk: 'ample', usedShare: 0.8, failingSinceUnixMs: null } });
    await until('all well', () => plane.health('webinar1').recording === null);
  });

  test('of a webinar that is another coordinator’s now is let go of, and not ended', async () => {
    const caster = await live();
    plane.lost('webinar1');
    caster.notice({ type: 'channel.epoch', channelId: 'webinar1', epoch: 2 });
    caster.beat({ channels: [{ channelId: 'webinar1', state: NO_PRESSURE, withheld: [] }] });
    await node({ kind: 'sfu', roomIds: [] }, 'sfu1');
    await new Promise((resolve) => setTimeout(resolve, 150)); // another heartbeat
    expect(caster.methods('channel.')).toEqual(['channel.start']);
    expect(plane.health('webinar1').broadcaster).toEqual({ is: 'unused' });
  });
});
