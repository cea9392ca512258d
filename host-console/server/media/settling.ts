import type { Logger } from 'pino';
import type { Leftover } from './leftovers.ts';
import type { WordSide } from './media-plane.ts';
import type { MediaNode, NodeRegistry } from './node-registry.ts';
import { recorderOf, settleRecording } from './recorded.ts';
import type { Show } from './show.ts';

/** What the log said of a webinar that is not ours is believed for so long: it is asked for with each heartbeat otherwise. */
const BELIEVED_MS = 30_000;

type Phase = Awaited<ReturnType<WordSide['phase']>>;

export interface SettlingOptions {
  readonly nodes: NodeRegistry;
  readonly words: WordSide;
  readonly showOfChannel: (channelId: string) => Show | undefined;
  readonly logger: Logger;
  /** Monotonic milliseconds. */
  readonly nowMs: () => number;
}

/** Closes what a node has and nobody wants, or finds that it stays. */
export class Settling {
  readonly #o: SettlingOptions;
  readonly #phases = new Map<string, { readonly phase: Phase; readonly untilMs: number }>();

  constructor(options: SettlingOptions) {
    this.#o = options;
  }

  /** Rejects when it could not: then it is tried again. */
  async settle(node: MediaNode, { what, id }: Leftover): Promise<void> {
    if (what === 'room') return this.#closeRoom(node, id);
    return what === 'channel' ? this.#settleChannel(node, id) : this.#settleArchive(node, id);
  }

  async #closeRoom(node: MediaNode, roomId: string): Promise<void> {
    const { nodes, logger } = this.#o;
    await nodes.sfu(node, 'room.close', { roomId });
    logger.info({ roomId, nodeId: node.nodeId }, 'closed a room that nobody is in');
  }

  async #settleChannel(node: MediaNode, channelId: string): Promise<void> {
    const { nodes, showOfChannel, logger } = this.#o;
    const show = showOfChannel(channelId);
    if (show?.is === 'dormant') return show.attend();
    if (show?.is === 'ending') return show.changed();
    // A webinar's channel has its id. One that has not ended may still go live, and continues what was begun; so does one
    // that runs elsewhere by now. A live one that we do not run is another coordinator's.
    const ours = show?.is === 'onAir' || show?.is === 'doors';
    if (!ours && isRunning(this.#believed(channelId))) return;
    const phase = ours ? 'live' : await this.#phase(channelId);
    if (!ours && isRunning(phase)) return;
    // It may have been started while the log was read.
    if (showOfChannel(channelId) !== show) return;
    const stays = phase === 'live' || phase === 'scheduled';
    if (stays) await nodes.broadcaster(node, 'channel.stop', { channelId });
    else await this.#end(node, channelId, phase);
    logger.info({ channelId, nodeId: node.nodeId, stays }, 'stopped a channel that nobody wants there');
  }

  /**
   * What was begun and not ended may be gone on with, here or elsewhere, until its webinar has ended; of one that the log does
   * not know nothing is decided, since the log may be the wrong one.
   */
  async #settleArchive(node: MediaNode, channelId: string): Promise<void> {
    const believed = this.#believed(channelId);
    const phase = believed === undefined ? await this.#phase(channelId) : believed;
    if (phase !== 'ended') return;
    await this.#end(node, channelId, phase);
    this.#o.logger.info({ channelId, nodeId: node.nodeId }, 'finished what was recorded of an ended webinar');
  }

  async #end(node: MediaNode, channelId: string, phase: Phase): Promise<void> {
    const { nodes, words } = this.#o;
    const by = recorderOf(node, await nodes.broadcaster(node, 'channel.end', { channelId }));
    // That one broadcaster has nothing of it says nothing.
    if (by && phase === 'ended') await words.append(channelId, ({ phase }) => settleRecording(phase, by));
  }

  #believed(webinarId: string): Phase | undefined {
    const known = this.#phases.get(webinarId);
    return known && known.untilMs > this.#o.nowMs() ? known.phase : undefined;
  }

  async #phase(webinarId: string): Promise<Phase> {
    const phase = await this.#o.words.phase(webinarId);
    const nowMs = this.#o.nowMs();
    for (const [id, { untilMs }] of this.#phases) if (untilMs <= nowMs) this.#phases.delete(id);
    this.#phases.set(webinarId, { phase, untilMs: nowMs + BELIEVED_MS });
    return phase;
  }
}

/** Somewhere, by somebody. */
const isRunning = (phase: Phase | undefined): boolean => phase === 'live' || phase === 'doors';
