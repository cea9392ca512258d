/** Isolated tracks behind a real SFU: its reports, its retransmissions, its SRTP, over a network that loses packets. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { IsolatedTracks } from '@rostrum/broadcaster/isolated';
import { encode, RtpSender, RtpStream } from '@rostrum/broadcaster/testing/rtp-sender';
import { channelFolder, decode, joined, probe, removeFolders } from '@rostrum/broadcaster/testing/tracks';
import type { BroadcastSource, Endpoint } from '@rostrum/contracts/node-socket';
import { startPlainStage } from '@rostrum/panel-sfu/testing-plain';
import { pino } from 'pino';

const ends: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
  await removeFolders();
});

const now = (): number => performance.timeOrigin + performance.now();

/** Between SFU and recorder; of RTP every so many packets are lost, retransmissions too. */
async function network(sfu: Endpoint, loseEvery: number) {
  let to: Endpoint | null = null;
  const counts = { lost: 0 };
  const open = async (sfuPort: number, port: () => number | undefined, lose: boolean): Promise<Socket> => {
    const socket = createSocket('udp4');
    let n = 0;
    socket.on('message', (packet, { port: from }) => {
      if (from !== sfuPort) return socket.send(packet, sfuPort, '127.0.0.1');
      n += 1;
      const at = port();
      if (lose && n % loseEvery === 0) counts.lost += 1;
      else if (at !== undefined) socket.send(packet, at, '127.0.0.1');
    });
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    ends.push(() => socket.close());
    return socket;
  };
  const rtp = await open(sfu.port, () => to?.port, loseEvery > 0);
  const rtcp = await open(sfu.rtcpPort, () => to?.rtcpPort, false);
  const at = (socket: Socket): number => (socket.address() as AddressInfo).port;
  return {
    counts,
    local: { ip: '127.0.0.1', port: at(rtp), rtcpPort: at(rtcp) },
    deliverTo: (recorder: Endpoint) => {
      to = recorder;
    },
  };
}

test('what a network between SFU and recorder loses is asked for again, and a pause stays as long as it was', async () => {
  const stage = await startPlainStage();
  ends.push(() => stage.close());
  const folder = await channelFolder();
  const tracks = new IsolatedTracks({
    ...{ channelId: 'show', folder, mediaIp: '127.0.0.1', nowUnixMs: now },
    ...{ logger: pino({ level: 'silent' }), onLost: () => undefined, onFile: () => undefined },
  });
  ends.push(() => tracks.close());
  const person = { personId: 'ada-1' } as const;
  const camera = await RtpStream.open({
    ...person,
    sourceId: 'cam-1',
    source: 'camera',
    codec: 'VP8',
    ssrc: 10,
  });
  const mic = await RtpStream.open({ ...person, sourceId: 'mic-1', source: 'mic', codec: 'OPUS', ssrc: 20 });
  const feedback = [
    { type: 'nack', parameter: '' },
    { type: 'nack', parameter: 'pli' },
  ];
  const [pictures, sound] = [
    await stage.produce(
      { mimeType: 'video/VP8', payloadType: 101, clockRate: 90_000, rtcpFeedback: feedback },
      10,
    ),
    await stage.produce({ mimeType: 'audio/opus', payloadType: 100, clockRate: 48_000, channels: 2 }, 20),
  ];
  camera.sendTo({ ip: '127.0.0.1', ...pictures });
  mic.sendTo({ ip: '127.0.0.1', ...sound });
  const sender = await RtpSender.start(
    `videotestsrc is-live=true pattern=ball ! video/x-raw,width=640,height=360,framerate=25/1 ! ${encode(camera, 10_000)} ` +
      `audiotestsrc is-live=true samplesperbuffer=960 volume=0.3 ! audio/x-raw,rate=48000,channels=1 ! ${encode(mic)}`,
    [camera, mic],
  );
  ends.push(() => sender.stop());

  const losses: { lost: number }[] = [];
  const carry = async (stream: RtpStream, { producer }: typeof pictures) => {
    const egress = await stage.egress(producer, true);
    const { rtpParameters, local, srtp } = egress.describe();
    const rtp = rtpParameters as unknown as {
      codecs: { mimeType: string; payloadType: number }[];
      encodings: { ssrc: number; rtx?: { ssrc: number } }[];
    };
    const line = await network(local, stream === camera ? 7 : 0);
    losses.push(line.counts);
    const rtx = rtp.codecs.find(({ mimeType }) => mimeType.endsWith('/rtx'));
    const [encoding] = rtp.encodings;
    const source: BroadcastSource = {
      ...stream.describe(),
      payloadType: rtp.codecs[0]!.payloadType,
      ssrc: encoding!.ssrc,
      rtx: rtx && encoding!.rtx ? { payloadType: rtx.payloadType, ssrc: encoding!.rtx.ssrc } : null,
      remote: line.local,
      srtp,
    };
    const recorder = await tracks.add(source, 'Ada');
    line.deliverTo(recorder.local);
    await egress.connect({ remote: line.local, srtp: recorder.srtp });
    return egress;
  };
  const egresses = [await carry(camera, pictures), await carry(mic, sound)];
  const beganUnixMs = now();
  await sleep(6000);
  for (const egress of egresses) await egress.update({ paused: true });
  const pausedUnixMs = now();
  await sleep(4000);
  const resumedUnixMs = now();
  for (const egress of egresses) await egress.update({ paused: false });
  await sleep(4000);
  const { stats } = tracks.status();
  const endedUnixMs = now();
  await tracks.close();

  expect(losses[0]!.lost).toBeGreaterThan(10);
  expect(stats).toMatchObject({ lost: 0, refused: 0 });
  const manifest = JSON.parse(await readFile(join(folder, 'tracks/manifest.json'), 'utf8'));
  for (const track of manifest.tracks) {
    const times: number[] = [];
    for (const take of track.takes) {
      const file = await joined({ folder }, take);
      expect((await decode(file)).complaints).toBe('');
      times.push(
        ...(await probe(file)).times.map((time) => manifest.startUnixMs + take.fromMs + time * 1000),
      );
    }
    const during = times.filter((at) => at > pausedUnixMs + 250 && at < resumedUnixMs - 250);
    expect([track.id, during]).toEqual([track.id, []]);
    expect(Math.abs(times[0]! - beganUnixMs)).toBeLessThan(1000);
    expect(Math.abs(times.at(-1)! - endedUnixMs)).toBeLessThan(1000);
    const spokenFor = times.filter((at) => at < pausedUnixMs);
    const [frameMs, most] = track.source === 'camera' ? [40, 150] : [20, 60];
    const gaps = spokenFor.slice(1).map((at, i) => at - spokenFor[i]!);
    expect(Math.max(...gaps)).toBeLessThan(most + frameMs);
  }
});
