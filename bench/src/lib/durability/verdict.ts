/** What was found after a crash, counted in events or segments. */
export interface Verdict {
  readonly acknowledged: number;
  readonly lost: number;
  readonly doubled: number;
}

export const NOTHING: Verdict = { acknowledged: 0, lost: 0, doubled: 0 };

export const plus = (a: Verdict, b: Verdict): Verdict => ({
  acknowledged: a.acknowledged + b.acknowledged,
  lost: a.lost + b.lost,
  doubled: a.doubled + b.doubled,
});
