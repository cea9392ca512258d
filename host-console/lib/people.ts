import type { PersonView } from '@rostrum/contracts';
import { ROLE_WORDS } from '@rostrum/contracts/role-words';

export const roleWord = (person: Pick<PersonView, 'role' | 'guest'>): string =>
  person.guest ? 'Guest' : ROLE_WORDS.en[person.role];

export const isCrew = ({ role }: Pick<PersonView, 'role'>): boolean =>
  role === 'owner' || role === 'host' || role === 'moderator';

/** Whether somebody may be taken on air, which is recorded; the crew is taken to agree. The coordinator decides by the same rule. */
export const isRecorded = (person: Pick<PersonView, 'role' | 'consent'>): boolean =>
  person.consent?.recording === 'given' || (person.consent?.recording === 'open' && isCrew(person));

/** dBov above which a person counts as speaking: room noise after noise suppression stays below. */
export const SPEAKING_DB = -55;

export interface Backstage {
  /** Connected or sending: they get a tile. */
  readonly present: readonly PersonView[];
  /** Invited and seen before, but not here now. */
  readonly away: readonly PersonView[];
}

/**
 * Who stands backstage. Crew appear only while they send something: directing from the console alone is no part of the
 * stage. On air first, in tile order; then by name.
 */
export function backstage(
  people: readonly PersonView[],
  sending: ReadonlySet<string>,
  onStage: ReadonlySet<string>,
  onAir: readonly string[],
): Backstage {
  const airOrder = (p: PersonView): number => {
    const at = onAir.indexOf(p.personId);
    return at < 0 ? onAir.length : at;
  };
  const sorted = [...people].sort(
    (a, b) => airOrder(a) - airOrder(b) || a.name.localeCompare(b.name) || (a.personId < b.personId ? -1 : 1),
  );
  const isPresent = (p: PersonView): boolean =>
    sending.has(p.personId) || onAir.includes(p.personId) || (!isCrew(p) && onStage.has(p.personId));
  return {
    present: sorted.filter(isPresent),
    away: sorted.filter((p) => !isPresent(p) && !isCrew(p)),
  };
}

/** Columns and rows for equal tiles in a wide area: 1, 2, 2x2, 3x2, 3x3, 4x3. */
export function gridShape(count: number): { readonly columns: number; readonly rows: number } {
  const columns = count <= 1 ? 1 : count <= 4 ? 2 : count <= 9 ? 3 : 4;
  return { columns, rows: Math.max(1, Math.ceil(count / columns)) };
}
