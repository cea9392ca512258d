/** R8: what viewers and the recording have of a disk that hangs, on a real one. */
import { type HangingDisk, openHangingDisk } from '@rostrum/service-kit/testing/hanging-disk';
import { LADDER } from '../packager/testing/synthetic.ts';
import { Show } from './testing/show.ts';

let disk: HangingDisk;
let show: Show;
beforeEach(async () => {
  disk = await openHangingDisk(16 * 1024 * 1024);
});
afterEach(async () => {
  await show.close();
  await disk.close();
});

test('[R8] a disk that hangs: nothing on a viewer’s way waits for it, and all is recorded once it answers', async () => {
  show = await Show.open(disk.folder);
  await show.play(2);
  await show.until(() => show.output.status().archiveQueueLength === 0);
  const before = (await show.listed()).length;
  const { hangs, over } = await disk.hangFor(4000);
  await show.play(5);
  // What is served is served from memory, and the recording so far from what was written.
  expect((await show.get('recordings/show/hi/e1/s1.mp4')).body).toEqual(show.published.get('hi/e1/s1.mp4'));
  expect((await show.get('recordings/show/hi.m3u8')).status).toBe(200);
  expect(hangs()).toBe(true);
  expect(show.output.status().archiveQueueLength).toBe(5 * LADDER.length);
  await over;
  await show.until(() => show.output.status().archiveQueueLength === 0);
  expect((await show.listed()).length).toBe(before + 5 * LADDER.length);
  expect((await show.recording()).left).toEqual([]);
}, 60_000);
