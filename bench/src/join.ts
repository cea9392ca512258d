import { openPanelist } from '@rostrum/e2e/browser';
import { LiveShow } from '@rostrum/e2e/live-show';
import { joinStage } from '@rostrum/e2e/show';
import { drawnCamera } from '@rostrum/e2e/synthetic-media';
import { progress, quantile, report } from './lib/result.ts';

/**
 * P5: from the click on "Join the stage" to the first frame of somebody else on the panelist's page, by the marks the
 * stage client leaves. One panelist waits on stage; another joins, leaves and joins again.
 */
const ROUNDS = Number(process.env.ROSTRUM_BENCH_ROUNDS ?? 20);

const live = await LiveShow.open({ title: 'Join', cast: [drawnCamera('Ada', 255)], progress });
const times: number[] = [];
try {
  for (let round = 0; round < ROUNDS; round += 1) {
    const joiner = await openPanelist(live.browser, live.show.panelistUrl, drawnCamera('You', 90));
    await joiner.page.getByRole('button', { name: 'Join the stage' }).waitFor();
    await joinStage(joiner);
    const tookMs = await live.eventually('the first remote frame', 20_000, () =>
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
} finally {
  await live.close();
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
