import { PROFILES, type ProfileName } from '@rostrum/contracts';
import { launchChromium } from '@rostrum/e2e/browser';
import { clockAgeMs } from '@rostrum/e2e/clock';
import { LiveShow } from '@rostrum/e2e/live-show';
import { startSenders } from '@rostrum/e2e/panelist/senders';
import type { CastMember } from '@rostrum/e2e/show';
import { drawnCamera } from '@rostrum/e2e/synthetic-media';
import { lipReference } from './lib/lip-reference.ts';
import { plot } from './lib/plot.ts';
import { type ProcessorShares, processorShares } from './lib/processors.ts';
import { type Figure, progress, quantile, report } from './lib/result.ts';
import { stallLog } from './lib/stall-log.ts';

/**
 * Glass to glass: from the instant a synthetic camera draws its clock to the instant the viewer's page shows it, read from
 * the pixels of the playing video, through the edge. Also lip sync by flash and beep (P11), on the same run, less
 * what the probe reads on a file in which both begin together.
 *
 * The panelists are played by senders without a browser (`e2e/src/panelist/`), in a process of their own that goes before all
 * others: a clock drawn and coded live in one layer of 640x360, and sound as a microphone would give it. Measured from there on:
 * encoder, RTP over DTLS-SRTP, SFU, jitter buffers, mix, encoders, packager, edge, player. Not measured: a camera's capture, a browser's encoder
 * and pacer, simulcast, and the load of either on this machine. With ROSTRUM_BENCH_PANELISTS=browsers they are drawn cameras in
 * real pages, three layers each, whose encoders take more than half a core a page.
 *
 * ROSTRUM_BENCH_SECONDS of samples for each profile (default 120), ROSTRUM_BENCH_PROFILES (default fast,standard),
 * ROSTRUM_BENCH_PANELISTS (`senders` or `browsers`, two of them; `browsers:1` is one). Other than the default is kept under a name of
 * its own; of each profile there is a plot. After a stall, stderr shows what the page and its console said around it; with
 * ROSTRUM_BENCH_TRACE=1 also all that hls.js did.
 */
const SECONDS = 120;
const seconds = Number(process.env.ROSTRUM_BENCH_SECONDS ?? SECONDS);
const PROFILE_NAMES = ['fast', 'standard'] as const;
const profiles = PROFILE_NAMES.filter((name) =>
  (process.env.ROSTRUM_BENCH_PROFILES ?? PROFILE_NAMES.join()).split(',').includes(name),
);
const PEOPLE = [
  { name: 'Ada', hue: 255, flash: true, pilotHz: null },
  { name: 'Bo', hue: 150, flash: false, pilotHz: 2700 },
] as const;
const asked = /^(senders|browsers)(?::([12]))?$/.exec(process.env.ROSTRUM_BENCH_PANELISTS ?? 'senders');
if (!asked) throw new Error('ROSTRUM_BENCH_PANELISTS is senders or browsers, or one of them with :1');
const [, means, count = PEOPLE.length] = asked;
const people = PEOPLE.slice(0, Number(count));
const name = [
  'latency',
  seconds === SECONDS && profiles.length === PROFILE_NAMES.length ? [] : [...profiles, `${seconds}s`],
  means === 'senders' ? [] : 'browsers',
  people.length === PEOPLE.length ? [] : `${people.length}-panelist`,
]
  .flat()
  .join('-');
const SETTLE_MS = 15_000;
const SAMPLE_EVERY_MS = 250;

const GOALS: Record<'fast' | 'standard', { id: string; p50: number; p95: number }> = {
  fast: { id: 'P1', p50: 750, p95: 950 },
  standard: { id: 'P1b', p50: 1200, p95: 1600 },
};

interface Measured {
  readonly ages: number[];
  /** When each was read, seconds from the first on. */
  readonly atS: number[];
  readonly lips: number[];
  readonly stalls: number;
  readonly unread: number;
  readonly processors: readonly ProcessorShares[];
  /** Where a picture was on its way: name and milliseconds, in the order it passes. */
  readonly stages: readonly (readonly [string, number])[];
}

async function measure(profile: ProfileName): Promise<Measured> {
  const senders = means === 'senders' ? await startSenders(progress) : null;
  try {
    const cast = people.map(({ name, ...clock }) =>
      senders ? senders.clock(name, clock) : drawnCamera(name, clock.hue, clock),
    );
    return await measureWith(profile, cast);
  } finally {
    await senders?.close();
  }
}

