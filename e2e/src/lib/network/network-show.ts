import { fileURLToPath } from 'node:url';
import type { WebinarSummary } from '@rostrum/contracts';
import type { Browser } from 'playwright-core';
import { chromiumPath, launchChromium, type OpenPanelist, openPanelist } from '../browser.ts';
import { bundled } from '../bundle.ts';
import { type CrewMember, joinAsCrew } from '../crew.ts';
import { joinStage } from '../show.ts';
import { drawnCamera } from '../synthetic-media.ts';
import { System } from '../system.ts';
import { eventually } from '../viewer.ts';
import { Network } from './network.ts';
import type { Taken } from './stage-probe.ts';

const PROBE = fileURLToPath(new URL('./stage-probe.ts', import.meta.url));
const GO_LIVE_DEADLINE_MS = 30_000;

/** Hz: each hears the other's. */
export const TONES = { away: 1900, near: 2700 } as const;

/** Somebody on stage whose page is looked into. */
export interface Watched {
  readonly personId: string;
  readonly onStage: OpenPanelist;
  take(): Promise<Taken>;
}

/**
 * A live show of two on stage: one whose home is behind a line that can be made bad (`away`), and one on this machine (`near`). Only
 * the first is on air, and fills the picture.
 */
export class NetworkShow {
  readonly network: Network;
  readonly system: System;
  readonly webinar: WebinarSummary;
  readonly host: CrewMember;
  readonly away: Watched;
  readonly near: Watched;
  readonly #undo: (() => Promise<unknown>)[];

  private constructor(
    parts: Pick<NetworkShow, 'network' | 'system' | 'webinar' | 'host' | 'away' | 'near'>,
    undo: (() => Promise<unknown>)[],
  ) {
    ({
      network: this.network,
      system: this.system,
      webinar: this.webinar,
      host: this.host,
      away: this.away,
      near: this.near,
    } = parts);
    this.#undo = undo;
  }

  /** When a step fails, what was there already is closed. */
  static async open(progress: (line: string) => void = () => undefined): Promise<NetworkShow> {
    const undo: (() => Promise<unknown>)[] = [];
    try {
      const network = await Network.open();
      undo.push(() => network.close());
      const system = await System.start({ env: systemSettings(network.serverIp) });
      undo.push(() => system.stop());
      const { api } = system;
      const webinar = await api.createWebinar({ title: 'Networks', profile: 'standard' });
      const hostLink = await api.createLink(webinar.webinarId, { role: 'host', name: 'Host' });
      const host = await joinAsCrew(api.baseUrl, hostLink.token);
      undo.push(async () => host.close());
      await host.command('direction:set', { direction: 'manual' });
      const trustedOrigins = [api.baseUrl];
      const executablePath = await network.program(chromiumPath());
      const join = async (
        name: keyof typeof TONES,
        browser: Browser,
        media: { readonly hue: number; readonly width: number; readonly height: number },
      ): Promise<Watched> => {
        const { hue, ...size } = media;
        const link = await api.createLink(webinar.webinarId, { role: 'panelist', name });
        const listenForHz = name === 'away' ? TONES.near : TONES.away;
        const probe = `globalThis.listenForHz = ${listenForHz};\n${await bundled(PROBE)}`;
        const camera = drawnCamera(name, hue, { pilotHz: TONES[name], ...size });
        const onStage = await openPanelist(browser, link.url, camera, {
          probe,
          // So large that the others' tiles are worth the highest layer.
          width: 1600,
          height: 1000,
        });
        await joinStage(onStage);
        progress(`${name} is on stage`);
        return {
          personId: link.personId,
          onStage,
          take: () => onStage.page.evaluate(() => window.stageProbe.take()),
        };
      };
      const nearBrowser = await launchChromium({ trustedOrigins });
      undo.push(() => nearBrowser.close());
      const awayBrowser = await launchChromium({ trustedOrigins, executablePath });
      undo.push(() => awayBrowser.close());
      const near = await join('near', nearBrowser, { hue: 150, width: 640, height: 360 });
      const away = await join('away', awayBrowser, { hue: 255, width: 1280, height: 720 });
      await host.command('scene:update', { layout: 'spotlight' });
      await host.command('air:set', { personId: away.personId, onAir: true });
      await host.command('webinar:goLive', {}, GO_LIVE_DEADLINE_MS);
      progress('live');
      return new NetworkShow({ network, system, webinar, host, away, near }, undo);
    } catch (error) {
      await closeAll(undo).catch(() => undefined);
      throw error;
    }
  }

  /** As everywhere; a failure also shows what the services logged last. */
  async eventually<T>(what: string, deadlineMs: number, look: () => Promise<T | null>): Promise<T> {
    try {
      return await eventually(what, deadlineMs, look);
    } catch (error) {
      const { message, cause } = error as Error;
      throw new Error(`${message}\n${await this.system.lastLogLines()}`, { cause });
    }
  }

  /** Everything, in reverse order. */
  close(): Promise<void> {
    return closeAll(this.#undo);
  }
}

async function closeAll(undo: (() => Promise<unknown>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const step of undo.splice(0).reverse()) await step().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}

/** The stage and the console are reached from the home; viewers are on this machine. */
const systemSettings = (serverIp: string): Record<string, string> => ({
  ROSTRUM_CONSOLE_HOST: serverIp,
  ROSTRUM_SFU_LISTEN_IP: serverIp,
  ROSTRUM_MEDIA_IP: serverIp,
  ROSTRUM_ORIGIN_HOST: '127.0.0.1',
});
