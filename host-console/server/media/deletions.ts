import type { Recorder, RecordingRemains, WebinarState } from '@rostrum/contracts';
import { Reconciler } from '@rostrum/service-kit/reconciler';
import type { Logger } from 'pino';
import { Trouble } from '../trouble.ts';
import { erased } from '../webinars/features/phase/decide.ts';
import type { WordSide } from './media-plane.ts';
import type { MediaNode, NodeRegistry } from './node-registry.ts';

const RETRY = { firstMs: 500, maxMs: 30_000 } as const;
/** How often they are asked how far it is. */
const AGAIN_MS = 5000;

export interface DeletionsOptions {
  readonly nodes: NodeRegistry;
  readonly words: WordSide;
  readonly logger: Logger;
  /** Monotonic milliseconds. */
  readonly nowMs: () => number;
}

/**
 * Recordings that the log says are deleted. Every broadcaster is asked until each has said that nothing is left; one that comes
 * later with files of such a recording names them in its heartbeats, and is told then.
 */
export class Deletions {
  readonly #o: DeletionsOptions;
  readonly #open = new Map<string, Deletion>();
  /** What they named is being looked up. */
  readonly #looking = new WeakSet<MediaNode>();
  readonly #trouble: Trouble;

  constructor(options: DeletionsOptions) {
    this.#o = options;
    this.#trouble = new Trouble('deleting what a broadcaster still had', options.logger, options.nowMs);
  }

  /** The log moved, or is read at the start. */
  look({ webinarId, phase }: WebinarState): void {
    const wanted = phase.phase === 'ended' && phase.recording === 'deleting';
    if (!wanted) this.lost(webinarId);
    if (!wanted || this.#open.has(webinarId) || !phase.channel) return;
    const { channelId, originUrl } = phase.channel;
    const deletion = new Deletion({
      ...{ ...this.#o, webinarId, channelId },
      holder: phase.recordedBy ?? { originUrl },
      over: () => this.lost(webinarId),
    });
    this.#open.set(webinarId, deletion);
    deletion.ask();
  }

  /** There may be other answers now. */
  ask(): void {
    for (const deletion of this.#open.values()) deletion.ask();
  }

  /** A broadcaster has these, among others. Returns at once. */
  held(node: MediaNode, channelIds: readonly string[]): void {
    if (channelIds.length === 0 || this.#looking.has(node)) return;
    this.#looking.add(node);
    this.#deleteHeld(node, channelIds)
      .then(
        () => this.#trouble.worked(),
        (error: unknown) => this.#trouble.failed(error),
      )
      .finally(() => this.#looking.delete(node));
  }

  /** null: none is being deleted here. */
  remains(webinarId: string): readonly RecordingRemains[] | null {
    return this.#open.get(webinarId)?.remains ?? null;
  }

  /** Nothing is to be done here any more. */
  lost(webinarId: string): void {
    this.#open.get(webinarId)?.close();
    this.#open.delete(webinarId);
  }

  close(): void {
    for (const webinarId of [...this.#open.keys()]) this.lost(webinarId);
  }

  /** A channel has its webinar's id. */
  async #deleteHeld(node: MediaNode, channelIds: readonly string[]): Promise<void> {
    const { nodes, words, logger } = this.#o;
    for (const channelId of channelIds) {
      if (!(await words.recordingIsDeleted(channelId))) continue;
      await nodes.broadcaster(node, 'recording.delete', { channelId });
      logger.info({ channelId, nodeId: node.nodeId }, 'told a broadcaster to delete what it still had');
    }
  }
}

/** Who is known to have had it; where it is not known who, at which address it was shown. */
type Holder = Pick<Recorder, 'originUrl'> & Partial<Pick<Recorder, 'nodeId'>>;

interface DeletionOptions extends DeletionsOptions {
  readonly webinarId: string;
  readonly channelId: string;
  readonly holder: Holder;
  readonly over: () => void;
}

class Deletion {
  readonly #o: DeletionOptions;
  readonly #reconciler: Reconciler;
  /** Until somebody answered. */
  #remains: readonly RecordingRemains[] = ['broadcaster'];
  #again: NodeJS.Timeout | undefined;

  constructor(options: DeletionOptions) {
    this.#o = options;
    const { webinarId, nowMs } = options;
    const trouble = new Trouble('deleting a recording', options.logger.child({ webinarId }), nowMs);
    this.#reconciler = new Reconciler({
      reconcile: () => this.#reconcile(),
      backoff: RETRY,
      worked: () => trouble.worked(),
      failed: (error) => trouble.failed(error),
    });
  }

  get remains(): readonly RecordingRemains[] {
    return this.#remains;
  }

  ask(): void {
    this.#reconciler.changed();
  }

  close(): void {
    clearTimeout(this.#again);
    this.#reconciler.close();
  }

  async #reconcile(): Promise<void> {
    clearTimeout(this.#again);
    const { nodes, channelId, webinarId, words, over, logger } = this.#o;
    const asked = nodes.broadcasters();
    const answers = await Promise.allSettled(
      asked.map((node) => nodes.broadcaster(node, 'recording.delete', { channelId })),
    );
    if (this.#reconciler.closed) return;
    const silent = answers.some(({ status }) => status === 'rejected');
    const left = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value.left : []));
    const away = silent || !isAmong(asked, this.#o.holder);
    this.#remains = [...new Set<RecordingRemains>([...(away ? ['broadcaster' as const] : []), ...left])];
    const failed = answers.find((answer) => answer.status === 'rejected');
    if (failed) throw failed.reason;
    if (this.#remains.length > 0) {
      // One that is away asks for itself when it comes.
      if (left.length > 0) this.#again = setTimeout(() => this.ask(), AGAIN_MS);
      this.#again?.unref();
      return;
    }
    await words.append(webinarId, erased);
    logger.info({ webinarId }, 'nothing is left of a deleted recording');
    over();
  }
}

/** It has its id, or the address that it had. */
function isAmong(broadcasters: readonly MediaNode[], { nodeId, originUrl }: Holder): boolean {
  return broadcasters.some(
    (node) =>
      node.nodeId === nodeId ||
      (node.description.kind === 'broadcaster' && node.description.originUrl === originUrl),
  );
}
