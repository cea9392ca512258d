import { setTimeout as sleep } from 'node:timers/promises';
import { startTestStage } from '@rostrum/panel-sfu/testing-stage';
import type { Page } from 'playwright-core';
import { figure as figureOf, progress, quantile, report } from './lib/result.ts';

/**
 * How soon the small text of a shared screen is sharp after a page was turned: 1920x1080 from Chromium through the SFU to another
 * page, in VP9 and in VP8, held against the page as it was drawn; with the cap that screens have, and where the way up takes less.
 * ROSTRUM_BENCH_ROUNDS pages each (default 7).
 */
const ROUNDS = Number(process.env.ROSTRUM_BENCH_ROUNDS ?? 7);
/** Kbit/s. */
const LIMITS = [3000, 600] as const;
/** As long as somebody looks at a page at least. */
const LOOK_MS = 4000;
/** Text that one would not tell from the drawn one at a glance. */
const SHARP_SSIM = 0.98;
const figure = figureOf('');

interface Seen {
  readonly afterMs: number;
  readonly ssim: number;
  readonly psnrDb: number;
}
interface Sending {
  readonly type: string;
  readonly kind?: string;
  readonly frameWidth?: number;
  readonly bytesSent: number;
  readonly framesEncoded: number;
  readonly totalEncodeTime: number;
}
interface Turned {
  readonly pages: readonly Seen[][];
  /** Before the first page, and after the last one. */
  readonly first: Sending;
  readonly last: Sending;
}

/** What the screen's sender counted. */
async function sending(page: Page): Promise<Sending> {
  const reports = (await page.evaluate('probe.reports()')) as Sending[];
  const screen = reports.find(
    (r) => r.type === 'outbound-rtp' && r.kind === 'video' && r.frameWidth === 1920,
  );
  if (!screen) throw new Error('no screen is sent');
  return screen;
}

/** Turns pages, and looks at each for a while. */
async function turn(ada: Page, bob: Page, from: number): Promise<Turned> {
  const look = async (text: number): Promise<Omit<Seen, 'afterMs'> | null> =>
    bob.evaluate(`probe.likeness('ada0', ${text})`);
  const pages: Seen[][] = [];
  const first = await sending(ada);
  for (let page = from; page < from + ROUNDS; page += 1) {
    const seen: Seen[] = [];
    const startMs = performance.now();
    await ada.evaluate(`probe.flip(${page})`);
    for (let afterMs = 0; afterMs < LOOK_MS; afterMs = performance.now() - startMs) {
      const likeness = await look(page);
      if (likeness) seen.push({ afterMs: performance.now() - startMs, ...likeness });
      await sleep(30);
    }
    pages.push(seen);
  }
  return { pages, first, last: await sending(ada) };
}

async function pagesOf(codec: 'VP9' | 'VP8'): Promise<Map<number, Turned>> {
  const stage = await startTestStage();
  try {
    const [ada, bob] = [
      await stage.visit('ada0', 'red', '&lines=180'),
      await stage.visit('bob0', 'blue', codec === 'VP9' ? '&lines=180' : '&lines=180&without=VP9'),
    ];
    // Who receives no VP9 says so with the first track, so that nothing is sent anew under our eyes.
    for (const page of [ada, bob]) await page.evaluate('probe.join()');
    await sleep(2000);
    await ada.evaluate('probe.shareSlides()');
    await bob.evaluate(`probe.show('ada0', 'screen', 1080)`);
    // The estimate of the way up has come to what it comes to.
    await sleep(12_000);
    const turned = new Map<number, Turned>();
    for (const kbits of LIMITS) {
      await ada.evaluate(`probe.limitSlides(${kbits * 1000})`);
      progress(`${codec} of ${kbits} kbit/s`);
      turned.set(kbits, await turn(ada, bob, 1 + turned.size * ROUNDS));
    }
    return turned;
  } finally {
    await stage.close();
  }
}

const median = (values: readonly number[]): number => quantile(values, 0.5);
/** Of what was seen last before that moment. */
const at = (pages: readonly Seen[][], ms: number, of: 'ssim' | 'psnrDb'): number =>
  median(pages.flatMap((seen) => seen.findLast(({ afterMs }) => afterMs <= ms)?.[of] ?? []));

const figures = [];
for (const codec of ['VP9', 'VP8'] as const) {
  for (const [kbits, { pages, first, last }] of await pagesOf(codec)) {
    // A page that never was sharp counts as long as it was looked at.
    const sharpMs = pages.map((seen) => seen.find(({ ssim }) => ssim >= SHARP_SSIM)?.afterMs ?? LOOK_MS);
    const frames = last.framesEncoded - first.framesEncoded;
    const what = `${codec} of ${kbits} kbit/s`;
    figures.push(
      figure(`${what}: page turned to sharp (SSIM ${SHARP_SSIM}), median`, median(sharpMs) / 1000, 's'),
      figure(`${what}: SSIM half a second after`, at(pages, 500, 'ssim'), ''),
      figure(`${what}: SSIM a second after`, at(pages, 1000, 'ssim'), ''),
      figure(`${what}: SSIM four seconds after`, at(pages, LOOK_MS, 'ssim'), ''),
      figure(`${what}: PSNR a second after`, at(pages, 1000, 'psnrDb'), 'dB'),
      figure(`${what}: PSNR four seconds after`, at(pages, LOOK_MS, 'psnrDb'), 'dB'),
      figure(`${what}: sent`, ((last.bytesSent - first.bytesSent) * 8) / (ROUNDS * LOOK_MS), 'kbit/s'),
      figure(`${what}: pictures a second`, frames / (ROUNDS * (LOOK_MS / 1000)), ''),
      figure(`${what}: to code one`, (1000 * (last.totalEncodeTime - first.totalEncodeTime)) / frames, 'ms'),
    );
  }
}
report('screens', figures);
