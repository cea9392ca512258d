import type { LoggedEvent } from '@rostrum/contracts';
import type { Logger } from 'pino';
import type { Clock } from '../ports.ts';
import type { WebinarLog } from '../store/index.ts';
import { TAIL_EVENTS, WebinarActor } from './actor.ts';
import type { FoldedState } from './fold.ts';
import type { SnapshotPolicy } from './snapshots.ts';

export interface RegistryEvents {
  committed(events: readonly LoggedEvent[], state: FoldedState): void;
  /** Another process writes this webinar now: its people have to connect there. */
  lost(webinarId: string): void;
}

export interface RegistryOptions {
  readonly store: WebinarLog;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly events: RegistryEvents;
  readonly snapshots?: SnapshotPolicy | undefined;
}

/** Logs of ended webinars shortened in one round: loading one takes its time. */
const RETAINED_AT_ONCE = 20;

/** The webinars in memory: one actor each, loaded when first asked for. */
export class WebinarRegistry {
  readonly #store: WebinarLog;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #events: RegistryEvents;
  readonly #snapshots: SnapshotPolicy | undefined;
  readonly #loading = new Map<string, Promise<WebinarActor | null>>();
  readonly #actors = new Map<string, WebinarActor>();

  constructor(options: RegistryOptions) {
    this.#store = options.store;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#events = options.events;
    this.#snapshots = options.snapshots;
  }

  get size(): number {
    return this.#actors.size;
  }

  /** The webinar if it is in memory. */
  loaded(webinarId: string): WebinarActor | null {
    return this.#actors.get(webinarId) ?? null;
  }

  /** Those that are live and written by this process. */
  live(): WebinarActor[] {
    return [...this.#actors.values()].filter((actor) => actor.state.phase.phase === 'live');
  }

  /** Loads the webinar when needed. null: no such webinar. Throws `unavailable`. */
  async get(webinarId: string): Promise<WebinarActor | null> {
    const actor = this.#actors.get(webinarId);
    if (actor) return actor;
    const loading =
      this.#loading.get(webinarId) ??
      this.#load(webinarId).finally(() => {
        this.#loading.delete(webinarId);
      });
    this.#loading.set(webinarId, loading);
    return loading;
  }

  /** Forgets webinars that nobody uses; live ones stay, since the media side looks at them. */
  evict(inUse: (webinarId: string) => boolean): void {
    for (const [webinarId, actor] of this.#actors) {
      if (actor.idle && actor.state.phase.phase !== 'live' && !inUse(webinarId)) {
        this.#actors.delete(webinarId);
      }
    }
  }

  /** Forgets what is in memory of a webinar whose log was written anew; its people connect again. */
  letGo(webinarId: string): void {
    this.#actors.get(webinarId)?.letGo();
  }

  /** Shortens logs of ended webinars that nobody asks for; those in use are shortened when they write snapshots. */
  async retain(): Promise<void> {
    const keepMs = this.#snapshots?.logKeepMs ?? 0;
    if (keepMs === 0) return;
    const beforeUnixMs = this.#clock.nowUnixMs() - keepMs;
    const { snapshots } = this.#store;
    for (const webinarId of await snapshots.prunable(beforeUnixMs, TAIL_EVENTS, RETAINED_AT_ONCE)) {
      await (await this.get(webinarId))?.retain();
    }
  }

  /** Waits for every command under way. */
  async settled(): Promise<void> {
    await Promise.all([...this.#actors.values()].map((actor) => actor.settled()));
  }

  async #load(webinarId: string): Promise<WebinarActor | null> {
    const actor = await WebinarActor.load({
      webinarId,
      store: this.#store,
      clock: this.#clock,
      logger: this.#logger,
      snapshots: this.#snapshots,
      events: {
        committed: (_actor, events, state) => this.#events.committed(events, state),
        fenced: (fenced) => {
          if (this.#actors.get(webinarId) === fenced) this.#actors.delete(webinarId);
          this.#events.lost(webinarId);
        },
      },
    });
    if (actor) this.#actors.set(webinarId, actor);
    return actor;
  }
}
