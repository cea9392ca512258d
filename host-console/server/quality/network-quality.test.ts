import { type PersonQuality, QualityRow, QualityUpdate, type SeenNetwork } from '@rostrum/contracts';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { createMediaPlane, dialledNodes } from '../media/index.ts';
import type { Clock } from '../ports.ts';
import { systemClock } from '../ports.ts';
import { type Client, type House, openHouse, tokenOf, until } from '../testing/house.ts';
import { FINE_REPORT, reportWith } from '../testing/quality-report.ts';
import { NODE_TOKEN, TestNode } from '../testing/test-node.ts';

/** What the crew and each person are told of networks: real sockets, the real media side, and an SFU that dials in. */
let house: House;
let sfu: TestNode;
/** Another one, where a test has it. */
let other: TestNode | null;
let webinarId: string;
let clock: Clock & { skipMs: number };
const logger = pino({ level: 'silent' });

beforeEach(async () => {
  clock = {
    skipMs: 0,
    nowMs: () => systemClock.nowMs() + clock.skipMs,
    nowUnixMs: () => systemClock.nowUnixMs() + clock.skipMs,
  };
  house = await openHouse({
    clock,
    mediaPlane: ({ io, wordSide }) =>
      createMediaPlane({
        nodes: dialledNodes({ io, nodeToken: NODE_TOKEN, logger, nowMs: systemClock.nowMs }),
        wordSide,
        iceServers: () => [],
        logger,
        nowMs: systemClock.nowMs,
        nowUnixMs: systemClock.nowUnixMs,
        metrics: new Registry(),
      }),
  });
  other = null;
  sfu = new TestNode(house.url, { kind: 'sfu', roomIds: [] }, 'sfu-1');
  await until(() => house.coordinator.mediaPlane.readiness().sfuNodes === 1);
  webinarId = await house.webinar();
});
afterEach(async () => {
  sfu.close();
  other?.close();
  await house.close();
});

/** What a connection knows, as a page keeps it, and each update it was told. */
function listen({ socket }: Client) {
  const known = new Map<string, PersonQuality>();
  const updates: QualityUpdate[] = [];
  socket.on('quality', (raw: unknown) => {
    const update = QualityUpdate.parse(raw);
    updates.push(update);
    for (const q of update.people) known.set(q.personId, q);
    for (const personId of update.gone) known.delete(personId);
  });
  return { known, updates };
}

async function onStage(role: 'host' | 'panelist', personId: string): Promise<Client> {
  const client = await house.enter(webinarId, role, personId);
  await client.must('media:join', {});
  return client;
}
const see = (...people: SeenNetwork[]): void => sfu.notice({ type: 'network', roomId: webinarId, people });

