/**
 * Lets so much work through in each turn of the event loop and no more. When ten thousand clients connect at once, what
 * else the loop does (signalling, nodes' heartbeats) gets its turn between them.
 */
export class TurnQueue {
  readonly #perTurn: number;
  #waiting: (() => void)[] = [];
  #turn: NodeJS.Immediate | null = null;

  constructor(perTurn: number) {
    this.#perTurn = perTurn;
  }

  /** Runs `work` in this turn's share or a later one's, in the order of entering. */
  enter(work: () => void): void {
    this.#waiting.push(work);
    this.#turn ??= setImmediate(() => this.#run());
  }

  #run(): void {
    this.#turn = null;
    const now = this.#waiting.slice(0, this.#perTurn);
    this.#waiting = this.#waiting.slice(this.#perTurn);
    if (this.#waiting.length > 0) this.#turn = setImmediate(() => this.#run());
    for (const work of now) work();
  }
}
