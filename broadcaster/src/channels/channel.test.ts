/** The supervisor with its real child, and the real output behind it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LADDER, PROFILES } from '@rostrum/contracts/profile';
import { createProcessorLimit, noProcessorLimit } from '@rostrum/service-kit/testing/processor-limit';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { DEFAULT_CAP } from '../compositor/guard/verdict.ts';
import { camera as cameraOf, send, sendHome, stream } from '../compositor/testing/cast.ts';
import { crashThread } from '../compositor/testing/crash-thread.ts';
import { people, sceneOf, until } from '../compositor/testing/harness.ts';
import { RtpStream } from '../compositor/testing/rtp-sender.ts';
import type { EncoderEvent, Sample } from '../media/samples.ts';
import { createChannelOutput } from '../output/channel-output.ts';
import type { ChannelOutput } from '../output/interface.ts';
import { Channel } from './channel.ts';

const clock = { nowUnixMs: () => Date.now() };
const logger = pino({ level: 'silent' });
let folder: string;
const channels: Channel[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rostrum-channel-'));
});
afterEach(async () => {
  await sendHome();
  await Promise.all(channels.splice(0).map((c) => c.close()));
  await rm(folder, { recursive: true });
});

async function begin(): Promise<{ channel: Channel; events: EncoderEvent[]; epochs: number[] }> {
  const output = await createChannelOutput({
    channelId: 'channel1',
    profile: PROFILES.fast,
    ladder: LADDER,
    archiveDir: folder,
    clock,
    logger,
    metrics: new Registry(),
  });
  const events: EncoderEvent[] = [];
  const listening: ChannelOutput = Object.assign(Object.create(output) as ChannelOutput, {
    push: (event: EncoderEvent) => {
      events.push(event);
      output.push(event);
    },
    end: () => output.end(),
    close: () => output.close(),
    status: () => output.status(),
  });
  const epochs: number[] = [];
  const channel = new Channel({
    channelId: 'channel1',
    profile: PROFILES.fast,
    scene: sceneOf({}),
    output: listening,
    folder: `${folder}/channel1`,
    mediaIp: '127.0.0.1',
    pictureCap: DEFAULT_CAP,
    clock,
    logger,
    onEpoch: (epoch) => epochs.push(epoch),
    onFailed: () => undefined,
    onTracksLost: () => undefined,
  });
  channels.push(channel);
  return { channel, events, epochs };
}

const openCamera = (): Promise<RtpStream> =>
  RtpStream.open({ sourceId: 'camera1', personId: 'ada1', source: 'camera', codec: 'VP8', ssrc: 5 });

const samplesOf = (events: readonly EncoderEvent[], track: string): Sample[] =>
  events.flatMap((e) => (e.type === 'sample' && e.sample.track === track ? [e.sample] : []));
const lastEpoch = (events: readonly EncoderEvent[]): EncoderEvent[] =>
  events.slice(events.findLastIndex((e) => e.type === 'epoch'));

test('[R1] a killed compositor is replaced on the same timeline, with the scene of the moment and without sources', async () => {
  const { channel, events, epochs } = await begin();
  await channel.started();
  await channel.setScene(sceneOf({ onAir: people('ada1') }));
  const camera = await openCamera();
  try {
    await channel.addSource(camera.describe());
    await until('a segment', () => channel.output.status().lastMsn >= 1);
    const { pid } = channel.status();
    if (pid === undefined) throw new Error('no compositor');
    process.kill(pid, 'SIGKILL');
    await until('a second epoch', () => epochs.length > 0);
    expect(epochs).toEqual([2]);
    await until('its samples', () => samplesOf(lastEpoch(events), '720p').length > 25);
    const [first, second] = events.filter((e) => e.type === 'epoch');
    if (first?.type !== 'epoch' || second?.type !== 'epoch') throw new Error('no epochs');
    expect([first.epoch, second.epoch]).toEqual([1, 2]);
    expect(second.timelineZeroUnixMs).toBe(first.timelineZeroUnixMs);
    for (const track of ['720p', '240p', 'audio']) {
      const all = samplesOf(events, track);
      all.forEach((sample, i) => {
        if (i > 0 && sample.ptsNs <= (all[i - 1]?.ptsNs ?? 0)) throw new Error(`${track} goes back in time`);
      });
    }
    expect(samplesOf(lastEpoch(events), '720p')[0]?.keyframe).toBe(true);
    await until('it counts', () => channel.status().stats !== null);
    expect(channel.status().stats?.sources).toBe(0);
    await channel.addSource(camera.describe());
    const end = await channel.end();
    expect(end.segmentCount).toBeGreaterThan(1);
    expect(channel.ended).toBe(true);
  } finally {
    camera.close();
  }
});

test('whose decoder kills two compositors is left out of the next one, with a reason; the others are on in each', async () => {
  const { channel, epochs } = await begin();
  await channel.started();
  const ada = await stream({ personId: 'ada1', source: 'camera' });
  const eve = await stream({ personId: 'eve1', source: 'camera' });
  await channel.setScene(sceneOf({ onAir: people('ada1', 'eve1') }));
  const addBoth = async (): Promise<void> => {
    for (const one of [ada, eve]) one.sendTo((await channel.addSource(one.describe())).local);
  };
  await addBoth();
  await send(cameraOf('snow', ada) + cameraOf('snow', eve), [ada, eve]);
  for (const epoch of [2, 3]) {
    const { pid } = channel.status();
    if (pid === undefined) throw new Error('no compositor');
    // From the second one on eve is tried alone: when ada has lived for a while, and with her next key frame.
    await until('pictures of both', () => (channel.status().stats?.framesOut ?? 0) > 175);
    expect(channel.withheld).toEqual([]);
    // The second source of each compositor is eve's.
    await crashThread(pid, 'jitter-v2');
    await until('the next epoch', () => epochs.at(-1) === epoch);
    await addBoth();
  }
  expect(channel.withheld).toEqual([{ personId: 'eve1', source: 'camera', reason: 'quarantined' }]);
  const again = { ...eve.describe(), sourceId: 'published-anew' };
  eve.sendTo((await channel.addSource(again)).local);
  expect(channel.withheld).toContainEqual({ personId: 'eve1', source: 'camera', reason: 'quarantined' });
  const { pid } = channel.status();
  await until('a while of it', () => (channel.status().stats?.framesOut ?? 0) > 75);
  expect(channel.status().pid).toBe(pid);
});

test('while there is no compositor, sources are refused as unavailable and scenes are remembered', async () => {
  const { channel } = await begin();
  await channel.started();
  const { pid } = channel.status();
  if (pid === undefined) throw new Error('no compositor');
  process.kill(pid, 'SIGKILL');
  const camera = await openCamera();
  try {
    await expect(channel.addSource(camera.describe())).rejects.toMatchObject({ code: 'unavailable' });
    await channel.setScene(sceneOf({ onAir: people('ada1') }));
    await channel.removeSource('camera1');
    await until('it is back', () => channel.status().epoch === 2 && channel.status().stats !== null);
  } finally {
    camera.close();
  }
});

test('a channel that was closed, not ended, is continued by the next process', async () => {
  const first = await begin();
  await first.channel.started();
  await until('a segment', () => first.channel.output.status().lastMsn >= 1);
  await first.channel.close();
  const { lastMsn } = first.channel.output.status();
  const second = await begin();
  await second.channel.started();
  await until('the next segment', () => second.channel.output.status().lastMsn > lastMsn);
  const end = await second.channel.end();
  expect(end.segmentCount).toBeGreaterThan(lastMsn);
});

const withLimit = noProcessorLimit() === null ? test : test.skip;

withLimit(
  'a compositor that the machine gives no time is waited for, however long it is silent',
  async () => {
    const { channel, epochs } = await begin();
    await channel.started();
    const { pid } = channel.status();
    if (pid === undefined) throw new Error('no compositor');
    const limit = createProcessorLimit(`rostrum-test-${process.pid}`);
    try {
      limit.add([pid]);
      limit.set(0.01);
      await new Promise((wake) => setTimeout(wake, 9000));
      expect(channel.status().pid).toBe(pid);
    } finally {
      await limit.remove();
    }
    const msn = channel.output.status().lastMsn;
    await until('segments again', () => channel.output.status().lastMsn > msn + 1);
    expect(channel.status().pid).toBe(pid);
    expect(epochs).toEqual([]);
  },
);

test('[R1] a compositor that hangs as a whole is replaced', async () => {
  const { channel, epochs } = await begin();
  await channel.started();
  const { pid } = channel.status();
  if (pid === undefined) throw new Error('no compositor');
  process.kill(pid, 'SIGSTOP');
  await until('its successor', () => epochs.length > 0);
  expect(channel.status().pid).not.toBe(pid);
});
