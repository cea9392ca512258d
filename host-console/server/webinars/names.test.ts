import { RESERVED_WORDS, RostrumError } from '@rostrum/contracts';
import type { Caller } from './commands.ts';
import { decide } from './decide.ts';
import { emptyState, foldAll } from './fold.ts';
import { isReserved, refuseImitation, refuseImitator } from './names.ts';

const link = { type: 'link.made', expiresUnixMs: 2_000_000_000_000 } as const;
const state = foldAll(
  emptyState('webinar-1'),
  [
    { type: 'person.admitted', personId: 'host-1', name: 'Hana Novak', role: 'host' } as const,
    { type: 'person.admitted', personId: 'panelist-1', name: 'Guest', role: 'panelist' } as const,
    { type: 'person.admitted', personId: 'panelist-2', name: 'Gone Girl', role: 'panelist' } as const,
    { type: 'person.removed', personId: 'panelist-2' } as const,
    // Not here yet, and taken back.
    { ...link, linkId: 'link-1', personId: 'panelist-3', name: 'Пётр', role: 'panelist' } as const,
    { ...link, linkId: 'link-2', personId: 'panelist-4', name: 'Old Lin', role: 'panelist' } as const,
    { type: 'link.revoked', linkId: 'link-2' } as const,
    { ...link, linkId: 'link-3', personId: 'attendee-1', name: 'Jens Host', role: 'attendee' } as const,
  ].map((event, i) => ({ seq: i + 1, atUnixMs: 1, event })),
);

const codeOf = (work: () => unknown): string => {
  try {
    work();
    return 'ok';
  } catch (error) {
    return error instanceof RostrumError ? `${error.code} ${error.field}` : String(error);
  }
};

test.each([...RESERVED_WORDS])('“%s” is the mark of a role, in whatever disguise', (word) => {
  const disguises = [word, word.toUpperCase(), `⭐ ${word}`, `Anna (${word})`, `Anna|${word}`, `Co-${word}`];
  for (const name of [...disguises, [...word].join(' '), word.replaceAll('o', 'о').replaceAll('e', 'е')]) {
    expect([name, isReserved(name)]).toEqual([name, true]);
  }
});

test.each(['Anna', 'Hostetler', 'Ghost', 'Modern', 'Ada Owens', '山田 太郎', 'Guest', '👩'])(
  '“%s” is nobody’s mark',
  (name) => {
    expect(isReserved(name)).toBe(false);
  },
);

test.each([
  ['Hana Novak', 'name-taken name'],
  ['HANA NOVÁK ✔', 'name-taken name'],
  ['Наnа Nоvаk', 'name-taken name'],
  ['Петр', 'name-taken name'],
  ['Host', 'name-taken name'],
  ['Hana', 'ok'],
  ['Hana Novakova', 'ok'],
  // Removed people and links that were taken back have no name to keep from others.
  ['Gone Girl', 'ok'],
  ['Old Lin', 'ok'],
  // What everybody is called who gave no name.
  ['Guest', 'ok'],
])('an attendee who calls themself “%s": %s', (name, answer) => {
  expect(codeOf(() => refuseImitation(state, name))).toBe(answer);
});

test('only the marks are known of a webinar that is not in memory', () => {
  expect(codeOf(() => refuseImitation(null, 'Hana Novak'))).toBe('ok');
  expect(codeOf(() => refuseImitation(null, 'H0st'))).toBe('name-taken name');
});

test('a name is asked about again where it is shown, and one that the crew gave is let be', () => {
  const said = (caller: Caller, name: 'question:ask' | 'hand:raise'): string =>
    codeOf(() =>
      name === 'hand:raise'
        ? decide(state, { name, input: {} }, caller)
        : decide(state, { name, input: { questionId: 'question-1', text: 'Why?' } }, caller),
    );
  const attendee = (personId: string, name: string): Caller => ({ personId, name, role: 'attendee' });
  for (const command of ['question:ask', 'hand:raise'] as const) {
    expect(said(attendee('attendee-2', 'hana novak'), command)).toBe('name-taken name');
    expect(said(attendee('attendee-2', 'Jens Host'), command)).toBe('name-taken name');
    expect(said(attendee('attendee-1', 'Jens Host'), command)).toBe('ok');
    expect(said(attendee('attendee-1', 'Hana Novak'), command)).toBe('name-taken name');
  }
  expect(() => refuseImitator(state, { personId: 'host-1', name: 'Hana Novak', role: 'host' })).not.toThrow();
});
