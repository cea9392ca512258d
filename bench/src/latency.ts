import type { ProfileName } from '@rostrum/contracts';
import { launchChromium } from '@rostrum/e2e/browser';
import { clockAgeMs } from '@rostrum/e2e/clock';
import { openShow } from '@rostrum/e2e/show';
import type { SyntheticMedia } from '@rostrum/e2e/synthetic-media';
import { System } from '@rostrum/e2e/system';
import { cameraAreas, eventually, Viewer } from '@rostrum/e2e/viewer';
import { lipReference } from './lib/lip-reference.ts';
import { type Figure, progress, quantile, report } from './lib/result.ts';

/**
 * Glass to glass: from the instant a synthetic camera draws its clock to the instant the viewer's page shows it, read from
 * the pixels of the playing video, straight from the origin. Also lip sync by flash and beep (P11), on the same run, less
 * what the probe reads on a file in which both begin together.
 * Duration: ROSTRUM_BENCH_SECONDS of samples for each profile (default 120).
 */
const seconds = Number(process.env.ROSTRUM_BENCH_SECONDS ?? 120);
const SETTLE_MS = 15_000;
const SAMPLE_EVERY_MS = 250;

const GOALS: Record<'fast' | 'standard', { id: string; p50: number; p95: number }> = {
  fast: { id: 'P1', p50: 800, p95: 1200 },
  standard: { id: 'P1b', p50: 1200, p95: 1600 },
};

const camera = (name: string, hue: number, pilotHz: number | null, flash: boolean): SyntheticMedia => ({
  name,
  hue,
  voiceBase64: null,
  turn: { everyMs: 1000, offsetMs: 0, speakMs: 1000 },
  pilotHz,
  flash,
  width: 1280,
  height: 720,
});

async function measure(
  profile: ProfileName,
): Promise<{ ages: number[]; lips: number[]; stalls: number; unread: number }> {
  const system = await System.start();
  const browser = await launchChromium();
  try {
    const show = await openShow({
      api: system.api,
      browser,
      title: 'Latency',
      profile,
      cast: [camera('Ada', 255, null, true), camera('Bo', 150, 2700, false)],
      direction: 'automatic',
      progress,
    });
    const viewer = await Viewer.open(browser, show.watchUrl, { bypassCsp: true });
    const area = () => {
      const { scene } = show.host.view();
      const found = scene && cameraAreas(scene).get(show.panelists[0]?.personId ?? '');
      if (!found) throw new Error('the first panelist is not on air');
      return found;
    };
    await eventually('the first picture', 40_000, async () => (await viewer.ages([area()]))[0] ?? null);
    progress(`${profile}: playing; settling for ${SETTLE_MS / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const stallsBefore = await viewer.stalls();
    const ages: number[] = [];
    let unread = 0;
    for (const end = performance.now() + seconds * 1000; performance.now() < end; ) {
      const { nowUnixMs, readings } = await viewer.clocks([area()]);
      const [reading] = readings;
      if (reading === null || reading === undefined) unread += 1;
      else ages.push(clockAgeMs(reading, nowUnixMs));
      if (ages.length % 40 === 0)
        progress(`${profile}: ${ages.length} samples, p50 ${quantile(ages, 0.5)} ms`);
      await new Promise((resolve) => setTimeout(resolve, SAMPLE_EVERY_MS));
    }
    const stalls = (await viewer.stalls()) - stallsBefore;
    const lips = await viewer.lipSync(area(), 32_000);
    await viewer.close();
    await show.close();
    return { ages, lips, stalls, unread };
  } finally {
    await browser.close();
    await system.stop();
  }
}

const figures: Figure[] = [];
const series: Record<string, number[]> = {};

progress('lip sync probe: reading a file in which flash and beep begin together');
const reference = await launchChromium();
const probe = await lipReference(reference).finally(() => reference.close());
figures.push({
  id: '',
  what: `lip sync probe, on ${probe.readings.length} flashes with their beeps`,
  value: probe.medianMs,
  unit: 'ms',
  goal: '',
  met: null,
});
series.probeLipsMs = probe.readings;
for (const profile of ['fast', 'standard'] as const) {
  const goal = GOALS[profile];
  const { ages, lips, stalls, unread } = await measure(profile);
  const p50 = quantile(ages, 0.5);
  const p95 = quantile(ages, 0.95);
  const lip = quantile(lips, 0.5) - probe.medianMs;
  const figure = (id: string, what: string, value: number, unit: string, limit: number | null): Figure => ({
    id,
    what: `${profile}: ${what}`,
    value,
    unit,
    goal: limit === null ? '' : `<= ${limit} ${unit}`,
    met: limit === null ? null : Math.abs(value) <= limit,
  });
  figures.push(
    figure(goal.id, 'glass to glass, p50', p50, 'ms', goal.p50),
    figure(goal.id, 'glass to glass, p95', p95, 'ms', goal.p95),
    figure(goal.id, 'stalls while measuring', stalls, '', 0),
    figure('', 'samples with an unreadable clock', unread, '', null),
    figure('P11', `lip sync, median of ${lips.length} (beep after flash, less the probe's)`, lip, 'ms', 40),
  );
  series[`${profile}AgesMs`] = ages;
  series[`${profile}LipsMs`] = lips;
}
report('latency', figures, series);
