import { RostrumError } from '@rostrum/contracts';
import { Reconciler } from '@rostrum/service-kit/reconciler';
import type { Logger } from 'pino';
import type { MediaNode, NodeRegistry } from './node-registry.ts';

export interface OpenRoom {
  readonly node: MediaNode;
  readonly rtpCapabilities: Record<string, unknown>;
}

type State =
  | { readonly is: 'closed' }
  | { readonly is: 'opening'; readonly node: MediaNode; readonly opened: Promise<OpenRoom> }
  | { readonly is: 'open'; readonly room: OpenRoom };

/** A room that nobody is in is closed after this: who comes back soon finds it open. */
const EMPTY_MS = 30_000;
const CLOSE_RETRY = { firstMs: 200, maxMs: 5000 } as const;

/** The one room of a webinar's stage, on one SFU node: opened by who comes first, closed when it was empty for a while. */
export class StageRoom {
  readonly #webinarId: string;
  readonly #nodes: NodeRegistry;
  readonly #logger: Logger;
  readonly #nowMs: () => number;
  #state: State = { is: 'closed' };
  #emptySinceMs: number | null = null;
  /** They left, and the node has not said yet that their media is closed. */
  readonly #unclosed = new Set<string>();
  readonly #closing: Reconciler;

  /** `nowMs`: monotonic. */
  constructor(options: { webinarId: string; nodes: NodeRegistry; logger: Logger; nowMs: () => number }) {
    this.#webinarId = options.webinarId;
    this.#nodes = options.nodes;
    this.#logger = options.logger;
    this.#nowMs = options.nowMs;
    this.#closing = new Reconciler({
      reconcile: async () => {
        await Promise.all([...this.#unclosed].map((personId) => this.#closeMedia(personId)));
      },
      backoff: CLOSE_RETRY,
      failed: (error) =>
        this.#logger.warn({ err: error }, 'media of somebody who left is not closed yet; it is tried again'),
    });
  }

  /** Once it stands. */
  get open(): OpenRoom | null {
    return this.#state.is === 'open' ? this.#state.room : null;
  }

  /** The node it is on, or is being opened on; null: there is none. */
  get node(): MediaNode | null {
    if (this.#state.is === 'closed') return null;
    return this.#state.is === 'opening' ? this.#state.node : this.#state.room.node;
  }

  /** Opens it afresh where it is closed: what an earlier coordinator left on the node is cleared first. Throws `no-sfu`. */
  enter(): Promise<OpenRoom> {
    if (this.#state.is === 'open') return Promise.resolve(this.#state.room);
    if (this.#state.is === 'opening') return this.#state.opened;
    const [node] = this.#nodes
      .sfuNodes()
      .toSorted((a, b) => lateness(a) - lateness(b) || a.load.loads - b.load.loads);
    if (!node) return Promise.reject(new RostrumError('no-sfu', 'no SFU node is connected'));
    const roomId = this.#webinarId;
    const current = (): boolean => this.#state.is === 'opening' && this.#state.opened === opened;
    const open = async (): Promise<OpenRoom> => {
      try {
        await this.#nodes.sfu(node, 'room.close', { roomId });
        const { rtpCapabilities } = await this.#nodes.sfu(node, 'room.open', { roomId });
        if (!current()) {
          throw new RostrumError('node-lost', 'the SFU node went away while the room was opened');
        }
        const room = { node, rtpCapabilities };
        this.#state = { is: 'open', room };
        return room;
      } catch (error) {
        if (current()) this.#state = { is: 'closed' };
        throw error;
      }
    };
    const opened = Promise.resolve().then(open);
    this.#state = { is: 'opening', node, opened };
    return opened;
  }

  /** Somebody left: their media is closed, however often that has to be asked for. */
  leave(personId: string): void {
    if (!this.open) return;
    // The node does one thing after the other for a person: what is asked for from now on finds nothing of before.
    this.#unclosed.add(personId);
    this.#closeMedia(personId).catch(() => this.#closing.changed());
  }

  /** Resolves when nothing is left of what somebody had here: it would be in the way of what they bring, or take it with it. */
  async cleared(personId: string): Promise<void> {
    if (this.#unclosed.has(personId)) await this.#closeMedia(personId);
  }

  async #closeMedia(personId: string): Promise<void> {
    const { open } = this;
    if (open) await this.#nodes.sfu(open.node, 'person.close', { roomId: this.#webinarId, personId });
    if (this.open === open) this.#unclosed.delete(personId);
  }

  /** Looks at what time brings: a room that nobody is in is given back. */
  tick(empty: boolean): void {
    const { open } = this;
    if (!empty || !open) {
      this.#emptySinceMs = null;
      return;
    }
    const nowMs = this.#nowMs();
    this.#emptySinceMs ??= nowMs;
    if (nowMs - this.#emptySinceMs < EMPTY_MS) return;
    this.forget();
    this.#nodes.sfu(open.node, 'room.close', { roomId: this.#webinarId }).catch((error: unknown) =>
      // It is closed when the node says that it still has it.
      this.#logger.warn({ err: error }, 'an empty room was not closed'),
    );
  }

  /** Whether the node's last heartbeat knows nothing of it: it is gone, and the word of it was lost. */
  missedBy(node: MediaNode): boolean {
    return this.open?.node === node && !node.load.rooms.includes(this.#webinarId);
  }

  /** It is gone, with all that was in it. */
  forget(): void {
    this.#state = { is: 'closed' };
    this.#unclosed.clear();
    this.#emptySinceMs = null;
  }

  close(): void {
    this.forget();
    this.#closing.close();
  }
}

const lateness = (node: MediaNode): number => Number(node.state.is !== 'here');
