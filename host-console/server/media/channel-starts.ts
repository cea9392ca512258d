import { type ErrorCode, RostrumError, type ShowHealth, type WebinarState } from '@rostrum/contracts';
import { backoffMs } from '@rostrum/service-kit/backoff';
import type { Logger } from 'pino';
import type { MediaNode, NodeRegistry } from './node-registry.ts';
import { Trouble } from './trouble.ts';

/** What says nothing about whether the channel starts: the node is late, was cut off, or stops. */
const MAY_COME: readonly ErrorCode[] = ['node-timeout', 'node-lost', 'unavailable', 'no-broadcaster'];
const RETRY = { firstMs: 250, maxMs: 5000 } as const;
/** So long it is tried; on a machine that is overloaded for longer nobody should go live unawares. */
const PATIENCE_MS = 60_000;
/** From here on the crew is shown that it is under way. */
const SHOWN_AFTER_MS = 4000;

interface Start {
  readonly channelId: string;
  readonly sinceMs: number;
  readonly sinceUnixMs: number;
  /** Where it was asked for: there it may run. */
  readonly asked: Set<MediaNode>;
  /** Where it answered. */
  node: MediaNode | null;
}

/**
 * Channels on their way to the air, before the log knows them. `channel.start` can be asked for again: a node that was late
 * answers for the channel it started meanwhile. What nobody wants any more is stopped wherever it was asked for.
 */
export class ChannelStarts {
  readonly #starts = new Map<string, Start>();
  readonly #failed = new Map<string, ErrorCode>();
  readonly #nodes: NodeRegistry;
  readonly #pick: (channelId: string, except: ReadonlySet<MediaNode>) => MediaNode | null;
  readonly #logger: Logger;
  readonly #nowMs: () => number;
  readonly #nowUnixMs: () => number;

  constructor(options: {
    nodes: NodeRegistry;
    pick: (channelId: string, except: ReadonlySet<MediaNode>) => MediaNode | null;
    logger: Logger;
    nowMs: () => number;
    nowUnixMs: () => number;
  }) {
    this.#nodes = options.nodes;
    this.#pick = options.pick;
    this.#logger = options.logger;
    this.#nowMs = options.nowMs;
    this.#nowUnixMs = options.nowUnixMs;
  }

  /** Throws `no-broadcaster`, `limit-reached`, or what the broadcaster answered; then nothing of it runs. */
  async start(
    webinarId: string,
    channelId: string,
    { profile, scene }: Pick<WebinarState, 'profile' | 'scene'>,
  ): Promise<{ originUrl: string }> {
    const start: Start = {
      channelId,
      sinceMs: this.#nowMs(),
      sinceUnixMs: this.#nowUnixMs(),
      asked: new Set(),
      node: null,
    };
    this.#starts.set(webinarId, start);
    this.#failed.delete(webinarId);
    const trouble = new Trouble(
      'starting a channel',
      this.#logger.child({ webinarId, channelId }),
      this.#nowMs,
    );
    const full = new Set<MediaNode>();
    for (;;) {
      const node = this.#pick(channelId, full);
      try {
        if (node?.description.kind !== 'broadcaster') {
          throw new RostrumError('no-broadcaster', 'no broadcaster is connected');
        }
        start.asked.add(node);
        await this.#nodes.broadcaster(node, 'channel.start', { channelId, webinarId, profile, scene });
        trouble.worked();
        start.node = node;
        return { originUrl: node.description.originUrl };
      } catch (error) {
        const code = error instanceof RostrumError ? error.code : 'internal';
        if (code === 'limit-reached' && node) {
          full.add(node);
          if (this.#pick(channelId, full)) continue;
        }
        // Nobody to ask is known at once, and is no start that takes long.
        const nobody = code === 'no-broadcaster' && start.asked.size === 0;
        const lastedMs = this.#nowMs() - start.sinceMs;
        if (nobody || !MAY_COME.includes(code) || lastedMs > PATIENCE_MS) {
          if (lastedMs > SHOWN_AFTER_MS) this.#failed.set(webinarId, code);
          this.withdraw(webinarId);
          throw error;
        }
        trouble.failed(error);
        await new Promise((resolve) => setTimeout(resolve, backoffMs(RETRY, trouble.failures)));
        if (this.#starts.get(webinarId) !== start) {
          throw new RostrumError('unavailable', 'the start was given up meanwhile');
        }
      }
    }
  }

  /** The webinar is live: the channel is the log's now. Answers where it runs. */
  taken(webinarId: string): MediaNode | null {
    const node = this.#starts.get(webinarId)?.node ?? null;
    this.#starts.delete(webinarId);
    return node;
  }

  /** Nobody wants it any more. */
  withdraw(webinarId: string): void {
    const start = this.#starts.get(webinarId);
    this.#starts.delete(webinarId);
    for (const node of start?.asked ?? []) {
      // One that cannot be told is told when it dials in again, for the channel is wanted by nobody then.
      this.#nodes
        .broadcaster(node, 'channel.stop', { channelId: start?.channelId ?? webinarId })
        .catch((error: unknown) =>
          this.#logger.warn({ err: error, webinarId }, 'a channel that is not wanted was not stopped'),
        );
    }
  }

  wants(channelId: string): boolean {
    return [...this.#starts.values()].some((start) => start.channelId === channelId);
  }

  health(webinarId: string): ShowHealth['goingLive'] {
    const start = this.#starts.get(webinarId);
    if (start && this.#nowMs() - start.sinceMs > SHOWN_AFTER_MS) {
      return { is: 'starting', sinceUnixMs: start.sinceUnixMs };
    }
    const code = this.#failed.get(webinarId);
    return !start && code !== undefined ? { is: 'failed', code } : null;
  }

  close(): void {
    this.#starts.clear();
  }
}
