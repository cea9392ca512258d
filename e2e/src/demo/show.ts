import type { ProfileName, WebinarSummary } from '@rostrum/contracts';
import type { Api } from '../lib/api.ts';
import type { CrewMember } from '../lib/crew.ts';
import type { HeadlessPanelist, JoinOptions } from '../panelist/panelist.ts';
import { clipPlayer } from '../panelist/player.ts';
import type { Talker } from './conversation.ts';
import type { OwnWebinars } from './own-webinars.ts';
import { LateError, oneLine, reasonOf, type Teller } from './trouble.ts';

export const TITLE = 'What we learned this quarter';

/** Where the show can be seen, directed and joined. */
export interface Links {
  readonly host: string;
  readonly panelist: string;
  readonly watch: string;
  readonly playlist: string;
}

export interface DemoShowParts {
  readonly api: Api;
  readonly own: OwnWebinars;
  readonly profile: ProfileName;
  /** Who is on stage; asked for once. */
  readonly talkers: () => Promise<readonly Talker[]>;
  readonly joinAsCrew: (coordinatorUrl: string, token: string) => Promise<CrewMember>;
  readonly joinHeadless: (options: JoinOptions) => Promise<HeadlessPanelist>;
  readonly teller: Teller;
  readonly now: () => number;
}

/** What a step may take, also on a machine that is full. */
const STEP_MS = 20_000;
/** A stage that lets nobody on does not keep the show from beginning: they come when they can. */
const GO_WITHOUT_MS = 20_000;
const END_MS = 2500;

/** How the demo's host gets in, and one more panelist, by hand. */
interface CrewLinks {
  readonly hostToken: string;
  readonly hostUrl: string;
  readonly panelistUrl: string;
}

type Phase = 'preparing' | 'live' | 'over';

/**
 * The demo's webinar, brought about step by step. `look` does the next thing that is missing and keeps what was done before, so
 * that after any failure it is simply called again.
 */
export class DemoShow {
  readonly #parts: DemoShowParts;
  readonly #stopped = new AbortController();
  #tidy = false;
  #talkers: readonly Talker[] | null = null;
  /** A request that is late may still be carried out: it is waited for again rather than repeated. */
  #making: Promise<WebinarSummary> | null = null;
  #webinar: WebinarSummary | null = null;
  #crew: CrewLinks | null = null;
  #host: CrewMember | null = null;
  #directed = false;
  #wentLive = false;
  #joiningSince: number | null = null;
  readonly #panelists = new Map<Talker, Promise<HeadlessPanelist | null>>();
  #onStage = 0;

  constructor(parts: DemoShowParts) {
    this.#parts = parts;
  }

