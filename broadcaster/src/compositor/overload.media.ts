/** The real process on the rungs of its ladder, and on a machine that gives it no time. */
import { PROFILES } from '@rostrum/contracts/profile';
import { camera, compose, send, sendHome, stream, tone } from './testing/cast.ts';
import { people, sceneOf, until } from './testing/harness.ts';
import { FRAME_NS } from './timeline.ts';

afterEach(sendHome);

const SEGMENT_NS = PROFILES.standard.segmentMs * 1e6;

test('[R7] on the lowest rung 720p and 240p are off from a segment on, 480p has half of its pictures and sound all; then all comes back', async () => {
  const harness = await compose({ step: 4 });
  await until('everything again', () => harness.stats?.pressure.step === 0, 40_000);
  const backNs = harness.samples('480p').at(-1)?.ptsNs ?? 0;
  await until('a whole segment of 720p after that', () => {
    const last = harness.samples('720p').at(-1)?.ptsNs ?? 0;
    return last > backNs + 2 * SEGMENT_NS;
  });
  const zeroNs = harness.samples('480p')[0]?.ptsNs ?? 0;
  const turns = harness.events.flatMap((e) => (e.type === 'pause' || e.type === 'resume' ? [e] : []));
  expect(turns.map((e) => `${e.type} ${e.track}`)).toEqual([
    'pause 720p',
    'pause 240p',
    'resume 240p',
    'resume 720p',
  ]);
  for (const track of ['720p', '240p']) {
    const [pause, resume] = turns.filter((e) => e.track === track).map((e) => e.fromNs);
    if (pause === undefined || resume === undefined) throw new Error('no turns');
    expect((pause - zeroNs) % SEGMENT_NS).toBe(0);
    expect((resume - zeroNs) % SEGMENT_NS).toBe(0);
    const samples = harness.samples(track);
    expect(samples.some(({ ptsNs }) => ptsNs >= pause && ptsNs < resume)).toBe(false);
    expect(samples.find(({ ptsNs }) => ptsNs >= pause)).toMatchObject({ ptsNs: resume, keyframe: true });
  }
  // Half of the pictures for as long as nothing was climbed, all at the end; a key frame begins each segment.
  const small = harness.samples('480p');
  const steps = small.slice(1).map(({ ptsNs }, i) => (ptsNs - (small[i]?.ptsNs ?? 0)) / FRAME_NS);
  const segmentFrames = SEGMENT_NS / FRAME_NS;
  expect(new Set(steps.slice(0, segmentFrames / 2))).toEqual(new Set([2]));
  expect(new Set(steps.slice(-segmentFrames))).toEqual(new Set([1]));
  expect(small.filter((s) => s.keyframe).every((s) => (s.ptsNs - zeroNs) % SEGMENT_NS === 0)).toBe(true);
  const sound = harness.samples('audio');
  expect(Math.max(...sound.slice(1).map((s, i) => s.ptsNs - (sound[i]?.ptsNs ?? 0)))).toBeLessThan(22e6);
  expect(harness.exit).toBeNull();
});

test('[R7] a process that is stopped for three seconds is late, not broken: no restart, old pictures are left out, sound goes on', async () => {
  const harness = await compose({ scene: sceneOf({ onAir: people('ada1'), layout: 'spotlight' }) });
  const cam = await stream({ personId: 'ada1', source: 'camera' });
  const mic = await stream({ personId: 'ada1', source: 'mic' });
  await harness.add(cam);
  await harness.add(mic);
  await send(camera('red', cam) + tone(440, mic), [cam, mic]);
  await harness.more(3000);
  const { pid } = harness.process;
  if (pid === undefined) throw new Error('no process');
  process.kill(pid, 'SIGSTOP');
  // The one that watches it from outside takes a stopped process for a hung one only after longer than this.
  await new Promise((wake) => setTimeout(wake, 3000));
  process.kill(pid, 'SIGCONT');
  const before = harness.samples('480p').length;
  await until('pictures again', () => harness.samples('480p').length > before + 60);
  await until('that it caught up', () => (harness.stats?.pressure.lateMs ?? 9999) < 120, 30_000);
  expect(harness.exit).toBeNull();
});