describe('how networks fare', () => {
  test('is told to the crew of everybody, to a panelist of themselves, and to viewers not at all', async () => {
    const host = await onStage('host', 'host-1');
    const [bo, cy] = [await onStage('panelist', 'bo-1'), await onStage('panelist', 'cy-1')];
    const viewer = await house.enter(webinarId, 'attendee');
    const [told, toldBo, toldCy, toldViewer] = [host, bo, cy, viewer].map(listen);
    await bo.must('media:quality', reportWith({ send: { loss: 0.1 }, relay: 'tls' }));
    await cy.must('media:quality', FINE_REPORT);
    await until(() => told?.known.size === 2 && toldBo?.known.size === 1 && toldCy?.known.size === 1);
    expect(told?.known.get('bo-1')).toMatchObject({ word: 'upload-weak', badly: false, relay: 'tls' });
    expect([...(toldBo?.known.values() ?? [])]).toEqual([told?.known.get('bo-1')]);
    expect(toldCy?.known.get('cy-1')?.word).toBe('fine');
    expect(toldViewer?.updates).toEqual([]);
  });

  test('is told to crew that comes later, and nothing is told while nothing changes', async () => {
    const bo = await onStage('panelist', 'bo-1');
    const first = listen(await house.enter(webinarId, 'host'));
    await bo.must('media:quality', FINE_REPORT);
    await until(() => first.known.has('bo-1'));
    const second = house.client({ token: await tokenOf(webinarId, 'moderator', 'mo-1') });
    const later = listen(second);
    await until(() => later.known.has('bo-1'));
    // Another one's report is an update without this one.
    const cy = await onStage('panelist', 'cy-1');
    await cy.must('media:quality', FINE_REPORT);
    await until(() => first.known.has('cy-1'));
    expect(first.updates.map(({ people }) => people.map((q) => q.personId))).toEqual([['bo-1'], ['cy-1']]);
  });

  test('is nobody’s who is not on the stage, and gone with whoever leaves it', async () => {
    const host = listen(await house.enter(webinarId, 'host'));
    const bo = await house.enter(webinarId, 'panelist', 'bo-1');
    const own = listen(bo);
    expect(await bo.code('media:quality', FINE_REPORT)).toBe('not-on-stage');
    await bo.must('media:join', {});
    await bo.must('media:quality', FINE_REPORT);
    await until(() => host.known.has('bo-1') && own.known.has('bo-1'));
    await bo.must('media:leave', {});
    await until(() => host.known.size === 0 && own.known.size === 0);
    see({ personId: 'bo-1', send: { loss: 0.5, bitrate: 1 }, receive: null });
    const cy = await onStage('panelist', 'cy-1');
    await cy.must('media:quality', FINE_REPORT);
    await until(() => host.known.has('cy-1'));
    expect(host.known.has('bo-1')).toBe(false);
  });

  test('a page that is loaded again starts anew under the same person', async () => {
    const host = listen(await house.enter(webinarId, 'host'));
    const before = await onStage('panelist', 'bo-1');
    await before.must('media:quality', reportWith({ send: { loss: 0.3 } }));
    await until(() => host.known.get('bo-1')?.badly);
    before.socket.disconnect();
    const after = await onStage('panelist', 'bo-1');
    await after.must('media:quality', FINE_REPORT);
    await until(() => host.known.get('bo-1')?.word === 'fine');
  });

  test('an older window of somebody has no say', async () => {
    const old = await onStage('panelist', 'bo-1');
    await onStage('panelist', 'bo-1');
    expect(await old.code('media:quality', FINE_REPORT)).toBe('not-on-stage');
  });

  test('a lie concerns nobody but the liar, within bounds, and not what the SFU sees', async () => {
    const told = listen(await house.enter(webinarId, 'host'));
    const [bo, cy] = [await onStage('panelist', 'bo-1'), await onStage('panelist', 'cy-1')];
    await cy.must('media:quality', FINE_REPORT);
    expect(await bo.code('media:quality', { ...FINE_REPORT, personId: 'cy-1' })).toBe('bad-input');
    expect(await bo.code('media:quality', { ...FINE_REPORT, relay: 'http://elsewhere' })).toBe('bad-input');
    await bo.must('media:quality', reportWith({ send: { loss: 1e9, bitrate: -1 } }));
    await until(() => told.known.size === 2);
    expect(told.known.get('bo-1')).toMatchObject({ word: 'upload-weak', send: { loss: 1, bitrate: 0 } });
    expect(told.known.get('cy-1')?.word).toBe('fine');
    await cy.must('media:quality', FINE_REPORT);
    see({ personId: 'cy-1', send: { loss: 0.2, bitrate: 500_000 }, receive: null });
    await until(() => told.known.get('cy-1')?.word === 'upload-weak');
    expect(told.known.get('cy-1')).toMatchObject({ badly: true, send: { loss: 0.2, bitrate: 500_000 } });
  });

  test('a flood of reports is refused, and costs a message a second at most', async () => {
    const told = listen(await house.enter(webinarId, 'host'));
    const bo = await onStage('panelist', 'bo-1');
    const codes = await Promise.all(Array.from({ length: 100 }, () => bo.code('media:quality', FINE_REPORT)));
    expect(codes.filter((code) => code === 'ok')).toHaveLength(5);
    expect(new Set(codes)).toEqual(new Set(['ok', 'rate-limited']));
    await until(() => told.known.has('bo-1'));
    expect(told.updates).toHaveLength(1);
  });

  test('who says nothing is known by what the SFU sees, and forgotten when that ends too', async () => {
    const host = listen(await house.enter(webinarId, 'host'));
    await onStage('panelist', 'bo-1');
    see({
      personId: 'bo-1',
      send: null,
      receive: { loss: 0, roundTripMs: 300, bitrate: 1, picture: 'whole' },
    });
    await until(() => host.known.get('bo-1')?.word === 'far-away');
    clock.skipMs += 20_000;
    await until(() => host.known.size === 0);
  });

  test('an SFU has no say in rooms it does not have', async () => {
    other = new TestNode(house.url, { kind: 'sfu', roomIds: [] }, 'sfu-2');
    const host = listen(await house.enter(webinarId, 'host'));
    const bo = await onStage('panelist', 'bo-1');
    const elsewhere = sfu.methods('room.open').length > 0 ? other : sfu;
    await until(() => elsewhere.socket.connected);
    const people = [{ personId: 'bo-1', send: { loss: 0.9, bitrate: 1 }, receive: null }];
    elsewhere.notice({ type: 'network', roomId: webinarId, people });
    await bo.must('media:quality', FINE_REPORT);
    await until(() => host.known.has('bo-1'));
    expect(host.known.get('bo-1')?.send.loss).toBe(0);
  });
});

