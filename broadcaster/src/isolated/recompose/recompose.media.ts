/** A show that is recorded in tracks, with real senders and a real compositor, and played once more into another picture. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LADDER, PROFILES } from '@rostrum/contracts/profile';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { Channel } from '../../channels/channel.ts';
import { DEFAULT_CAP } from '../../compositor/guard/verdict.ts';
import { camera, send, sendHome, stream, tone } from '../../compositor/testing/cast.ts';
import { pause, people, sceneOf } from '../../compositor/testing/harness.ts';
import type { RtpStream } from '../../compositor/testing/rtp-sender.ts';
import { createChannelOutput } from '../../output/channel-output.ts';
import { recompose } from './recompose.ts';

const run = promisify(execFile);
const logger = pino({ level: 'silent' });
const clock = { nowUnixMs: () => performance.timeOrigin + performance.now() };
let archiveDir: string;

async function open(channelId: string): Promise<Channel> {
  const profile = PROFILES.fast;
  const metrics = new Registry();
  const output = await createChannelOutput({
    channelId,
    profile,
    ladder: LADDER,
    archiveDir,
    clock,
    logger,
    metrics,
  });
  const channel = new Channel({
    channelId,
    profile,
    scene: sceneOf({ onAir: people('red1', 'blue1'), layout: 'side-by-side' }),
    output,
    folder: join(archiveDir, channelId),
    mediaIp: '127.0.0.1',
    pictureCap: DEFAULT_CAP,
    clock,
    logger,
    onEpoch: () => undefined,
    onFailed: () => undefined,
    onTracksLost: () => undefined,
  });
  await channel.started();
  return channel;
}

/** A rendition's whole segments in one file. */
async function whole(channelId: string, rendition: string): Promise<string> {
  const folder = join(archiveDir, channelId);
  const playlist = await readFile(join(folder, `${rendition}.m3u8`), 'utf8');
  const init = /URI="([^"]+)"/.exec(playlist)?.[1] ?? '';
  const segments = playlist.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const parts = await Promise.all(
    [init, ...segments].map((name) => readFile(join(folder, name.replace(/^.*\/live\/[^/]+\//, '')))),
  );
  const path = join(folder, `${rendition}.mp4`);
  await writeFile(path, Buffer.concat(parts));
  return path;
}

/** Mean colours of the left and the right half, in the strip where tiles lie beside one another: red, green and blue of each. */
async function halves(channelId: string, atS: number): Promise<[number[], number[]]> {
  const { stdout } = await run(
    'ffmpeg',
    [
      ...['-v', 'error', '-i', await whole(channelId, '720p'), '-ss', String(atS), '-frames:v', '1'],
      ...['-vf', 'crop=iw:ih/8,format=gbrp,scale=2:1:flags=area', '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'],
    ],
    { encoding: 'buffer' },
  );
  return [[...stdout.subarray(0, 3)], [...stdout.subarray(3, 6)]];
}
async function soundLevel(channelId: string, atS: number): Promise<number> {
  const { stderr } = await run('ffmpeg', [
    ...['-v', 'info', '-i', await whole(channelId, 'audio'), '-ss', String(atS), '-t', '1'],
    ...['-af', 'volumedetect', '-f', 'null', '-'],
  ]);
  return Number(/mean_volume: (-?[\d.]+) dB/.exec(stderr)?.[1]);
}
const isRed = ([r = 0, , b = 0]: number[]): boolean => r > 100 && b < 80;
const isBlue = ([r = 0, , b = 0]: number[]): boolean => b > 100 && r < 80;

beforeEach(async () => {
  archiveDir = await mkdtemp(join(tmpdir(), 'rostrum-recompose-'));
});
afterEach(async () => {
  await sendHome();
  await rm(archiveDir, { recursive: true, force: true });
});

test('who is left out is a name card, everybody else is where they were, with their sound, and scenes change when they did', async () => {
  const channel = await open('show-1');
  const [red, blue, voice] = [
    await stream({ personId: 'red1', source: 'camera' }),
    await stream({ personId: 'blue1', source: 'camera' }),
    await stream({ personId: 'blue1', source: 'mic' }),
  ];
  const keep = async (one: RtpStream): Promise<void> => {
    const { local } = await channel.tracks.add(one.describe(), `Name of ${one.options.personId}`);
    one.sendTo(local);
  };
  for (const one of [red, blue, voice]) await keep(one);
  await send(camera('red', red), [red]);
  await send(camera('blue', blue), [blue]);
  await send(tone(440, voice), [voice]);
  await pause(6000);
  await channel.setScene(sceneOf({ onAir: people('blue1'), layout: 'spotlight' }));
  await pause(4000);
  await channel.end();

  const controller = new AbortController();
  const options = { archiveDir, channelId: 'show-1', logger, signal: controller.signal };
  const all = await recompose({ ...options, without: [] });
  expect(all).toMatchObject({ channelId: 'show-1-re1', unread: 0 });
  expect(all.durationMs).toBeGreaterThan(9000);
  const [left, right] = await halves('show-1-re1', 4);
  expect([isRed(left), isBlue(right)]).toEqual([true, true]);
  const [leftLater, rightLater] = await halves('show-1-re1', all.durationMs / 1000 - 2.5);
  expect([isBlue(leftLater), isBlue(rightLater)]).toEqual([true, true]);
  expect(await soundLevel('show-1-re1', 4)).toBeGreaterThan(-40);

  const some = await recompose({ ...options, without: ['Name of blue1'] });
  expect(some.channelId).toBe('show-1-re2');
  const [stays, gone] = await halves('show-1-re2', 4);
  expect([isRed(stays), isBlue(gone), isRed(gone)]).toEqual([true, false, false]);
  expect(await soundLevel('show-1-re2', 4)).toBeLessThan(-80);
  expect((await readdir(archiveDir)).toSorted()).toEqual(['show-1', 'show-1-re1', 'show-1-re2']);
}, 120_000);

test('a show that goes on is not touched, and what is stopped leaves nothing', async () => {
  const channel = await open('show-2');
  const red = await stream({ personId: 'red1', source: 'camera' });
  const { local } = await channel.tracks.add(red.describe(), null);
  red.sendTo(local);
  await send(camera('red', red), [red]);
  await pause(3000);
  const controller = new AbortController();
  const options = { archiveDir, channelId: 'show-2', without: [], logger, signal: controller.signal };
  await expect(recompose(options)).rejects.toThrow('has not ended yet');
  await channel.end();
  const stopped = recompose(options);
  await pause(2500);
  controller.abort(new Error('stopped'));
  await expect(stopped).rejects.toThrow();
  expect(await readdir(archiveDir)).toEqual(['show-2']);
  await expect(recompose({ ...options, channelId: 'show-3' })).rejects.toThrow('there is no recording');
}, 60_000);
