import { initialRecovery, type Remedy, recover, type Trouble } from './recovery.ts';

/** Carries out the recovery table: one remedy on its way at a time, the latest trouble's. */
export interface Repair {
  trouble(trouble: Trouble, detail: string): void;
  /** The picture moves (again). */
  moving(): void;
  stop(): void;
}

export function createRepair(apply: (remedy: Remedy) => void): Repair {
  let state = initialRecovery;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let pending: Trouble | null = null;
  return {
    trouble(trouble, detail) {
      const plan = recover(state, trouble, performance.now(), Math.random());
      state = plan.state;
      console.info(`rostrum player: ${trouble} (${detail}), ${plan.remedy} in ${plan.delayMs} ms`);
      clearTimeout(timer);
      pending = trouble;
      timer = setTimeout(() => {
        pending = null;
        apply(plan.remedy);
      }, plan.delayMs);
    },
    moving() {
      // A picture that moves needs no push. Loading that was given up does, though the buffer may still play.
      if (pending === 'stall') clearTimeout(timer);
    },
    stop: () => clearTimeout(timer),
  };
}
