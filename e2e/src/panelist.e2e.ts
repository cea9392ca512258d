import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type Service, startService } from '@rostrum/panel-sfu/server';
import { startTestCoordinator, type TestCoordinator } from '@rostrum/panel-sfu/testing-coordinator';
import { pino } from 'pino';
import { LiveShow, OPENING_DEADLINE_MS } from './lib/live-show.ts';
import { eventually, type Viewer } from './lib/viewer.ts';
import { headless } from './panelist/cast.ts';
import { liveClock } from './panelist/live-clock.ts';
import { type HeadlessPanelist, joinHeadless, type Trouble } from './panelist/panelist.ts';
import { clipPlayer } from './panelist/player.ts';
import { codedClip } from './panelist/testing/coded-clip.ts';

/** Panelists without a browser, who stand in for people in benchmarks and in the demo: that the product takes them for people. */

describe('on a stage whose SFU is real', () => {
  const ROOM = { roomId: 'test-room' };
  const ADA = 'ada-without-browser';
  let coordinator: TestCoordinator;
  let service: Service;
  let ada: HeadlessPanelist;
  const troubles: Trouble[] = [];

  beforeAll(async () => {
    coordinator = await startTestCoordinator({});
    service = await startService(
      {
        coordinatorUrl: coordinator.url,
        nodeToken: 'a token of the test',
        nodeId: 'test-node',
        rtcPort: 0,
        listenIp: '127.0.0.1',
        announcedIp: undefined,
        metricsIp: '127.0.0.1',
        metricsPort: 0,
        workers: 1,
        orphanMs: 60_000,
        workerBin: process.env.MEDIASOUP_WORKER_BIN,
        parentPipe: false,
        logLevel: 'silent',
      },
      pino({ level: 'silent' }),
    );
    ada = await joinHeadless({
      coordinatorUrl: coordinator.url,
      token: ADA,
      media: clipPlayer(await codedClip(4)),
      onTrouble: (trouble) => troubles.push(trouble),
      signal: AbortSignal.timeout(20_000),
    });
  });

  afterAll(async () => {
    await ada?.close();
    await service?.close();
    await coordinator?.close();
  });

  const producerOf = (source: 'camera' | 'mic') => {
    const found = [...coordinator.producers.values()].find((p) => p.personId === ADA && p.source === source);
    if (!found) throw new Error(`no ${source}`);
    return found;
  };

  test('an egress gets the layer that it asks for, with sequence numbers and picture ids in one row', async () => {
    const [rtp, rtcp] = [createSocket('udp4'), createSocket('udp4')];
    const heights: number[] = [];
    const rows: { sequence: number; pictureId: number }[] = [];
    rtp.on('message', (packet) => {
      const payload = payloadOf(packet);
      rows.push({ sequence: packet.readUInt16BE(2), pictureId: payload.readUInt16BE(2) & 0x7fff });
      const height = keyFrameHeight(payload);
      if (height !== null && height !== heights.at(-1)) heights.push(height);
    });
    try {
      for (const socket of [rtp, rtcp]) {
        socket.bind(0, '127.0.0.1');
        await once(socket, 'listening');
      }
      const { producerId } = producerOf('camera');
      const { egressId } = await coordinator.ask('egress.open', { ...ROOM, producerId, srtp: false });
      const remote = { ip: '127.0.0.1', port: rtp.address().port, rtcpPort: rtcp.address().port };
      await coordinator.ask('egress.connect', { ...ROOM, egressId, remote, srtp: null });
      for (const [spatialLayer, height] of [
        [2, 720],
        [0, 180],
        [1, 360],
        [2, 720],
      ] as const) {
        await coordinator.ask('egress.update', { ...ROOM, egressId, spatialLayer });
        await eventually(`pictures of ${height} lines`, 8000, async () =>
          heights.at(-1) === height ? true : null,
        );
      }
      const broken = rows.slice(1).filter(({ sequence, pictureId }, i) => {
        const before = rows[i] ?? { sequence, pictureId };
        const step = (pictureId - before.pictureId + 0x8000) % 0x8000;
        return (sequence - before.sequence + 0x1_0000) % 0x1_0000 !== 1 || step > 1;
      });
      expect(broken).toEqual([]);
    } finally {
      rtp.close();
      rtcp.close();
    }
  });

  test('it is heard to speak, and a connection that breaks leaves its media as it was', async () => {
    await eventually('somebody to speak', 5000, async () =>
      coordinator.notices.some((n) => n.type === 'speakers' && n.speakers.dominant === ADA) ? true : null,
    );
    const before = producerOf('camera').producerId;
    coordinator.dropPerson(ADA);
    const speakers = () => coordinator.notices.filter((n) => n.type === 'speakers').length;
    const told = speakers();
    await eventually('them to speak on', 8000, async () => (speakers() > told + 20 ? true : null));
    expect(producerOf('camera').producerId).toBe(before);
    expect(troubles).toEqual([]);
  });
});

