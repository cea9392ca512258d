/** R8: what viewers, the crew and the recording have of a disk that is full, gone or read-only, on a real one. */
import { readdirSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { openSmallDisk, type SmallDisk } from '@rostrum/service-kit/testing/small-disk';
import { strictParse } from '../packager/testing/strict-parse.ts';
import { epochEvents, LADDER, ZERO_UNIX_MS } from '../packager/testing/synthetic.ts';
import { Show } from './testing/show.ts';

const KIB = 1024;
let disk: SmallDisk;
let show: Show;
beforeEach(async () => {
  disk = await openSmallDisk(512 * KIB);
});
afterEach(async () => {
  await show.close();
  await disk.close();
});

test('[R8] a disk that fills up: viewers see nothing of it, nothing counts that is not there, and all of it follows', async () => {
  show = await Show.open(disk.folder);
  await show.play(2);
  await show.until(() => show.output.status().archiveQueueLength === 0);
  expect(show.output.status().archiveFailingSinceUnixMs).toBeNull();
  await disk.leave(0);
  await show.play(6);
  await show.until(() => show.output.status().archiveFailingSinceUnixMs !== null);
  // Room comes back by the page, so that each attempt is cut somewhere else.
  for (let room = 4; show.output.status().archiveQueueLength > 0; room += 4) {
    await show.listed();
    await disk.leave(room * KIB);
    await sleep(40);
  }
  expect(show.output.status()).toMatchObject({ archiveFailingSinceUnixMs: null, state: 'live' });
  expect((await show.listed()).length).toBe(8 * LADDER.length);
  await disk.leave(128 * KIB);
  expect((await show.recording()).left).toEqual([]);
}, 60_000);

test('[R8] a disk that vanishes for long: memory is bounded, and the recording lacks what it says it lacks', async () => {
  show = await Show.open(disk.folder, 12);
  await show.play(2);
  await show.until(() => show.output.status().archiveQueueLength === 0);
  await disk.vanish();
  for (let i = 0; i < 30; i += 1) await show.play(1);
  for (const event of epochEvents(ZERO_UNIX_MS + 100_000)) show.output.push(event);
  await show.until(() => show.output.status().archiveFailingSinceUnixMs !== null);
  // Nothing of ours lies below the mount point.
  expect(await readdir(disk.folder)).toEqual([]);
  // What cannot be had is not named, and is in nobody's memory.
  for (const { segments, rendition } of show.output.live.windows()) {
    expect(segments.length).toBeLessThan(20);
    for (const { uri } of strictParse((await show.get(`live/show/${rendition.name}.m3u8`)).body.toString())
      .segments) {
      if (uri) expect((await show.get(`live/show/${uri}`)).status).toBe(200);
    }
  }
  await disk.comeBack();
  await show.until(() => show.output.status().archiveQueueLength === 0);
  const holes = (await show.listed()).filter(({ file }) => file === undefined);
  const lost = await show.metrics.getSingleMetric('rostrum_archive_lost_segments_total')?.get();
  expect(holes.length).toBe(lost?.values[0]?.value);
  expect(holes.length).toBeGreaterThan(50);
  const { left } = await show.recording();
  expect(left.sort()).toEqual(holes.map((h) => `${h.rendition}/e${h.epoch}/s${h.msn}.mp4`).sort());
}, 60_000);

test('[R8] a disk that turns read-only and back: live goes on, and nothing is missing afterwards', async () => {
  show = await Show.open(disk.folder);
  await show.play(2);
  await disk.readOnly(true);
  await show.play(3);
  await show.until(() => show.output.status().archiveFailingSinceUnixMs !== null);
  const before = (await show.listed()).length;
  expect(before).toBeLessThan(5 * LADDER.length);
  await disk.readOnly(false);
  await show.until(() => show.output.status().archiveQueueLength === 0);
  expect(show.output.status().archiveFailingSinceUnixMs).toBeNull();
  expect((await show.recording()).left).toEqual([]);
}, 60_000);

test('[R8] an end on a full disk waits for room; until then the recording is what it was, and the crew is told', async () => {
  show = await Show.open(disk.folder);
  await show.play(3);
  await show.until(() => show.output.status().archiveQueueLength === 0);
  // Spools make room as they go.
  await show.until(
    () => !readdirSync(disk.folder, { recursive: true }).some((name) => `${name}`.endsWith('.open')),
  );
  await disk.leave(0);
  const ended = show.output.end();
  await show.until(() => show.output.status().archiveFailingSinceUnixMs !== null);
  const growing = (await show.get('recordings/show/hi.m3u8')).body.toString();
  expect(strictParse(growing)).toMatchObject({ playlistType: 'EVENT', endlist: false });
  await disk.leave(128 * KIB);
  expect(await ended).toMatchObject({ segmentCount: 3 });
  expect(show.output.status().archiveFailingSinceUnixMs).toBeNull();
  const whole = (await show.get('recordings/show/hi.m3u8')).body.toString();
  expect(whole).toBe(`${growing.replace(':EVENT\n', ':VOD\n')}#EXT-X-ENDLIST\n`);
}, 60_000);
