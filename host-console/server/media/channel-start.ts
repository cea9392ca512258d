import {
  type BroadcasterInput,
  type ErrorCode,
  RostrumError,
  type ShowHealth,
  type WebinarState,
} from '@rostrum/contracts';
import { backoffMs } from '@rostrum/service-kit/backoff';
import type { Logger } from 'pino';
import { Trouble } from '../trouble.ts';
import type { MediaNode, NodeRegistry } from './node-registry.ts';

/** What says nothing about whether the channel starts: the node is late, was cut off, or stops. */
const MAY_COME: readonly ErrorCode[] = ['node-timeout', 'node-lost', 'unavailable', 'no-broadcaster'];
const RETRY = { firstMs: 250, maxMs: 5000 } as const;
/** So long it is tried; on a machine that is overloaded for longer nobody should go live unawares. */
const PATIENCE_MS = 60_000;
/** From here on the crew is shown that it is under way. */
const SHOWN_AFTER_MS = 4000;

export interface ChannelStartOptions {
  readonly webinarId: string;
  readonly channelId: string;
  readonly nodes: NodeRegistry;
  readonly pick: (channelId: string, except: ReadonlySet<MediaNode>) => MediaNode | null;
  /** What it begins with. */
  readonly begins: (
    state: WebinarState,
  ) => Omit<BroadcasterInput<'channel.start'>, 'channelId' | 'webinarId' | 'profile'>;
  readonly logger: Logger;
  readonly nowMs: () => number;
  readonly nowUnixMs: () => number;
}

/**
 * A channel on its way to the air, before the log knows it. `channel.start` can be asked for again: a node that was late
 * answers for the channel it started meanwhile. What nobody wants any more is stopped wherever it was asked for.
 */
export class ChannelStart {
  readonly channelId: string;
  readonly #o: ChannelStartOptions;
  readonly #sinceMs: number;
  readonly #sinceUnixMs: number;
  /** Where it was asked for: there it may run. */
  readonly #asked = new Set<MediaNode>();
  #node: MediaNode | null = null;
  #over = false;

  constructor(options: ChannelStartOptions) {
    this.#o = options;
    this.channelId = options.channelId;
    this.#sinceMs = options.nowMs();
    this.#sinceUnixMs = options.nowUnixMs();
  }

  /** Where it answered. */
  get node(): MediaNode | null {
    return this.#node;
  }

  /** For the crew, when it takes longer than usual. */
  health(): ShowHealth['goingLive'] {
    return this.#tookLong() ? { is: 'starting', sinceUnixMs: this.#sinceUnixMs } : null;
  }

  /** What is told of a failure: one that came at once is the answer to the command, and told already. */
  failure(error: unknown): ErrorCode | null {
    return this.#tookLong() ? codeOf(error) : null;
  }

  /** Throws `no-broadcaster`, `limit-reached`, or what the broadcaster answered; `unavailable` when it was given up. */
  async run(state: WebinarState): Promise<{ originUrl: string }> {
    const { profile } = state;
    const begins = this.#o.begins(state);
    const { webinarId, nodes, pick, logger, nowMs } = this.#o;
    const { channelId } = this;
    const trouble = new Trouble('starting a channel', logger.child({ webinarId, channelId }), nowMs);
    const full = new Set<MediaNode>();
    for (;;) {
      const node = pick(channelId, full);
      try {
        if (node?.description.kind !== 'broadcaster') {
          throw new RostrumError('no-broadcaster', 'no broadcaster is connected');
        }
        this.#asked.add(node);
        await nodes.broadcaster(node, 'channel.start', { channelId, webinarId, profile, ...begins });
        this.#refuseWhenOver();
        trouble.worked();
        this.#node = node;
        return { originUrl: node.description.originUrl };
      } catch (error) {
        this.#refuseWhenOver();
        const code = codeOf(error);
        if (code === 'limit-reached' && node) {
          full.add(node);
          if (pick(channelId, full)) continue;
        }
        // Nobody to ask is known at once, and is no start that takes long.
        const nobody = code === 'no-broadcaster' && this.#asked.size === 0;
        if (nobody || !MAY_COME.includes(code) || nowMs() - this.#sinceMs > PATIENCE_MS) throw error;
        trouble.failed(error);
        await new Promise((resolve) => setTimeout(resolve, backoffMs(RETRY, trouble.failures)));
        this.#refuseWhenOver();
      }
    }
  }

  /** Nobody wants it any more: what runs of it is stopped. One that cannot be told is told when it says that it runs it. */
  withdraw(): void {
    this.close();
    for (const node of this.#asked) {
      this.#o.nodes
        .broadcaster(node, 'channel.stop', { channelId: this.channelId })
        .catch((error: unknown) =>
          this.#o.logger.warn(
            { err: error, channelId: this.channelId },
            'a channel that is not wanted was not stopped',
          ),
        );
    }
  }

  /** It is the log's now, or the coordinator stops. */
  close(): void {
    this.#over = true;
  }

  #refuseWhenOver(): void {
    if (this.#over) throw new RostrumError('unavailable', 'the start was given up meanwhile');
  }

  #tookLong(): boolean {
    return this.#o.nowMs() - this.#sinceMs > SHOWN_AFTER_MS;
  }
}

const codeOf = (error: unknown): ErrorCode => (error instanceof RostrumError ? error.code : 'internal');
