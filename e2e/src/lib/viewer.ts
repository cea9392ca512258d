import { fileURLToPath } from 'node:url';
import { layoutScene, type Scene } from '@rostrum/contracts';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { bundled } from './bundle.ts';
import { type Area, clockAgeMs } from './clock.ts';
import { installSyntheticMedia, type SyntheticMedia } from './synthetic-media.ts';
import type { Probe } from './viewer-probe.ts';

const PROBE = fileURLToPath(new URL('./viewer-probe.ts', import.meta.url));

/** Where the cameras of a scene are, by person. */
export function cameraAreas(scene: Scene): Map<string, Area> {
  return new Map(
    layoutScene(scene).tiles.flatMap((t) => (t.kind === 'camera' ? [[t.personId, t] as const] : [])),
  );
}

/** Where the shared screen of a scene is; null: it has none. */
export const screenArea = (scene: Scene): Area | null =>
  layoutScene(scene).tiles.find((t) => t.kind === 'screen') ?? null;

export interface ViewerOptions {
  /** The camera and microphone they would come on stage with. */
  readonly media?: SyntheticMedia;
  /** What makes it another browser than it is, or looks at the page from inside, each run on its own before the page's scripts. */
  readonly scripts?: readonly (() => void)[];
  readonly width?: number;
  readonly height?: number;
  /** For measuring lip sync, whose probe needs a script of its own in the page; the tests keep the page's policy as it is. */
  readonly bypassCsp?: boolean;
}

/** Somebody at the watch page. */
export class Viewer {
  readonly page: Page;
  readonly #context: BrowserContext;

  private constructor(page: Page, context: BrowserContext) {
    this.page = page;
    this.#context = context;
  }

  static async open(browser: Browser, watchUrl: string, options: ViewerOptions = {}): Promise<Viewer> {
    const context = await browser.newContext({
      viewport: { width: options.width ?? 1440, height: options.height ?? 900 },
      ignoreHTTPSErrors: true,
      bypassCSP: options.bypassCsp ?? false,
    });
    await context.addInitScript({ content: await bundled(PROBE) });
    if (options.media) await context.addInitScript(installSyntheticMedia, options.media);
    for (const script of options.scripts ?? []) await context.addInitScript(script);
    const page = await context.newPage();
    await page.goto(watchUrl);
    // Survives everything but a reload, which the product promises never to need.
    await page.evaluate(() => Object.assign(window, { sameDocument: true }));
    return new Viewer(page, context);
  }

  clocks(areas: readonly Area[]): Promise<ReturnType<Probe['clocks']>> {
    return this.page.evaluate((a) => window.probe.clocks(a), areas as Area[]);
  }

  /** Age of the picture in each area now, ms; null where no clock is readable. */
  async ages(areas: readonly Area[]): Promise<(number | null)[]> {
    const { nowUnixMs, readings } = await this.clocks(areas);
    return readings.map((reading) => (reading === null ? null : clockAgeMs(reading, nowUnixMs)));
  }

  tones(frequenciesHz: readonly number[]): Promise<number[]> {
    return this.page.evaluate((hz) => window.probe.tones(hz), frequenciesHz as number[]);
  }

  lipSync(area: Area, durationMs: number): Promise<number[]> {
    return this.page.evaluate(([a, d]) => window.probe.lipSync(a, d), [area, durationMs] as const);
  }

  playback(): Promise<ReturnType<Probe['playback']>> {
    return this.page.evaluate(() => window.probe.playback());
  }

  /** What the page says of itself (`window.rostrum`, audience-web/README.md). */
  state(): Promise<string> {
    return this.page.evaluate(() => (window as unknown as { rostrum: { state: string } }).rostrum.state);
  }

  stalls(): Promise<number> {
    return this.page.evaluate(() => (window as unknown as { rostrum: { stalls: number } }).rostrum.stalls);
  }

  /** False after a reload. */
  sameDocument(): Promise<boolean> {
    return this.page.evaluate(() => 'sameDocument' in window);
  }

  close(): Promise<void> {
    return this.#context.close();
  }
}

/** Asks `look` every 100 ms until it answers something other than null; fails after `deadlineMs` saying what was awaited. */
export async function eventually<T>(
  what: string,
  deadlineMs: number,
  look: () => Promise<T | null>,
): Promise<T> {
  const endMs = performance.now() + deadlineMs;
  let last: unknown = null;
  for (;;) {
    try {
      const seen = await look();
      if (seen !== null) return seen;
      last = null;
    } catch (error) {
      last = error;
    }
    if (performance.now() > endMs) {
      throw new Error(`waited ${deadlineMs} ms in vain for: ${what}`, { cause: last });
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
