import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { pause, until } from '../compositor/testing/harness.ts';
import { encode, RtpSender, RtpStream } from '../compositor/testing/rtp-sender.ts';
import { IsolatedTracks } from './isolated-tracks.ts';
import { readTracks, stateOf } from './journal.ts';
import type { Manifest } from './manifest.ts';
import { channelFolder, decode, joined, probe, removeFolders } from './testing/record.ts';

const ends: (() => Promise<unknown> | undefined)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
  await removeFolders();
});

async function begin() {
  const folder = await channelFolder();
  const told = { lost: 0, files: new Set<string>() };
  const tracks = new IsolatedTracks({
    channelId: 'show-1',
    folder,
    mediaIp: '127.0.0.1',
    nowUnixMs: () => performance.timeOrigin + performance.now(),
    logger: pino({ level: 'silent' }),
    onLost: () => {
      told.lost += 1;
    },
    onFile: ({ file }) => told.files.add(file),
  });
  ends.push(() => tracks.close());
  return { folder, tracks, told };
}

/** Somebody with a camera and a microphone, who sends from now on. */
async function somebody() {
  const person = { personId: 'ada-1' } as const;
  const camera = await RtpStream.open({
    ...person,
    sourceId: 'cam-1',
    source: 'camera',
    codec: 'VP8',
    ssrc: 10,
  });
  const mic = await RtpStream.open({ ...person, sourceId: 'mic-1', source: 'mic', codec: 'OPUS', ssrc: 20 });
  const sender = await RtpSender.start(
    `videotestsrc is-live=true pattern=ball ! video/x-raw,width=160,height=90,framerate=25/1 ! ${encode(camera, 10_000)} ` +
      `audiotestsrc is-live=true samplesperbuffer=960 volume=0.3 ! audio/x-raw,rate=48000,channels=1 ! ${encode(mic)}`,
    [camera, mic],
  );
  ends.push(() => sender.stop());
  return { camera, mic };
}

/** On a machine that is full an answer may come too late: it is asked for again, as a coordinator does. */
async function add(tracks: IsolatedTracks, ...streams: readonly RtpStream[]): Promise<void> {
  for (const stream of streams) {
    for (let tries = 1; ; tries += 1) {
      const added = await tracks.add(stream.describe(), 'Ada').catch((error: unknown) => {
        if (tries === 10) throw error;
        return null;
      });
      if (added) {
        stream.sendTo(added.local);
        break;
      }
      await pause(500);
    }
  }
}

/** Waits until so many bytes more of a track are on disk. */
async function grown(folder: string, file: string, bytes: number): Promise<void> {
  for (;;) {
    const size = (await readFile(join(folder, 'tracks', file)).catch(() => Buffer.alloc(0))).byteLength;
    if (size >= bytes) return;
    await pause(50);
  }
}

const manifestIn = async (folder: string): Promise<Manifest> =>
  JSON.parse(await readFile(join(folder, 'tracks/manifest.json'), 'utf8')) as Manifest;

test('a recorder that is killed loses what it had not written, and its successor goes on with the same tracks', async () => {
  const { folder, tracks, told } = await begin();
  const { camera, mic } = await somebody();
  await add(tracks, camera, mic);
  await grown(folder, 'ada-1-mic/1.webm', 8000);
  await grown(folder, 'ada-1-camera/1.webm', 20_000);
  const killedUnixMs = performance.timeOrigin + performance.now();
  process.kill(tracks.status().pid!, 'SIGKILL');
  // What lies there is readable as it is, before anybody has mended anything.
  const torn = await decode(join(folder, 'tracks/ada-1-camera/1.webm'));
  expect(torn.frames).toBeGreaterThan(10);
  await until('word of it', () => told.lost === 1, 60_000);
  await add(tracks, camera, mic);
  await grown(folder, 'ada-1-mic/2.webm', 8000);
  await grown(folder, 'ada-1-camera/2.webm', 8000);
  await tracks.close();

  const manifest = await manifestIn(folder);
  expect(manifest.tracks.map(({ id }) => id).sort()).toEqual(['ada-1-camera', 'ada-1-mic']);
  for (const track of manifest.tracks) {
    expect(track.takes).toHaveLength(2);
    const [before, after] = track.takes;
    const at = (ms: number): number => manifest.startUnixMs + ms - killedUnixMs;
    // A second that says where the stream lies, a cluster of one, and what a busy machine takes.
    expect(at(before!.toMs)).toBeGreaterThan(-5000);
    expect(at(before!.toMs)).toBeLessThanOrEqual(100);
    expect(at(after!.fromMs)).toBeGreaterThan(0);
    for (const take of track.takes) {
      const file = await joined({ folder }, take);
      const { durationS } = await probe(file);
      expect(Math.abs(durationS * 1000 - (take.toMs - take.fromMs))).toBeLessThan(45);
      expect((await decode(file)).complaints).toBe('');
    }
  }
  const { chunks, open } = stateOf(await readTracks(join(folder, 'tracks/journal.jsonl')));
  expect(open).toEqual([]);
  for (const { file } of chunks) expect(told.files).toContain(file);
  expect(told.files).toContain('tracks/manifest.json');
}, 200_000);

test('what was taken away is on disk, and lies between its coming and its going by the clock on the wall', async () => {
  const { folder, tracks, told } = await begin();
  const { camera, mic } = await somebody();
  const addedUnixMs = performance.timeOrigin + performance.now();
  await add(tracks, camera, mic);
  await grown(folder, 'ada-1-camera/1.webm', 20_000);
  await tracks.remove('cam-1');
  await tracks.remove('mic-1');
  const removedUnixMs = performance.timeOrigin + performance.now();
  await until('word of both', () => told.files.size === 2, 60_000);
  const { chunks } = stateOf(await readTracks(join(folder, 'tracks/journal.jsonl')));
  expect(chunks.map(({ file }) => file)).toEqual(['tracks/ada-1-camera/1.webm', 'tracks/ada-1-mic/1.webm']);
  for (const { fromUnixMs, toUnixMs, frames } of chunks) {
    expect(fromUnixMs).toBeGreaterThan(addedUnixMs - 50);
    expect(toUnixMs).toBeLessThan(removedUnixMs + 50);
    expect(frames).toBeGreaterThan(20);
  }
}, 200_000);

test('a process that cannot record is tried again, and the house is told when it can', async () => {
  const { folder, tracks, told } = await begin();
  tracks.start();
  await until('a first recorder', () => tracks.status().pid !== undefined, 60_000);
  process.kill(tracks.status().pid!, 'SIGKILL');
  await until('a second', () => told.lost === 1, 60_000);
  process.kill(tracks.status().pid!, 'SIGKILL');
  await until('a third', () => told.lost === 2, 60_000);
  expect(tracks.status().starts).toBe(3);
  await tracks.close();
  expect((await manifestIn(folder)).tracks).toEqual([]);
}, 200_000);

test('a recorder that hangs is replaced', async () => {
  const { tracks, told } = await begin();
  const { mic } = await somebody();
  await add(tracks, mic);
  await until('how it fares', () => tracks.status().stats !== null, 60_000);
  const { pid } = tracks.status();
  process.kill(pid!, 'SIGSTOP');
  await until('its successor', () => told.lost > 0, 60_000);
  expect(tracks.status().pid).not.toBe(pid);
}, 130_000);
