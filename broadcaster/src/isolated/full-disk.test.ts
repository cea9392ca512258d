import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openSmallDisk, type SmallDisk } from '@rostrum/service-kit/testing/small-disk';
import { until } from '../compositor/testing/harness.ts';
import { encode, RtpSender, RtpStream } from '../compositor/testing/rtp-sender.ts';
import { readTracks, stateOf, TRACKS_JOURNAL } from './journal.ts';
import { Recorder } from './recorder.ts';
import { finishTracks } from './recovery.ts';
import { decode } from './testing/record.ts';

let disk: SmallDisk;
let end: (() => Promise<void>) | undefined;
beforeEach(async () => {
  disk = await openSmallDisk(256 * 1024);
});
afterEach(async () => {
  await end?.();
  await disk.close();
});

test('[R8] a full disk costs a track what finds no room, and nothing of what was there before or comes after', async () => {
  const folder = join(disk.folder, 'show');
  await mkdir(folder);
  const complaints: string[] = [];
  const recorder = await Recorder.start({
    ...{ channelId: 'show', folder, mediaIp: '127.0.0.1' },
    nowUnixMs: () => performance.timeOrigin + performance.now(),
    onChunk: () => undefined,
    log: (level, message) => level === 'warn' && complaints.push(message),
  });
  const mic = await RtpStream.open({
    personId: 'ada-1',
    sourceId: 'mic-1',
    source: 'mic',
    codec: 'OPUS',
    ssrc: 20,
  });
  const sender = await RtpSender.start(
    `audiotestsrc is-live=true samplesperbuffer=960 volume=0.3 ! audio/x-raw,rate=48000,channels=1 ! ${encode(mic)}`,
    [mic],
  );
  end = () => sender.stop();
  mic.sendTo((await recorder.add(mic.describe(), null)).local);
  const opened = async (): Promise<number> =>
    (await readTracks(join(folder, TRACKS_JOURNAL))).filter(({ type }) => type === 'open').length;
  let chunks = 0;
  const look = setInterval(() => {
    void opened().then((n) => {
      chunks = n;
    });
  }, 50);
  try {
    await until('a chunk', () => chunks === 1 && recorder.look().frames > 100);
    await disk.leave(0);
    await until('a complaint', () => complaints.length > 0);
    await disk.leave(128 * 1024);
    await until('another chunk', () => chunks > 1);
    const frames = recorder.look().frames;
    await until('more of it', () => recorder.look().frames > frames + 100);
  } finally {
    clearInterval(look);
    await recorder.close();
  }
  expect(complaints).toEqual(['a track could not be written']);
  await finishTracks(folder, 'show');
  const state = stateOf(await readTracks(join(folder, TRACKS_JOURNAL)));
  expect(state.chunks.length).toBeGreaterThanOrEqual(2);
  for (const { file } of state.chunks) expect((await decode(join(folder, file))).frames).toBeGreaterThan(20);
}, 60_000);
