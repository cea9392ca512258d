import type { LiveChannel } from '@rostrum/contracts';
import { Reconciler } from '@rostrum/service-kit/reconciler';
import type { Logger } from 'pino';
import { Trouble } from '../trouble.ts';
import type { WordSide } from './media-plane.ts';
import type { MediaNode, NodeRegistry } from './node-registry.ts';
import { recorderOf, settleRecording } from './recorded.ts';

const RETRY = { firstMs: 200, maxMs: 30_000 } as const;

/**
 * A webinar that has ended, of which no broadcaster has said yet what was recorded: the channel's own was late, or gone, or
 * the coordinator was. They are asked until there is an answer, which goes into the log: a recording that does not exist is
 * never named, and one that is finished late is named then. Over when the log has it.
 */
export class Ending {
  readonly channel: LiveChannel;
  readonly #webinarId: string;
  readonly #nodes: NodeRegistry;
  readonly #words: WordSide;
  readonly #logger: Logger;
  readonly #reconciler: Reconciler;
  /** The boot that ran it to the end; null: none, or it is lost. */
  #ranOn: MediaNode | null;
  /** They answered that they have nothing of it. */
  readonly #without = new WeakSet<MediaNode>();

  constructor(options: {
    webinarId: string;
    channel: LiveChannel;
    ranOn: MediaNode | null;
    nodes: NodeRegistry;
    words: WordSide;
    logger: Logger;
    /** Monotonic milliseconds. */
    nowMs: () => number;
  }) {
    this.#webinarId = options.webinarId;
    this.channel = options.channel;
    this.#ranOn = options.ranOn;
    this.#nodes = options.nodes;
    this.#words = options.words;
    this.#logger = options.logger.child({ webinarId: options.webinarId });
    const trouble = new Trouble('settling a recording', this.#logger, options.nowMs);
    this.#reconciler = new Reconciler({
      reconcile: () => this.#reconcile(),
      backoff: RETRY,
      worked: () => trouble.worked(),
      failed: (error) => trouble.failed(error),
    });
  }

  /** There may be an answer now: a broadcaster came, or is here again. */
  ask(): void {
    this.#reconciler.changed();
  }

  nodeDown(node: MediaNode): void {
    if (this.#ranOn !== node) return;
    this.#ranOn = null;
    this.ask();
  }

  close(): void {
    this.#reconciler.close();
  }

  async #reconcile(): Promise<void> {
    // While it may answer, nobody else is asked: the channel is its own until then.
    const asked = this.#ranOn ? [this.#ranOn] : this.#nodes.broadcasters();
    const answers = await Promise.allSettled(
      asked.filter((node) => !this.#without.has(node)).map((node) => this.#askOne(node)),
    );
    const failed = answers.find((answer) => answer.status === 'rejected');
    if (failed) throw failed.reason;
  }

  async #askOne(node: MediaNode): Promise<void> {
    const { channelId } = this.channel;
    const by = recorderOf(node, await this.#nodes.broadcaster(node, 'channel.end', { channelId }));
    const recorded = by !== null;
    const { description } = node;
    const itsOwn =
      node === this.#ranOn ||
      (description.kind === 'broadcaster' && description.originUrl === this.channel.originUrl);
    // That another broadcaster has nothing of it says nothing.
    if (!recorded && !itsOwn) {
      this.#without.add(node);
      return;
    }
    await this.#words.append(this.#webinarId, ({ phase }) => settleRecording(phase, by));
    this.#logger.info({ recorded }, 'the recording is settled');
  }
}
