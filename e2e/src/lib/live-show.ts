import type { Browser } from 'playwright-core';
import { launchChromium } from './browser.ts';
import type { Area } from './clock.ts';
import { openShow, type Panelist, type Show, type ShowOptions } from './show.ts';
import { System } from './system.ts';
import { cameraAreas, eventually, Viewer, type ViewerOptions } from './viewer.ts';

/** Live pictures are younger than this everywhere in the tests; goals are measured by the benchmarks. */
export const LIVE_MS = 6000;
/** More than the deadlines of all steps of opening together: it is a step that fails, and what was opened is closed again. */
export const OPENING_DEADLINE_MS = 240_000;

export interface SeenOptions {
  readonly deadlineMs?: number;
  /** Only pictures drawn after this count, so not what a player still had. */
  readonly drawnAfterUnixMs?: number;
  /** Nobody else may have a tile. */
  readonly nobodyElse?: boolean;
}

/** A show on the air, with the system and the browser it runs in, all of its own. */
export class LiveShow {
  readonly system: System;
  readonly browser: Browser;
  readonly show: Show;

  private constructor(system: System, browser: Browser, show: Show) {
    this.system = system;
    this.browser = browser;
    this.show = show;
  }

  /** Starts and opens everything up to being live. When a step fails, what was there already is closed. */
  static async open(
    options: Pick<ShowOptions, 'title' | 'cast'> &
      Partial<Pick<ShowOptions, 'profile' | 'direction' | 'progress'>> & {
        /** For `./rostrum up`. */
        readonly args?: readonly string[];
        readonly env?: Record<string, string>;
      },
  ): Promise<LiveShow> {
    const system = await System.start({ args: options.args ?? [], env: options.env ?? {} });
    let browser: Browser | undefined;
    try {
      browser = await launchChromium();
      const show = await openShow({
        profile: 'standard',
        direction: 'automatic',
        progress: () => undefined,
        ...options,
        api: system.api,
        browser,
      });
      return new LiveShow(system, browser, show);
    } catch (error) {
      const told = await withLogs(error, system);
      await close(browser, system);
      throw told;
    }
  }

  /** One more viewer at the watch page. */
  watch(options: ViewerOptions = {}): Promise<Viewer> {
    return Viewer.open(this.browser, this.show.watchUrl, options);
  }

  panelist(index: number): Panelist {
    const panelist = this.show.panelists[index];
    if (!panelist) throw new Error(`no panelist ${index}`);
    return panelist;
  }

  /** Where the cameras of the scene are now, by person. */
  areas(): Map<string, Area> {
    const { scene } = this.show.host.view();
    if (!scene) throw new Error('the host sees no scene');
    return cameraAreas(scene);
  }

  areaOf(personId: string): Area {
    const area = this.areas().get(personId);
    if (!area) throw new Error(`${personId} has no tile`);
    return area;
  }

  /**
   * All of these people are seen live by this viewer, each at the place the scene gives them.
   * @returns when the oldest of the pictures seen was drawn, Unix ms
   */
  async seenLive(
    viewer: Viewer,
    what: string,
    personIds: readonly string[],
    { deadlineMs = 20_000, drawnAfterUnixMs = 0, nobodyElse = false }: SeenOptions = {},
  ): Promise<number> {
    return await this.eventually(what, deadlineMs, async () => {
      if (nobodyElse && this.areas().size !== personIds.length) return null;
      const ages = await viewer.ages(personIds.map((personId) => this.areaOf(personId)));
      const nowUnixMs = Date.now();
      const limitMs = Math.min(LIVE_MS, nowUnixMs - drawnAfterUnixMs);
      const seen = ages.filter((age): age is number => age !== null && age < limitMs);
      return seen.length === ages.length ? nowUnixMs - Math.max(0, ...seen) : null;
    });
  }

  /** As `eventually`; a failure also shows what the services logged last. */
  async eventually<T>(what: string, deadlineMs: number, look: () => Promise<T | null>): Promise<T> {
    try {
      return await eventually(what, deadlineMs, look);
    } catch (error) {
      throw await withLogs(error, this.system);
    }
  }

  /** Closes everything: host, panelists, viewers, browser, system. */
  async close(): Promise<void> {
    this.show.host.close();
    try {
      await Promise.all(this.show.panelists.map((panelist) => panelist.close()));
    } finally {
      await close(this.browser, this.system);
    }
  }
}

/** The system ends also when the browser makes trouble. */
async function close(browser: Browser | undefined, system: System): Promise<void> {
  try {
    await browser?.close();
  } finally {
    await system.stop();
  }
}

async function withLogs(error: unknown, system: System): Promise<Error> {
  const { message, cause } = error instanceof Error ? error : new Error(String(error));
  return new Error(`${message}\n${await system.lastLogLines()}`, { cause: cause ?? error });
}