describe('the quality log', () => {
  const rows = async (client: Client): Promise<QualityRow[]> => {
    const token = (client.socket.auth as { token: string }).token;
    const response = await fetch(`${house.url}/api/webinars/${webinarId}/quality`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(response.headers.get('content-type')).toBe('application/x-ndjson');
    const lines = (await response.text()).split('\n').filter((line) => line !== '');
    return lines.map((line) => QualityRow.parse(JSON.parse(line)));
  };

  test('has a line for each direction, restart and disconnection, and is the crew’s to read', async () => {
    const host = await house.enter(webinarId, 'host');
    expect(await rows(host)).toEqual([]);
    const bo = await onStage('panelist', 'bo-1');
    await bo.must('media:quality', reportWith({ send: { loss: 0.1 } }));
    await bo.must('media:restartIce', { transportId: 'transport-1' });
    bo.socket.disconnect();
    await until(() => house.coordinator.io.of('/webinar').sockets.size === 1);
    const written = await rows(host);
    expect(written.map(({ direction, event }) => [direction, event])).toEqual([
      ['send', 'loss-alert'],
      ['receive', null],
      [null, 'ice-restart'],
      [null, 'disconnect'],
    ]);
    expect(written.every((row) => row.personId === 'bo-1' && row.webinarId === webinarId)).toBe(true);
  });

  test('nothing of it is an event of the webinar', async () => {
    const host = await house.enter(webinarId, 'host');
    const told = listen(host);
    const bo = await onStage('panelist', 'bo-1');
    const { seq } = host;
    await bo.must('media:quality', FINE_REPORT);
    await until(() => told.known.has('bo-1'));
    expect((await house.store.webinars.find(webinarId))?.webinarId).toBe(webinarId);
    expect(host.seq).toBe(seq);
  });
});

describe('the metrics', () => {
  test('count loss and round trips by direction, words, and the share that is relayed', async () => {
    const told = listen(await house.enter(webinarId, 'host'));
    const [bo, cy] = [await onStage('panelist', 'bo-1'), await onStage('panelist', 'cy-1')];
    await bo.must('media:quality', reportWith({ send: { loss: 0.1 }, relay: 'udp' }));
    await cy.must('media:quality', reportWith({ receive: { loss: null } }));
    await until(() => told.known.size === 2);
    const text = await house.metrics.registry.metrics();
    expect(text).toContain('rostrum_stage_loss_ratio_count{direction="send"} 2');
    expect(text).toContain('rostrum_stage_loss_ratio_count{direction="receive"} 1');
    expect(text).toContain('rostrum_stage_round_trip_seconds_count{direction="receive"} 2');
    expect(text).toContain('rostrum_stage_network_words_total{word="upload-weak"} 1');
    expect(text).toContain('rostrum_stage_measured_people 2');
    expect(text).toContain('rostrum_stage_relayed_ratio 0.5');
    await bo.must('media:leave', {});
    await until(() => told.known.size === 1);
    expect(await house.metrics.registry.metrics()).toContain('rostrum_stage_relayed_ratio 0');
  });
});