  /**
   * Does what is missing.
   * @returns how the show stands; `null` links until it is live
   * @throws what went wrong with the step at hand
   */
  async look(): Promise<{ readonly phase: Phase; readonly links: Links | null }> {
    this.#talkers ??= await this.#parts.talkers();
    await this.#endLeftovers();
    this.#webinar ??= await this.#makeWebinar();
    const webinar = this.#webinar;
    this.#crew ??= await this.#makeLinks(webinar.webinarId);
    const crew = this.#crew;
    this.#host ??= await this.#join(crew.hostToken);
    const host = this.#host;
    if (!this.#directed) {
      await host.command('direction:set', { direction: 'automatic' });
      this.#directed = true;
    }
    const { phase } = host.view();
    if (phase.phase === 'ended') {
      await this.#parts.own.remove(webinar.webinarId);
      return { phase: 'over', links: null };
    }
    this.#joiningSince ??= this.#parts.now();
    for (const talker of this.#talkers) this.#bring(talker, webinar.webinarId);
    if (phase.phase === 'live') {
      const watch = await this.#watchUrl(webinar);
      const links = { host: crew.hostUrl, panelist: crew.panelistUrl, watch, playlist: phase.playlistUrl };
      return { phase: 'live', links };
    }
    const waitedMs = this.#parts.now() - this.#joiningSince;
    if (this.#onStage >= this.#talkers.length || waitedMs >= GO_WITHOUT_MS) {
      this.#wentLive = true;
      await host.command('webinar:goLive', {});
    }
    return { phase: 'preparing', links: null };
  }

  /** Ends the webinar and leaves; what could not be ended in time stays noted for the next demo. Never rejects. */
  async end(): Promise<void> {
    this.#stopped.abort(new Error('the demo is stopped'));
    const host = this.#host;
    const ended = host && this.#wentLive ? this.#endBy(host) : Promise.resolve(!this.#wentLive);
    const left = [...this.#panelists.values()].map(async (panelist) => (await panelist)?.close());
    try {
      const [done] = await Promise.all([
        ended,
        within(END_MS, 'the stage', Promise.all(left)).catch(() => undefined),
      ]);
      if (done && this.#webinar) await this.#parts.own.remove(this.#webinar.webinarId);
    } catch (error) {
      this.#parts.teller.info(
        `the demo's webinar could not be ended: ${reasonOf(error)}; the next demo ends it`,
      );
    } finally {
      host?.close();
    }
  }

  async #endBy(host: CrewMember): Promise<boolean> {
    await host.command('webinar:end', {}, END_MS);
    return true;
  }

  /** Ends what an earlier demo left live, if it was killed. */
  async #endLeftovers(): Promise<void> {
    if (this.#tidy) return;
    const { api, own, teller } = this.#parts;
    for (const webinarId of await own.list()) {
      if (await this.#isLive(webinarId)) {
        const link = await within(
          STEP_MS,
          'the coordinator',
          api.createLink(webinarId, { role: 'host', name: 'Demo host' }),
        );
        const host = await this.#join(link.token);
        try {
          if (host.view().phase.phase === 'live') await host.command('webinar:end', {});
        } finally {
          host.close();
        }
        teller.info("an earlier demo's webinar was still live; it is ended");
      }
      await own.remove(webinarId);
    }
    this.#tidy = true;
  }

  async #makeWebinar(): Promise<WebinarSummary> {
    const { api, own, profile } = this.#parts;
    this.#making ??= api.createWebinar({ title: TITLE, profile });
    this.#making.catch(() => {
      this.#making = null;
    });
    const made = await within(STEP_MS, 'the coordinator', this.#making);
    await own.add(made.webinarId);
    return made;
  }

  async #makeLinks(webinarId: string): Promise<CrewLinks> {
    const link = (role: 'host' | 'panelist', name: string) =>
      within(STEP_MS, 'the coordinator', this.#parts.api.createLink(webinarId, { role, name }));
    const [host, spare] = await Promise.all([link('host', 'Demo host'), link('panelist', 'You')]);
    return { hostToken: host.token, hostUrl: host.url, panelistUrl: spare.url };
  }

  /** A webinar that was made before a broadcaster was there has its watch page later. */
  async #watchUrl(webinar: WebinarSummary): Promise<string> {
    if (webinar.watchUrl) return webinar.watchUrl;
    this.#webinar = await within(STEP_MS, 'the coordinator', this.#parts.api.webinar(webinar.webinarId));
    if (!this.#webinar.watchUrl) throw new Error('no broadcaster is connected, so there is no watch page');
    return this.#webinar.watchUrl;
  }

  async #isLive(webinarId: string): Promise<boolean> {
    try {
      const { phase } = await within(STEP_MS, 'the coordinator', this.#parts.api.webinar(webinarId));
      return phase === 'live';
    } catch (error) {
      // Of another database: not there to be ended.
      if (error instanceof Error && 'status' in error && (error.status === 404 || error.status === 403))
        return false;
      throw error;
    }
  }

  async #join(token: string): Promise<CrewMember> {
    try {
      return await this.#parts.joinAsCrew(this.#parts.api.baseUrl, token);
    } catch (cause) {
      throw new Error('the coordinator lets no host into the webinar', { cause });
    }
  }

  /** Brings somebody on stage, where they stay by themselves. */
  #bring(talker: Talker, webinarId: string): void {
    if (this.#panelists.has(talker)) return;
    const { teller } = this.#parts;
    const { name } = talker.clip;
    const joined = this.#send(talker, webinarId).then(
      (panelist) => {
        this.#onStage += 1;
        void panelist.ended.then((ending) => {
          this.#onStage -= 1;
          if (ending.kind === 'dismissed') teller.info(`${name} was taken off the stage`);
          if (ending.kind === 'refused') this.#bringLater(talker, ending.message);
        });
        return panelist;
      },
      (error: unknown) => {
        if (!this.#stopped.signal.aborted) this.#bringLater(talker, reasonOf(error));
        return null;
      },
    );
    this.#panelists.set(talker, joined);
  }

  /** With a new link, since this one was refused. */
  #bringLater(talker: Talker, why: string): void {
    const { name } = talker.clip;
    this.#parts.teller.trouble(name, `the demo's panelist ${name} could not join: ${oneLine(why)}`, STEP_MS);
    setTimeout(() => this.#panelists.delete(talker), STEP_MS).unref();
  }

  async #send(talker: Talker, webinarId: string): Promise<HeadlessPanelist> {
    const { api, teller } = this.#parts;
    const { clip, offsetMs } = talker;
    const link = await within(
      STEP_MS,
      'the coordinator',
      api.createLink(webinarId, { role: 'panelist', name: clip.name }),
    );
    return this.#parts.joinHeadless({
      coordinatorUrl: api.baseUrl,
      token: link.token,
      media: clipPlayer(clip, { offsetMs }),
      signal: this.#stopped.signal,
      progress: (line) => teller.well(clip.name, `${clip.name}: ${line}`, true),
      onTrouble: ({ what, message, retryInMs }) => {
        const happened = what === 'lost' ? 'lost the stage' : 'could not join';
        teller.trouble(
          clip.name,
          `the demo's panelist ${clip.name} ${happened}: ${oneLine(withoutCommand(message))}`,
          retryInMs,
        );
      },
    });
  }
}

/** `media:join: no stage is connected` tells a person no more than what follows the command. */
const withoutCommand = (message: string): string => message.replace(/^media:\w+: /, '');

/** @throws LateError */
async function within<T>(ms: number, who: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new LateError(who, ms)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
