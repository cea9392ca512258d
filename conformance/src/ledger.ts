/** What has been seen of each rule: how often it held, and where it did not. */

export type Verdict = 'held' | 'broken' | 'not seen';

export interface RuleRecord {
  readonly id: string;
  readonly verdict: Verdict;
  /** Times the rule could be looked at. */
  readonly looks: number;
  readonly breaches: number;
  /** The first few breaches, in words. */
  readonly evidence: readonly string[];
}

/** More of the same says nothing new. */
const KEEP_EVIDENCE = 5;

export class Ledger {
  readonly #rules = new Map<string, { looks: number; breaches: number; evidence: string[] }>();

  /** `evidence` is only asked for when `holds` is false: it should name the URL and the lines. Answers `holds`. */
  look(id: string, holds: boolean, evidence: () => string): boolean {
    const rule = this.#rules.get(id) ?? { looks: 0, breaches: 0, evidence: [] };
    this.#rules.set(id, rule);
    rule.looks += 1;
    if (!holds) {
      rule.breaches += 1;
      if (rule.evidence.length < KEEP_EVIDENCE) rule.evidence.push(evidence());
    }
    return holds;
  }

  /** One record for each id asked for, in that order. */
  records(ids: readonly string[]): RuleRecord[] {
    return ids.map((id) => {
      const { looks, breaches, evidence } = this.#rules.get(id) ?? { looks: 0, breaches: 0, evidence: [] };
      const verdict = looks === 0 ? 'not seen' : breaches === 0 ? 'held' : 'broken';
      return { id, verdict, looks, breaches, evidence };
    });
  }
}
