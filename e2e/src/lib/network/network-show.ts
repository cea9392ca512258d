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
import type {
  ConnectionChange,
  Counters,
  HeardWindow,
  SentLayer,
  StageFrame,
  Taken,
} from './network-probe.ts';

const PROBE = fileURLToPath(new URL('./network-probe.ts', import.meta.url));
const GO_LIVE_DEADLINE_MS = 30_000;

const AWAY_CAMERA = { hue: 255, width: 1280, height: 720 } as const;
const NEAR_CAMERA = { hue: 150, width: 640, height: 360 } as const;
const THIRD_CAMERA = { hue: 40, width: 640, height: 360 } as const;

/** Hz: who is behind the line listens for `near`'s, everybody else for theirs. */
export const TONES = { away: 1900, near: 2700, third: 3500 } as const;

/** How somebody comes on stage. */
interface Coming {
  readonly name: keyof typeof TONES;
  readonly browser: Browser;
  readonly media: { readonly hue: number; readonly width: number; readonly height: number };
}

/** All that was taken from a page so far. */
export interface Recording extends Omit<Taken, 'atUnixMs' | 'counters'> {
  readonly frames: StageFrame[];
  readonly sound: HeardWindow[];
  readonly sent: SentLayer[];
  readonly connections: ConnectionChange[];
}

/** Somebody on stage whose page is looked into. */
export class Watched {
  readonly personId: string;
  readonly onStage: OpenPanelist;
  /** What came to them from the others, up to the last look. */
  readonly recording: Recording = { frames: [], sound: [], sent: [], connections: [] };

  /** When that was; a page that is busy answers late. */
  lookedUnixMs = 0;

  constructor(personId: string, onStage: OpenPanelist) {
    this.personId = personId;
    this.onStage = onStage;
  }

  /** Pictures that came to them from somebody. */
  framesOf({ personId }: Watched): StageFrame[] {
    return this.recording.frames.filter(({ stream }) => stream.startsWith(personId));
  }

  /** Adds to the recording what came since. @returns what the browser counted */
  async look(): Promise<Counters> {
    const taken = await this.onStage.page.evaluate(() => window.networkProbe.take());
    this.lookedUnixMs = taken.atUnixMs;
    this.recording.frames.push(...taken.frames);
    this.recording.sound.push(...taken.sound);
    this.recording.sent.push(...taken.sent);
    this.recording.connections.push(...taken.connections);
    return taken.counters;
  }
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
  /** Lines of the camera behind the line. */
  readonly cameraHeight = AWAY_CAMERA.height;
  readonly #nearBrowser: Browser;
  readonly #undo: (() => Promise<unknown>)[];

  private constructor(
    parts: Pick<NetworkShow, 'network' | 'system' | 'webinar' | 'host' | 'away' | 'near'>,
    nearBrowser: Browser,
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
    this.#nearBrowser = nearBrowser;
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
      const nearBrowser = await launchChromium({ trustedOrigins });
      undo.push(() => nearBrowser.close());
      const awayBrowser = await launchChromium({ trustedOrigins, executablePath });
      undo.push(() => awayBrowser.close());
      const near = await join(system, webinar, { name: 'near', browser: nearBrowser, media: NEAR_CAMERA });
      progress('near is on stage');
      const away = await join(system, webinar, { name: 'away', browser: awayBrowser, media: AWAY_CAMERA });
      progress('away is on stage');
      await host.command('scene:update', { layout: 'spotlight' });
      await host.command('air:set', { personId: away.personId, onAir: true });
      await host.command('webinar:goLive', {}, GO_LIVE_DEADLINE_MS);
      progress('live');
      return new NetworkShow({ network, system, webinar, host, away, near }, nearBrowser, undo);
    } catch (error) {
      await closeAll(undo).catch(() => undefined);
      throw error;
    }
  }

  /** One more on this machine, until the show is closed. */
  bringThird(): Promise<Watched> {
    const coming = { name: 'third', browser: this.#nearBrowser, media: THIRD_CAMERA } as const;
    return join(this.system, this.webinar, coming);
  }

  /** The page of the one behind the line is loaded anew, and they come on stage as they would. */
  async reload(): Promise<void> {
    await this.away.onStage.page.reload();
    await joinStage(this.away.onStage);
  }

  /** Ends the show. @returns where its recording is */
  async end(): Promise<string> {
    await this.host.command('webinar:end', {});
    const { phase } = await this.host.until(
      'the recording',
      (view) => view.phase.phase === 'ended' && view.phase.recordingUrl !== null,
      20_000,
    );
    if (phase.phase !== 'ended' || !phase.recordingUrl) throw new Error('no recording');
    return phase.recordingUrl;
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

async function join(
  { api }: System,
  { webinarId }: WebinarSummary,
  { name, browser, media: { hue, ...size } }: Coming,
): Promise<Watched> {
  const link = await api.createLink(webinarId, { role: 'panelist', name });
  const listenForHz = name === 'away' ? TONES.near : TONES.away;
  const probe = `globalThis.listenForHz = ${listenForHz};\n${await bundled(PROBE)}`;
  const onStage = await openPanelist(
    browser,
    link.url,
    drawnCamera(name, hue, { pilotHz: TONES[name], ...size }),
    {
      probe,
      // So large that the others' tiles are worth the highest layer.
      width: 1600,
      height: 1000,
    },
  );
  await joinStage(onStage);
  return new Watched(link.personId, onStage);
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
