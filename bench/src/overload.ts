/**
 * The show on a machine that becomes too slow, step by step, and fast again. Two panelists play from a process of their own,
 * a viewer watches in Chromium; neither is under the limit. The services are: a cgroup gives them a share of what they were
 * seen to need with everything on, from 200 % down to 60 % and up again. For each step: holes in the sound, pictures and gaps of
 * each rendition, stalls and latency of the viewer, and who was restarted, lost or thrown out (nobody should be).
 *
 * ROSTRUM_BENCH_SECONDS a step (default 40), ROSTRUM_BENCH_STEPS (percent of the need; default 200,150,100,80,60,80,100,200). Without
 * cgroups that can be written it ends with what would do.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { LADDER } from '@rostrum/contracts/profile';
import { clockAgeMs } from '@rostrum/e2e/clock';
import { LiveShow } from '@rostrum/e2e/live-show';
import { startSenders } from '@rostrum/e2e/panelist/senders';
import type { Viewer } from '@rostrum/e2e/viewer';
import { createProcessorLimit, noProcessorLimit } from '@rostrum/service-kit/testing/processor-limit';
import { processorSeconds, trees } from './lib/processes.ts';
import { tally, watchRenditions } from './lib/rendition-watch.ts';
import { type Figure, progress, quantile, report } from './lib/result.ts';
import { soundHoles } from './lib/sound-holes.ts';

const STEP_SECONDS = Number(process.env.ROSTRUM_BENCH_SECONDS ?? 40);
const STEPS = (process.env.ROSTRUM_BENCH_STEPS ?? '200,150,100,80,60,80,100,200').split(',').map(Number);
const NEED_MS = 15_000;
const SETTLE_MS = 12_000;
const SAMPLE_EVERY_MS = 250;
/** The picture is back when it is this little later than before the load. */
const BACK_WITHIN_MS = 400;
const RECOVERY_DEADLINE_MS = 60_000;
const TONE_HZ = 440;
const SERVICES = ['host-console', 'panel-sfu', 'broadcaster'] as const;

const impossible = noProcessorLimit();
if (impossible !== null) throw new Error(`no limit of processor time can be set: ${impossible}`);

interface Step {
  readonly percent: number;
  readonly fromUnixMs: number;
  readonly toUnixMs: number;
  readonly ages: readonly number[];
  readonly levels: readonly string[];
  readonly stalls: number;
  readonly restarts: number;
  readonly fewestOnStage: number;
  readonly usedCores: number;
}