describe('in a webinar on the air', () => {
  const TONES = { ada: 1900, bo: 2700 } as const;
  const HEARD_DB = 15;
  let live: LiveShow;
  let viewer: Viewer;

  const bothSeen = (what: string, drawnAfterUnixMs = 0) =>
    live.seenLive(
      viewer,
      what,
      live.show.panelists.map((p) => p.personId),
      { deadlineMs: 40_000, drawnAfterUnixMs, nobodyElse: true },
    );

  beforeAll(async () => {
    live = await LiveShow.open({
      title: 'Without a browser',
      cast: [
        headless('Ada', liveClock({ pilotHz: TONES.ada, flash: true })),
        headless('Bo', liveClock({ pilotHz: TONES.bo, hue: 150 })),
      ],
    });
    viewer = await live.watch();
  }, OPENING_DEADLINE_MS);

  afterAll(() => live?.close(), 60_000);

  test('the clocks are read and the tones are heard in the watch page, and a muted microphone is not', async () => {
    await bothSeen('both clocks');
    const heard = (wanted: readonly boolean[]) => async () => {
      const levels = await viewer.tones([TONES.ada, TONES.bo]);
      if (levels.every((db, i) => db > HEARD_DB === wanted[i])) return levels;
      throw new Error(`the tones are at ${levels.map(Math.round).join(' and ')} dB`);
    };
    await live.eventually('both tones', 15_000, heard([true, true]));
    await live.show.host.command('person:mute', { personId: live.panelist(1).personId });
    await live.eventually('Bo to fall silent', 15_000, heard([true, false]));
  });

  test('somebody who is removed stays away, and the link is refused from then on', async () => {
    const { api, show } = { api: live.system.api, show: live.show };
    const { token } = await api.createLink(show.webinar.webinarId, { role: 'panelist', name: 'Cy' });
    const join = () =>
      joinHeadless({
        coordinatorUrl: api.baseUrl,
        token,
        media: liveClock(),
        signal: AbortSignal.timeout(20_000),
      });
    const cy = await join();
    await show.host.command('person:remove', { personId: cy.personId });
    expect(await cy.ended).toEqual({ kind: 'dismissed', reason: 'removed' });
    await expect(join()).rejects.toThrow(/removed/);
  });

  test('the SFU is killed, then the coordinator: they come back each time without a click', async () => {
    for (const service of ['panel-sfu', 'host-console']) {
      process.kill(await live.system.pid(service), 'SIGKILL');
      await bothSeen(`both after ${service} was killed`, Date.now());
    }
  });
});

/** RTP payload after header and extension. */
function payloadOf(packet: Buffer): Buffer {
  const extension = packet.readUInt8(0) & 0x10 ? 4 + 4 * packet.readUInt16BE(14) : 0;
  return packet.subarray(12 + extension);
}

/** Lines of the picture whose first packet this is, if it is a key frame (RFC 6386, 9.1, behind a descriptor of 6 bytes). */
function keyFrameHeight(payload: Buffer): number | null {
  const starts = (payload.readUInt8(0) & 0x17) === 0x10;
  const frame = payload.subarray(6);
  if (!starts || frame.length < 10 || frame.readUInt8(0) & 1) return null;
  return frame.readUInt16LE(8) & 0x3fff;
}
