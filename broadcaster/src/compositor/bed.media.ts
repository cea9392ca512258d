/** The music before a show, in the real process: it comes and goes without a hole in the sound. */
import { compose, sendHome } from './testing/cast.ts';
import { expectUnbroken, pause, sceneOf, toneLevel } from './testing/harness.ts';

afterEach(sendHome);

/** Of the lowest note of each chord: one of them is always there. */
const NOTES_HZ = [196, 220, 246.94, 329.63];

test('music plays when it is wanted, and is gone when the show begins', async () => {
  const harness = await compose({ scene: sceneOf({}), bed: true });
  await harness.more(4000);
  /** In the newest second. */
  const loudest = async (): Promise<number> => {
    const { sound, untilMs } = await harness.decoded();
    return Math.max(...NOTES_HZ.map((hz) => toneLevel(sound, hz, untilMs - 1000, untilMs)));
  };
  const playing = await loudest();
  expect(playing).toBeGreaterThan(0.001);
  await harness.process.request({ type: 'bed', plays: false });
  await pause(500);
  await harness.more(2500);
  expect(await loudest()).toBeLessThan(playing / 20);
  await harness.process.request({ type: 'bed', plays: true });
  await harness.more(3000);
  expect(await loudest()).toBeGreaterThan(playing / 4);
  expectUnbroken(harness);
});
