import type { RecordingShape, WebinarState } from '@rostrum/contracts';
import { RostrumError } from '@rostrum/contracts';
import { backoffMs } from '@rostrum/service-kit/backoff';
import type { Logger } from 'pino';
import { Trouble } from '../trouble.ts';
import type { MediaNode, NodeRegistry } from './node-registry.ts';

const RETRY = { firstMs: 500, maxMs: 60_000 } as const;
/** Of one recording: what is changed meanwhile goes along with the next one. */
const APART_MS = 2000;
/** Webinars that are seen to at once: a broadcaster that does not answer holds up few. */
const AT_ONCE = 4;
/** A log that is not in memory is read no sooner after another: after a start there may be thousands. */
const READS_APART_MS = 500;
/** What the log said of a webinar that is not in memory is believed for so long: others may write it. */
const BELIEVED_MS = 3_600_000;

/** What a broadcaster says it has. */
export interface ToldShape {
  readonly channelId: string;
  readonly revision: number;
}

export interface ShapesOptions {
  readonly nodes: Pick<NodeRegistry, 'broadcasters' | 'broadcaster'>;
  /** As the log has it; null: there is no such webinar, or it never was live. */
  readonly shape: (webinarId: string) => Promise<RecordingShape | null>;
  /** Of a webinar in memory. */
  readonly state: (webinarId: string) => WebinarState | null;
  readonly logger: Logger;
  /** Monotonic milliseconds. */
  readonly nowMs: () => number;
}

interface Care {
  busy: boolean;
  notBeforeMs: number;
  /** Something changed while it was busy. */
  again: boolean;
  readonly trouble: Trouble;
}

/**
 * Keeps recordings as the log wants them, wherever they are. A broadcaster says again and again, in its heartbeats, by which
 * revision each of its recordings is played; who has an older one than the log is told. So nothing is missed when either side was
 * away, and there is nothing to remember of it.
 */
export class RecordingShapes {
  readonly #o: ShapesOptions;
  readonly #told = new WeakMap<MediaNode, Map<string, number>>();
  readonly #wanted = new Map<string, { readonly revision: number; readonly untilMs: number }>();
  readonly #cares = new Map<string, Care>();
  readonly #sentAtMs = new Map<string, number>();
  #nextReadMs = Number.NEGATIVE_INFINITY;

  constructor(options: ShapesOptions) {
    this.#o = options;
  }

  /** A broadcaster says what it has. Returns at once. */
  look(node: MediaNode, told: readonly ToldShape[]): void {
    if (told.length === 0) return;
    const has = this.#told.get(node) ?? new Map<string, number>();
    this.#told.set(node, has);
    for (const { channelId, revision } of told) {
      has.set(channelId, revision);
      const wanted = this.#wantedRevision(channelId);
      // A webinar's channel has its id.
      if (wanted === undefined || wanted > revision) this.#due(channelId);
    }
    this.#pump();
  }

  /** The log moved. */
  observe({ webinarId, edit, phase }: WebinarState): void {
    if (phase.phase === 'scheduled' || this.#wanted.get(webinarId)?.revision === edit.revision) return;
    this.#believe(webinarId, edit.revision);
    this.#due(webinarId);
    this.#pump();
  }

  /** Time has passed. */
  tick(): void {
    const nowMs = this.#o.nowMs();
    for (const [id, atMs] of this.#sentAtMs) if (nowMs - atMs > APART_MS) this.#sentAtMs.delete(id);
    this.#pump();
  }

  /** Another coordinator writes the webinar now, and what it wrote is not known here. */
  lost(webinarId: string): void {
    this.#wanted.delete(webinarId);
  }

  close(): void {
    this.#cares.clear();
  }

  #due(webinarId: string): void {
    const known = this.#cares.get(webinarId);
    if (known) {
      known.again = true;
      return;
    }
    const logger = this.#o.logger.child({ webinarId });
    const sentAtMs = this.#sentAtMs.get(webinarId) ?? Number.NEGATIVE_INFINITY;
    this.#cares.set(webinarId, {
      busy: false,
      notBeforeMs: sentAtMs + APART_MS,
      again: false,
      trouble: new Trouble('telling what a recording is to be', logger, this.#o.nowMs),
    });
  }

  #pump(): void {
    const nowMs = this.#o.nowMs();
    let busy = [...this.#cares.values()].filter((care) => care.busy).length;
    for (const [webinarId, care] of this.#cares) {
      if (busy >= AT_ONCE) return;
      if (care.busy || care.notBeforeMs > nowMs) continue;
      if (!this.#o.state(webinarId)) {
        if (this.#nextReadMs > nowMs) continue;
        this.#nextReadMs = nowMs + READS_APART_MS;
      }
      busy += 1;
      void this.#see(webinarId, care);
    }
  }

  async #see(webinarId: string, care: Care): Promise<void> {
    care.busy = true;
    care.again = false;
    try {
      await this.#tell(webinarId);
      care.trouble.worked();
      if (care.again) care.notBeforeMs = this.#o.nowMs() + APART_MS;
      else this.#cares.delete(webinarId);
    } catch (error) {
      care.trouble.failed(error);
      care.notBeforeMs = this.#o.nowMs() + backoffMs(RETRY, care.trouble.failures);
    } finally {
      care.busy = false;
    }
  }

  /** Rejects when somebody could not be told; the others are. */
  async #tell(webinarId: string): Promise<void> {
    const { nodes, shape: read } = this.#o;
    const shape = await read(webinarId);
    this.#believe(webinarId, shape?.revision ?? 0);
    if (!shape) return;
    this.#sentAtMs.set(webinarId, this.#o.nowMs());
    const behind = nodes.broadcasters().filter((node) => {
      const has = this.#told.get(node)?.get(webinarId);
      return has !== undefined && has < shape.revision;
    });
    const answers = await Promise.allSettled(behind.map((node) => this.#tellOne(node, webinarId, shape)));
    const failed = answers.find((answer) => answer.status === 'rejected');
    if (failed) throw failed.reason;
  }

  async #tellOne(node: MediaNode, channelId: string, shape: RecordingShape): Promise<void> {
    const has = this.#told.get(node);
    try {
      const { revision } = await this.#o.nodes.broadcaster(node, 'recording.shape', { channelId, shape });
      has?.set(channelId, revision);
    } catch (error) {
      if (!(error instanceof RostrumError && error.code === 'not-found')) throw error;
      // It has nothing of it any more.
      has?.delete(channelId);
    }
  }

  #wantedRevision(webinarId: string): number | undefined {
    const state = this.#o.state(webinarId);
    if (state) return state.phase.phase === 'scheduled' ? 0 : state.edit.revision;
    const known = this.#wanted.get(webinarId);
    return known && known.untilMs > this.#o.nowMs() ? known.revision : undefined;
  }

  #believe(webinarId: string, revision: number): void {
    this.#wanted.set(webinarId, { revision, untilMs: this.#o.nowMs() + BELIEVED_MS });
  }
}