async function metric(live: LiveShow, name: string): Promise<number> {
  for (const url of live.system.addresses.metrics) {
    const text = await (await fetch(url, { signal: AbortSignal.timeout(10_000) })).text();
    const found = [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? ([\\d.e+-]+)$`, 'gm'))];
    if (found.length > 0) return found.reduce((sum, [, value]) => sum + Number(value), 0);
  }
  return 0;
}

/** Services and compositors that were started again, as the launcher and the broadcaster count them. */
async function restarts(live: LiveShow): Promise<number> {
  const state = JSON.parse(await readFile(join(live.system.home, 'run', 'state.json'), 'utf8')) as {
    processes: { restarts: number }[];
  };
  const services = state.processes.reduce((sum, { restarts: count }) => sum + count, 0);
  return services + (await metric(live, 'rostrum_compositor_restarts_total'));
}

async function nodesLost(live: LiveShow): Promise<number> {
  const log = await readFile(join(live.system.home, 'log', 'host-console.log'), 'utf8');
  return [...log.matchAll(/"msg":"node lost"/g)].length;
}

const servicePids = async (live: LiveShow): Promise<number[]> =>
  trees(await Promise.all(SERVICES.map((service) => live.system.pid(service))));

async function runStep(live: LiveShow, viewer: Viewer, percent: number): Promise<Step> {
  const area = live.areaOf(live.panelist(0).personId);
  const ages: number[] = [];
  const levels: string[] = [];
  const fromUnixMs = Date.now();
  const before = {
    stalls: await viewer.stalls(),
    restarts: await restarts(live),
    used: processorSeconds(await servicePids(live)),
  };
  let fewestOnStage = Number.POSITIVE_INFINITY;
  while (Date.now() < fromUnixMs + STEP_SECONDS * 1000) {
    const { nowUnixMs, readings, page } = await viewer.clocks([area]);
    const [reading] = readings;
    if (reading !== null && reading !== undefined) ages.push(clockAgeMs(reading, nowUnixMs));
    levels.push(page.level);
    fewestOnStage = Math.min(fewestOnStage, live.show.host.onStage().length);
    await setTimeout(SAMPLE_EVERY_MS);
  }
  const toUnixMs = Date.now();
  const used = processorSeconds(await servicePids(live)) - before.used;
  const step: Step = {
    percent,
    fromUnixMs,
    toUnixMs,
    ages,
    levels,
    stalls: (await viewer.stalls()) - before.stalls,
    restarts: (await restarts(live)) - before.restarts,
    fewestOnStage,
    usedCores: (used * 1000) / (toUnixMs - fromUnixMs),
  };
  progress(
    `${percent} %: ${step.usedCores.toFixed(2)} cores, latency ${quantile(ages, 0.5)} ms, ${step.stalls} stalls, ${mostOf(levels)}`,
  );
  return step;
}

const mostOf = (all: readonly string[]): string => {
  const counts = new Map<string, number>();
  for (const one of all) counts.set(one, (counts.get(one) ?? 0) + 1);
  return [...counts].toSorted((a, b) => b[1] - a[1])[0]?.[0] ?? '';
};

interface Recovery {
  /** Milliseconds until nothing is left out any more and the viewer sees pictures drawn since; the deadline if never. */
  readonly wholeMs: number;
  /** The same until they are as close to live as before. */
  readonly closeMs: number;
}

async function recovery(live: LiveShow, viewer: Viewer, usualMs: number): Promise<Recovery> {
  const startMs = performance.now();
  const area = live.areaOf(live.panelist(0).personId);
  let wholeMs: number | null = null;
  for (;;) {
    const elapsedMs = performance.now() - startMs;
    if (elapsedMs > RECOVERY_DEADLINE_MS) return { wholeMs: wholeMs ?? elapsedMs, closeMs: elapsedMs };
    const [age = null] = await viewer.ages([area]);
    const step = await metric(live, 'rostrum_compositor_ladder_step');
    if (step === 0 && age !== null && age < elapsedMs) wholeMs ??= elapsedMs;
    if (wholeMs !== null && age !== null && age < usualMs + BACK_WITHIN_MS)
      return { wholeMs, closeMs: elapsedMs };
    await setTimeout(200);
  }
}

const senders = await startSenders(progress);
const limit = createProcessorLimit(`rostrum-overload-${process.pid}`);
const figures: Figure[] = [];
const series: Record<string, number[]> = {};
const tell = (what: string, value: number, unit: string, goal = '', met: boolean | null = null): void => {
  figures.push({ id: met === null ? '' : 'R7', what, value, unit, goal, met });
};
let live: LiveShow | undefined;
try {
  live = await LiveShow.open({
    title: 'Overload',
    profile: 'standard',
    cast: [
      senders.clock('Ada', { hue: 255, flash: false, pilotHz: TONE_HZ }),
      senders.clock('Bo', { hue: 150, flash: false, pilotHz: 2700 }),
    ],
    progress,
  });
  const viewer = await live.watch();
  const area = (): ReturnType<LiveShow['areaOf']> =>
    (live as LiveShow).areaOf((live as LiveShow).panelist(0).personId);
  await live.eventually('the first picture', 40_000, async () => (await viewer.ages([area()]))[0] ?? null);
  await setTimeout(SETTLE_MS);

  const pids = await servicePids(live);
  const usedBefore = processorSeconds(pids);
  await setTimeout(NEED_MS);
  const needCores = ((processorSeconds(pids) - usedBefore) * 1000) / NEED_MS;
  progress(`the show needs ${needCores.toFixed(2)} cores`);
  tell('what the show needs', needCores, 'cores');

  const { phase } = live.show.host.view();
  if (phase.phase !== 'live') throw new Error('the show is not live');
  const watch = await watchRenditions(phase.playlistUrl);
  limit.add(await servicePids(live));
  const steps: Step[] = [];
  for (const percent of STEPS) {
    limit.set((needCores * percent) / 100);
    steps.push(await runStep(live, viewer, percent));
  }
  const usualMs = quantile(steps[0]?.ages ?? [], 0.5);
  limit.set((needCores * Math.min(...STEPS)) / 100);
  await setTimeout(15_000);
  limit.set(null);
  const { wholeMs, closeMs } = await recovery(live, viewer, usualMs);
  const lost = await nodesLost(live);
  await watch.stop();
  await live.show.host.command('webinar:end', {});
  const ended = await live.show.host.until(
    'the recording',
    (view) => view.phase.phase === 'ended' && view.phase.recordingUrl !== null,
    30_000,
  );
  if (ended.phase.phase !== 'ended' || ended.phase.recordingUrl === null) throw new Error('no recording');
  const recording = new URL(ended.phase.recordingUrl);
  const soundUrl = new URL('audio.m3u8', recording);
  const playlist = await (await fetch(soundUrl)).text();
  const zeroUnixMs = Date.parse(/^#EXT-X-PROGRAM-DATE-TIME:(.+)$/m.exec(playlist)?.[1] ?? '');
  const { holes } = await soundHoles(soundUrl.href, TONE_HZ);

  for (const [i, step] of steps.entries()) {
    const {
      percent,
      fromUnixMs,
      toUnixMs,
      ages,
      stalls,
      restarts: restarted,
      fewestOnStage,
      usedCores,
      levels,
    } = step;
    const name = `${i + 1}: ${percent} %`;
    const inStep = holes.filter(
      ({ atMs }) => zeroUnixMs + atMs >= fromUnixMs && zeroUnixMs + atMs < toUnixMs,
    );
    const whole = percent > 100;
    tell(`${name}: processors used`, usedCores, 'cores');
    tell(
      `${name}: holes in the sound`,
      inStep.length,
      '',
      percent >= 60 ? '0' : '',
      percent >= 60 ? inStep.length === 0 : null,
    );
    tell(
      `${name}: their length together`,
      inStep.reduce((sum, { durationMs }) => sum + durationMs, 0),
      'ms',
    );
    tell(`${name}: stalls of the viewer`, stalls, '', '0', stalls === 0);
    tell(`${name}: latency at the viewer, p50 (${mostOf(levels)})`, quantile(ages, 0.5), 'ms');
    for (const rendition of LADDER) {
      const { frameShare, gapShare } = tally(watch.parts, rendition.name, fromUnixMs, toUnixMs);
      if (rendition.kind === 'video') {
        const met = whole ? frameShare > 0.99 : null;
        tell(`${name}: pictures of ${rendition.name}`, 100 * frameShare, '%', whole ? '100 %' : '', met);
      }
      tell(`${name}: gaps of ${rendition.name}`, 100 * gapShare, '%');
    }
    tell(`${name}: restarts`, restarted, '', '0', restarted === 0);
    tell(`${name}: fewest people on stage`, fewestOnStage, '', '2', fewestOnStage === 2);
    series[`${i + 1}-${percent}-agesMs`] = [...ages];
  }
  tell('nodes lost', lost, '', '0', lost === 0);
  for (const [what, ms] of [
    ['everything made again', wholeMs],
    ['the viewer as close as before', closeMs],
  ] as const) {
    tell(`from the load's end to ${what}`, ms / 1000, 's', '<= 10 s', ms <= 10_000);
  }
  series.soundHolesAtMs = holes.map(({ atMs }) => atMs);
  series.soundHolesMs = holes.map(({ durationMs }) => durationMs);
} finally {
  await limit.remove();
  await live?.close();
  await senders.close();
}
report(
  process.env.ROSTRUM_BENCH_SECONDS || process.env.ROSTRUM_BENCH_STEPS
    ? `overload-${STEPS.join('-')}-${STEP_SECONDS}s`
    : 'overload',
  figures,
  series,
);
