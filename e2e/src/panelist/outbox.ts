import type { PacedTask, Pacer } from './pacer.ts';

/** So many packets at once, and no more before the next turn: 20 Mbit/s at most, which no receive buffer minds. */
const BURST = 12;
const TURN_MS = 5;

/** Sends packets in order, and the many of a key frame spread over some milliseconds. */
export class Outbox implements PacedTask {
  readonly #pacer: Pacer;
  readonly #send: (packet: Buffer) => void;
  #queue: Buffer[] = [];
  #sentInTurn = 0;
  #turnMs = Number.NEGATIVE_INFINITY;
  #leave: (() => void) | null = null;
  dueMs = 0;

  constructor(pacer: Pacer, send: (packet: Buffer) => void) {
    this.#pacer = pacer;
    this.#send = send;
  }

  push(packets: readonly Buffer[]): void {
    this.#queue.push(...packets);
    this.run(this.#pacer.nowMs());
  }

  run(nowMs: number): void {
    if (nowMs >= this.#turnMs + TURN_MS) {
      this.#turnMs = nowMs;
      this.#sentInTurn = 0;
    }
    const now = this.#queue.splice(0, BURST - this.#sentInTurn);
    this.#sentInTurn += now.length;
    for (const packet of now) this.#send(packet);
    if (this.#queue.length === 0) {
      this.#leave?.();
      this.#leave = null;
      return;
    }
    this.dueMs = this.#turnMs + TURN_MS;
    this.#leave ??= this.#pacer.add(this);
  }

  close(): void {
    this.#queue = [];
    this.#leave?.();
    this.#leave = null;
  }
}
