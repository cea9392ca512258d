import { isDeepStrictEqual } from 'node:util';
import {
  type BroadcasterInput,
  emptyScene,
  type LiveChannel,
  RostrumError,
  type Scene,
  type ShowHealth,
  type WebinarState,
} from '@rostrum/contracts';
import { SCENE_LINE_MAX } from '@rostrum/contracts/lines';
import { clipText } from '@rostrum/contracts/text';
import { Reconciler } from '@rostrum/service-kit/reconciler';
import type { Logger } from 'pino';
import { Trouble } from '../trouble.ts';
import type { WordSide } from './media-plane.ts';
import type { MediaNode, NodeRegistry } from './node-registry.ts';

/** Waits between failed attempts. */
const RETRY = { firstMs: 200, maxMs: 5000 } as const;
/** A countdown is looked at again so long after its end, when clocks agree that it is over. */
const AFTER_COUNTDOWN_MS = 500;

/** What a channel shows and plays before its show. */
export type Holding = Pick<BroadcasterInput<'channel.start'>, 'hold' | 'tracks'> & { readonly scene: Scene };

/** The moment that people wait for; null: none was said. */
export const beginsAtUnixMs = ({ doorRules, startsAtUnixMs }: WebinarState): number | null =>
  doorRules.untilUnixMs ?? startsAtUnixMs;

/** Title and countdown; once that is over, and where there is none, the title alone. Nobody of the stage is in it. Pure. */
export function holdingOf(state: WebinarState, nowUnixMs: number): Holding {
  const { title, doorRules, plan } = state;
  const empty = emptyScene(title);
  const untilUnixMs = beginsAtUnixMs(state);
  const waits = untilUnixMs !== null && untilUnixMs > nowUnixMs;
  return {
    scene: {
      ...empty,
      slide: waits
        ? { kind: 'countdown', title: empty.title, untilUnixMs }
        : {
            kind: 'holding',
            title: empty.title,
            subtitle: clipText(plan.branding.holdingText ?? '', SCENE_LINE_MAX),
          },
    },
    tracks: false,
    hold: { bed: doorRules.bed },
  };
}

/**
 * Keeps a webinar's channel running before its show, with what is shown until then. Level-triggered, as a broadcast: after a change,
 * a death or a start of anybody it compares and mends. Nothing is carried to it from the stage.
 */
export class Doors {
  readonly channel: LiveChannel;
  readonly #o: DoorsOptions;
  readonly #reconciler: Reconciler;
  /** The boot of the broadcaster that runs it; null: none that is known. */
  #node: MediaNode | null;
  #told: Holding | null = null;
  #picture: ShowHealth['picture'] = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: DoorsOptions) {
    this.#o = options;
    this.channel = options.channel;
    this.#node = options.node;
    const { webinarId, nowMs } = options;
    const trouble = new Trouble('the channel before the show', options.logger.child({ webinarId }), nowMs);
    this.#reconciler = new Reconciler({
      reconcile: () => this.#reconcile(),
      backoff: RETRY,
      worked: () => trouble.worked(),
      failed: (error) => trouble.failed(error),
    });
  }

  get node(): MediaNode | null {
    return this.#node;
  }

  /** What is wrong with the picture; null: nothing that is known. */
  get picture(): ShowHealth['picture'] {
    return this.#picture;
  }

  /** Something moved. Returns at once. */
  changed(): void {
    this.#reconciler.changed();
  }

  beat(node: MediaNode): void {
    if (this.#node !== node) return;
    if (!node.load.channels.some(({ channelId }) => channelId === this.channel.channelId))
      this.nodeDown(node);
  }

  /** The node, or the channel on it, is gone. */
  nodeDown(node: MediaNode): void {
    if (this.#node !== node) return;
    this.#node = null;
    this.#picture = null;
    this.changed();
  }

  /** A new compositor plays; its channel told it what to show. */
  epoch(): void {
    this.#picture = null;
  }

  /** Its compositors die one after the other. */
  failed(): void {
    this.#picture ??= { is: 'failing', sinceUnixMs: this.#o.nowUnixMs() };
  }

  /** Leaves the channel as it is: the show goes on with it, or somebody else has it. */
  close(): void {
    this.#reconciler.close();
    if (this.#timer) clearTimeout(this.#timer);
  }

  /** The doors are closed, and nothing begins: what cannot be told now is found by what its node says. */
  stop(): void {
    this.close();
    const { nodes, logger, webinarId } = this.#o;
    const { channelId } = this.channel;
    if (!this.#node) return;
    nodes
      .broadcaster(this.#node, 'channel.stop', { channelId })
      .catch((error: unknown) =>
        logger.warn({ err: error, webinarId }, 'the channel before the show was not stopped'),
      );
  }

  async #reconcile(): Promise<void> {
    const { words, nodes, pickNode, webinarId, nowUnixMs } = this.#o;
    const state = words.state(webinarId);
    if (!state) return;
    const holding = holdingOf(state, nowUnixMs());
    this.#lookAgain(holding);
    if (this.#node && isDeepStrictEqual(this.#told, holding)) return;
    const node = this.#node ?? pickNode();
    if (!node) throw new RostrumError('no-broadcaster', 'no broadcaster is connected');
    const { profile } = state;
    const { channelId } = this.channel;
    await nodes.broadcaster(node, 'channel.start', { channelId, webinarId, profile, ...holding });
    if (this.#reconciler.closed) return;
    this.#node = node;
    this.#told = holding;
  }

  /** A countdown gives way to the title when it is over. */
  #lookAgain({ scene: { slide } }: Holding): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    if (slide?.kind !== 'countdown' || this.#reconciler.closed) return;
    const leftMs = slide.untilUnixMs - this.#o.nowUnixMs();
    this.#timer = setTimeout(() => this.changed(), Math.min(leftMs + AFTER_COUNTDOWN_MS, LONGEST_TIMER_MS));
    this.#timer.unref();
  }
}

/** Longer ones fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface DoorsOptions {
  readonly webinarId: string;
  readonly channel: LiveChannel;
  /** Where it already runs; null: it is looked for. */
  readonly node: MediaNode | null;
  readonly nodes: NodeRegistry;
  readonly words: WordSide;
  readonly pickNode: () => MediaNode | null;
  readonly logger: Logger;
  /** Monotonic milliseconds. */
  readonly nowMs: () => number;
  readonly nowUnixMs: () => number;
}
