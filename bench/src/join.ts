import { launchChromium, openPanelist } from '@rostrum/e2e/browser';
import { joinStage, openShow } from '@rostrum/e2e/show';
import type { SyntheticMedia } from '@rostrum/e2e/synthetic-media';
import { System } from '@rostrum/e2e/system';
import { eventually } from '@rostrum/e2e/viewer';
import { progress, quantile, report } from './lib/result.ts';

/**
 * P5: from the click on "Join the stage" to the first frame of somebody else on the panelist's page, by the marks the
 * stage client leaves. One panelist waits on stage; another joins, leaves and joins again.
 */
const ROUNDS = Number(process.env.ROSTRUM_BENCH_ROUNDS ?? 20);

const camera = (name: string, hue: number): SyntheticMedia => ({
  name,
  hue,
  voiceBase64: null,
  turn: { everyMs: 1000, offsetMs: 0, speakMs: 1000 },
  pilotHz: null,
  flash: false,
  width: 1280,
  height: 720,
});

const system = await System.start();
const browser = await launchChromium();
const times: number[] = [];
try {
  const show = await openShow({
    api: system.api,
    browser,
    title: 'Join',
    profile: 'standard',
    cast: [camera('Ada', 255)],
    direction: 'automatic',
    progress,
  });
  for (let round = 0; round < ROUNDS; round += 1) {
    const joiner = await openPanelist(browser, show.panelistUrl, camera('You', 90));
    await joiner.page.getByRole('button', { name: 'Join the stage' }).waitFor();
    await joinStage(joiner);
    const tookMs = await eventually('the first remote frame', 20_000, () =>
      joiner.page.evaluate(() => {
        const [from] = performance.getEntriesByName('rostrum:stage-join');
        const [to] = performance.getEntriesByName('rostrum:first-remote-frame');
        return from && to ? to.startTime - from.startTime : null;
      }),
    );
    times.push(tookMs);
    progress(`join ${round + 1}: ${tookMs.toFixed(0)} ms`);
    await joiner.close();
  }
  await show.close();
} finally {
  await browser.close();
  await system.stop();
}
const p95 = quantile(times, 0.95);
report(
  'join',
  [
    {
      id: 'P5',
      what: `join to first remote frame, p50 of ${times.length}`,
      value: quantile(times, 0.5),
      unit: 'ms',
      goal: '',
      met: null,
    },
    {
      id: 'P5',
      what: `join to first remote frame, p95 of ${times.length}`,
      value: p95,
      unit: 'ms',
      goal: '<= 1000 ms',
      met: p95 <= 1000,
    },
  ],
  { joinMs: times },
);