async function measureWith(profile: ProfileName, cast: readonly CastMember[]): Promise<Measured> {
  const live = await LiveShow.open({
    title: 'Latency',
    profile,
    cast,
    args: ['--edge'],
    progress,
  });
  try {
    const viewer = await live.watch({ bypassCsp: true });
    const log = await stallLog(viewer, {
      everything: process.env.ROSTRUM_BENCH_TRACE === '1',
      tell: progress,
    });
    const area = () => live.areaOf(live.panelist(0).personId);
    await live.eventually('the first picture', 40_000, async () => (await viewer.ages([area()]))[0] ?? null);
    progress(`${profile}: playing; settling for ${SETTLE_MS / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const stallsBefore = await viewer.stalls();
    log.sample(stallsBefore, 'settled');
    const ages: number[] = [];
    const atS: number[] = [];
    const startMs = performance.now();
    const sinceMix: number[] = [];
    const buffers: number[] = [];
    const delays: number[] = [];
    const processors: ProcessorShares[] = [];
    const shares = await processorShares();
    let unread = 0;
    while (performance.now() < startMs + seconds * 1000) {
      const { nowUnixMs, readings, sinceMixMs, bufferMs, page } = await viewer.clocks([area()]);
      const [reading] = readings;
      log.sample(
        page.stalls,
        `${page.state} ${page.level} at ${page.rate}, ${Math.round(bufferMs)} ms ahead, ${Math.round(sinceMixMs ?? Number.NaN)} ms since the mix`,
      );
      if (reading === null || reading === undefined) unread += 1;
      else if (sinceMixMs !== null) {
        ages.push(clockAgeMs(reading, nowUnixMs));
        atS.push((performance.now() - startMs) / 1000);
        sinceMix.push(sinceMixMs);
        buffers.push(bufferMs);
      }
      if (ages.length % 40 === 0) {
        delays.push(await compositorDelayMs(live.system.addresses.metrics));
        processors.push(await shares());
        progress(`${profile}: ${ages.length} samples, p50 ${quantile(ages, 0.5)} ms`);
      }
      await new Promise((resolve) => setTimeout(resolve, SAMPLE_EVERY_MS));
    }
    const stalls = (await viewer.stalls()) - stallsBefore;
    const lips = await viewer.lipSync(area(), 32_000);
    const [age, mixed, buffer, delay] = [ages, sinceMix, buffers, delays].map((all) => mean(all)) as [
      number,
      number,
      number,
      number,
    ];
    const fillMs = PROFILES[profile].partMs / 2;
    return {
      ages,
      atS,
      lips,
      stalls,
      unread,
      processors,
      stages: [
        ['camera, its encoder and the SFU', age - mixed],
        ['jitter buffer, mix and encoders', delay],
        ['until its part is full', fillMs],
        ['packager, origin, network, player', mixed - delay - fillMs - buffer],
        ["player's buffer", buffer],
      ],
    };
  } finally {
    await live.close();
  }
}

const mean = (all: readonly number[]): number => all.reduce((sum, one) => sum + one, 0) / all.length;

/** From the compositor's own metrics: arrival there to leaving the encoder, of the picture or of its sound, whichever is later. */
async function compositorDelayMs(metrics: readonly string[]): Promise<number> {
  for (const url of metrics) {
    const text = await (await fetch(url)).text();
    const delays = text.matchAll(
      /^rostrum_compositor_(?:picture|sound)_delay_seconds(?:\{[^}]*\})? ([\d.e+-]+)$/gm,
    );
    const seconds = [...delays].map(([, value]) => Number(value));
    if (seconds.length > 0) return Math.max(...seconds) * 1000;
  }
  throw new Error('no service tells rostrum_compositor_picture_delay_seconds');
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
for (const profile of profiles) {
  const goal = GOALS[profile];
  const { ages, atS, lips, stalls, unread, processors, stages } = await measure(profile);
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
    ...stages.map(([stage, ms]) => figure('', `  ${stage}, mean`, ms, 'ms', null)),
    figure('', 'processors idle, mean', mean(processors.map(({ idle }) => idle)), '%', null),
    figure('', 'taken by the host, most in 11 s', Math.max(...processors.map((p) => p.stolen)), '%', null),
    figure('P11', `lip sync, median of ${lips.length} (beep after flash, less the probe's)`, lip, 'ms', 40),
  );
  series[`${profile}IdlePercent`] = processors.map(({ idle }) => idle);
  series[`${profile}StolenPercent`] = processors.map(({ stolen }) => stolen);
  series[`${profile}AgesMs`] = ages;
  series[`${profile}AtS`] = atS.map((s) => Math.round(s * 100) / 100);
  series[`${profile}LipsMs`] = lips;
  plot(`${name}-${profile}`, {
    title: `Glass to glass through the edge, profile ${profile}`,
    unit: 'ms',
    points: ages.map((value, i) => ({ value, atS: atS[i] ?? 0 })),
    goals: [
      { name: 'p50', value: goal.p50 },
      { name: 'p95', value: goal.p95 },
    ],
  });
}
report(name, figures, series);
