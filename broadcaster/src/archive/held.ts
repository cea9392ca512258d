/** Which segments of a channel are shown and not recorded: those from before the show. Pure. */

interface Turn {
  readonly fromMsn: number;
  readonly held: boolean;
}

/** Whether a segment is recorded is settled before it is opened, and stays so. */
export class Held {
  /** In MSN order. */
  readonly #turns: Turn[] = [];

  /** All from `fromMsn` on are held, or recorded again; what was said of them before is void. */
  turn(fromMsn: number, held: boolean): void {
    const before = this.#turns.findIndex((turn) => turn.fromMsn >= fromMsn);
    if (before !== -1) this.#turns.splice(before);
    this.#turns.push({ fromMsn, held });
  }

  has(msn: number): boolean {
    return this.#turns.findLast((turn) => turn.fromMsn <= msn)?.held ?? false;
  }

  /** What holds of all that is not opened yet. */
  get now(): boolean {
    return this.#turns.at(-1)?.held ?? false;
  }
}
