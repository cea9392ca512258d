import type { LiveChannel, WebinarState } from '@rostrum/contracts';
import type { Logger } from 'pino';
import type { WordSide } from './media-plane.ts';
import type { MediaNode, NodeRegistry } from './node-registry.ts';

/** Waits between questions that were not answered, ms. Half of each is random. */
const RETRY_MS = [1000, 2000, 5000, 10_000, 30_000] as const;

/**
 * The webinars that have ended, but of which no broadcaster has said yet what was recorded: it was gone at the end, or the
 * coordinator was. Each is asked about until there is an answer, which goes into the log: a recording that does not exist
 * is never named, and one that is finished late is named then.
 */
export class Endings {
  readonly #nodes: NodeRegistry;
  readonly #words: WordSide;
  readonly #logger: Logger;
  readonly #waiting = new Map<string, LiveChannel>();
  #retry: NodeJS.Timeout | null = null;
  #failures = 0;
  #asking = false;
  #again = false;
  #closed = false;

  constructor({ nodes, words, logger }: { nodes: NodeRegistry; words: WordSide; logger: Logger }) {
    this.#nodes = nodes;
    this.#words = words;
    this.#logger = logger;
  }

  /** Takes note of a webinar in this state. Nothing to do unless it waits for word of its recording. */
  await({ webinarId, phase }: WebinarState): void {
    if (phase.phase !== 'ended' || phase.recording !== 'pending' || !phase.channel) return;
    this.#waiting.set(webinarId, phase.channel);
  }

  /** What a broadcaster answered to the end of a channel; `ran`: the show ran on that one. */
  async answered(
    webinarId: string,
    node: MediaNode,
    recordingUrl: string | null,
    ran: boolean,
  ): Promise<void> {
    const channel = this.#waiting.get(webinarId);
    if (!channel) return;
    // That another broadcaster has nothing of it says nothing.
    const knows =
      ran || (node.description.kind === 'broadcaster' && node.description.originUrl === channel.originUrl);
    const recorded = recordingUrl !== null;
    if (!recorded && !knows) return;
    await this.#words.append(webinarId, ({ phase }) =>
      phase.phase === 'ended' && phase.recording === 'pending'
        ? [{ type: 'webinar.recordingSettled', recorded }]
        : [],
    );
    this.#waiting.delete(webinarId);
    this.#logger.info({ webinarId, recorded }, 'the recording is settled');
  }

  /** Asks those that are connected about all that waits. Call when a broadcaster came, or an end was not confirmed. */
  ask(): void {
    if (this.#closed || this.#waiting.size === 0) return;
    if (this.#asking) {
      this.#again = true;
      return;
    }
    if (this.#retry) clearTimeout(this.#retry);
    this.#retry = null;
    this.#asking = true;
    this.#askAll()
      .then(
        () => {
          this.#failures = 0;
        },
        (error: unknown) => this.#later(error),
      )
      .finally(() => {
        this.#asking = false;
        if (!this.#again) return;
        this.#again = false;
        this.ask();
      });
  }

  async #askAll(): Promise<void> {
    const asked = [...this.#waiting].flatMap(([webinarId, { channelId }]) =>
      this.#nodes.broadcasters().map(async (node) => {
        const { recordingUrl } = await this.#nodes.broadcaster(node, 'channel.end', { channelId });
        await this.answered(webinarId, node, recordingUrl, false);
      }),
    );
    const failed = (await Promise.allSettled(asked)).find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }

  #later(error: unknown): void {
    const ceilingMs = RETRY_MS[Math.min(this.#failures, RETRY_MS.length - 1)] ?? 30_000;
    if (this.#failures === 0) this.#logger.warn({ err: error }, 'no word of a recording yet; asking again');
    this.#failures += 1;
    if (!this.#closed) this.#retry = setTimeout(() => this.ask(), ceilingMs * (1 - Math.random() / 2));
  }

  close(): void {
    this.#closed = true;
    if (this.#retry) clearTimeout(this.#retry);
    this.#retry = null;
  }
}
