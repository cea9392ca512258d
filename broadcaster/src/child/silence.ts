/** How long a child may say nothing. By the kernel's word one that hangs is told from one that only had no turn. */
import { judgeSilence, type Life, readLife, spentBetween } from '@rostrum/service-kit/life';

export interface Patience {
  readonly ms: number;
  /** In so much processor time within that it would have said something. */
  readonly enoughMs: number;
  /** What is said of it when that is over. */
  readonly why: string;
}

export class Silence {
  readonly #pid: () => number | undefined;
  readonly #late: (why: string) => void;
  readonly #hung: (why: string) => void;
  #timer: NodeJS.Timeout | undefined;
  /** Nothing was missed yet: the next word only puts the timer off. */
  #resting = false;
  #told = false;

  /** `late`: it had no turn, and is waited for; once until it is heard again. `hung`: it had the time, or is no more. */
  constructor(options: {
    pid: () => number | undefined;
    late: (why: string) => void;
    hung: (why: string) => void;
  }) {
    this.#pid = options.pid;
    this.#late = options.late;
    this.#hung = options.hung;
  }

  /** A first word is to come. */
  begun(patience: Patience): void {
    this.stop();
    this.#look(patience);
  }

  /** It said something, and is to again within twice the patience. Cheap: it may be called for every picture. */
  heard(patience: Patience): void {
    if (this.#resting) {
      this.#timer?.refresh();
      return;
    }
    this.stop();
    this.#resting = true;
    this.#timer = setTimeout(() => {
      this.#resting = false;
      this.#look(patience);
    }, patience.ms);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#resting = false;
    this.#told = false;
  }

  #look(patience: Patience): void {
    const before = this.#life();
    this.#timer = setTimeout(() => {
      const now = this.#life();
      const late = before && now && judgeSilence(spentBetween(before, now), patience.enoughMs) === 'late';
      if (!late) return this.#hung(patience.why);
      if (!this.#told) this.#late(patience.why);
      this.#told = true;
      this.#look(patience);
    }, patience.ms);
  }

  #life(): Life | null {
    const pid = this.#pid();
    return pid === undefined ? null : readLife(pid);
  }
}
