import { loadavg } from 'node:os';
import { openPanelist } from '@rostrum/e2e/browser';
import { LiveShow } from '@rostrum/e2e/live-show';
import { drawnCamera } from '@rostrum/e2e/synthetic-media';
import type { Page } from 'playwright-core';
import { markJoin, STAGES, type StageMark } from './lib/join-stages.ts';
import { figure as figureOf, progress, quantile, report } from './lib/result.ts';

/**
 * P5: from the click on "Join the stage" to the first frame of somebody else on the page, and where the time goes,
 * by the marks the stage client leaves and by what the browser tells. One panelist waits on stage; others join one after the
 * other. ROSTRUM_BENCH_ROUNDS joins (default 20), the first of which is not counted: it warms the browser.
 * ROSTRUM_BENCH_JOINERS: `panelists`, or `guests`, who come from the watch page, whose stream plays on meanwhile.
 */
const ROUNDS = Number(process.env.ROSTRUM_BENCH_ROUNDS ?? 20);
const GOAL_MS = 700;
/** How long a person looks at the device check. */
const CHECK_MS = 1500;
const JOINERS = process.env.ROSTRUM_BENCH_JOINERS ?? 'panelists';
if (JOINERS !== 'panelists' && JOINERS !== 'guests')
  throw new Error(`ROSTRUM_BENCH_JOINERS is panelists or guests, not ${JOINERS}`);
const figure = figureOf('P5');

/** After the click, ms; what was prepared happened before it. */
type Join = ReadonlyMap<StageMark, number>;

interface Joiner {
  readonly page: Page;
  close(): Promise<void>;
}

/** Somebody new each time: whoever left keeps their place for some seconds. */
async function panelist(round: number): Promise<Joiner> {
  const { webinarId } = live.show.webinar;
  const link = await live.system.api.createLink(webinarId, { role: 'panelist', name: `Bo ${round}` });
  return openPanelist(live.browser, link.url, drawnCamera('You', 90), { probe: markJoin });
}

/** The same of the audience, as they are invited. */
async function guest(): Promise<Joiner> {
  const { host } = live.show;
  const viewer = await live.watch({ media: drawnCamera('You', 90), scripts: [markJoin] });
  await live.eventually('the stream', 20_000, async () => (await viewer.state()) === 'playing' || null);
  await viewer.page.getByRole('button', { name: 'Raise hand' }).click();
  const { hands } = await host.until('a hand', (view) => view.hands.length > 0);
  const personId = hands[0]?.personId ?? '';
  await host.command('hand:accept', { personId });
  return {
    page: viewer.page,
    async close() {
      await host.command('guest:return', { personId });
      await viewer.close();
    },
  };
}

const live = await LiveShow.open({ title: 'Join', cast: [drawnCamera('Ada', 255)], progress });
const joins: Join[] = [];
try {
  for (let round = 0; round <= ROUNDS; round += 1) {
    const joiner = await (JOINERS === 'guests' ? guest() : panelist(round));
    await joiner.page.getByRole('button', { name: 'Join the stage' }).waitFor();
    await joiner.page.waitForTimeout(CHECK_MS);
    await joiner.page.getByRole('button', { name: 'Join the stage' }).click();
    const join = await live.eventually('the first remote frame', 20_000, async () => {
      const marks = await joiner.page.evaluate(() =>
        performance.getEntriesByType('mark').map(({ name, startTime }) => [name, startTime] as const),
      );
      const at = new Map<string, number>(marks);
      const clickMs = at.get('rostrum:click');
      const last = ['rostrum:first-remote-frame', 'rostrum:first-remote-presented'];
      if (clickMs === undefined || !last.every((mark) => at.has(mark))) return null;
      return new Map(
        STAGES.flatMap(({ mark }) => {
          const atMs = at.get(mark);
          return atMs === undefined ? [] : [[mark, atMs - clickMs] as const];
        }),
      );
    });
    if (round > 0) joins.push(join);
    progress(
      `join ${round}: ${STAGES.map(({ mark }) => `${mark.replace('rostrum:', '')} ${join.get(mark)?.toFixed(0) ?? '-'}`).join(', ')}`,
    );
    await joiner.close();
  }
} finally {
  await live.close();
}
/** Those of the joins that went through it. */
const of = (mark: StageMark): number[] => joins.flatMap((join) => join.get(mark) ?? []);
const decoded = of('rostrum:first-remote-frame');
const p95 = quantile(decoded, 0.95);
const stages = STAGES.slice(1);
report(
  JOINERS === 'guests' ? 'join-guests' : 'join',
  [
    figure(`join to first remote frame, p50 of ${decoded.length}`, quantile(decoded, 0.5), 'ms'),
    figure('join to first remote frame, p95', p95, 'ms', `<= ${GOAL_MS} ms`, p95 <= GOAL_MS),
    ...stages.flatMap(({ mark, what }) => [
      figure(`    ${what}, p50`, quantile(of(mark), 0.5), 'ms'),
      figure(`    ${what}, p95`, quantile(of(mark), 0.95), 'ms'),
    ]),
    figure('load average of the machine at the end', loadavg()[0] ?? Number.NaN, ''),
  ],
  Object.fromEntries(stages.map(({ mark }) => [mark.replace('rostrum:', ''), of(mark)])),
);
