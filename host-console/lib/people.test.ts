import type { PersonView } from '@rostrum/contracts';
import { backstage, gridShape, isRecorded } from './people.ts';

const person = (personId: string, name: string, role: PersonView['role'], guest = false): PersonView => ({
  personId,
  name,
  role,
  guest,
  consent: null,
  muted: false,
});
const names = (people: readonly PersonView[]): string[] => people.map((p) => p.name);

describe('backstage', () => {
  const people = [
    person('h', 'Hanna', 'host'),
    person('m', 'Mo', 'moderator'),
    person('z', 'Zoe', 'panelist'),
    person('a', 'Ada', 'panelist'),
    person('g', 'Gil', 'attendee', true),
  ];

  test('those on air come first in tile order, the others by name; the absent are listed apart', () => {
    const { present, away } = backstage(people, new Set(['a', 'z']), new Set(['a', 'z']), ['z']);
    expect(names(present)).toEqual(['Zoe', 'Ada']);
    expect(names(away)).toEqual(['Gil']);
  });

  test('crew who only direct are neither there nor missed; crew who send are there', () => {
    const { present, away } = backstage(people, new Set(['h']), new Set(['h', 'm']), []);
    expect(names(present)).toEqual(['Hanna']);
    expect(names(away)).toEqual(['Ada', 'Gil', 'Zoe']);
  });

  test('someone on air who lost the connection stays in sight', () => {
    expect(names(backstage(people, new Set(), new Set(), ['a']).present)).toEqual(['Ada']);
  });
});

describe('the grid', () => {
  test('has a place for everybody, up to twelve', () => {
    for (let count = 1; count <= 12; count += 1) {
      const { columns, rows } = gridShape(count);
      expect(columns * rows).toBeGreaterThanOrEqual(count);
      expect(columns * (rows - 1)).toBeLessThan(count);
    }
    expect(gridShape(0)).toEqual({ columns: 1, rows: 1 });
  });
});

test('the crew is taken to agree to its recording until it says no, and nobody else', () => {
  const is = (role: PersonView['role'], recording: 'open' | 'given' | 'refused'): boolean =>
    isRecorded({ role, consent: { recording, tracks: 'open' } });
  expect([is('host', 'open'), is('host', 'refused')]).toEqual([true, false]);
  expect([is('panelist', 'open'), is('panelist', 'given'), is('panelist', 'refused')]).toEqual([
    false,
    true,
    false,
  ]);
});
