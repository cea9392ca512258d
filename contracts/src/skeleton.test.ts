import fc from 'fast-check';
import { partsOf, skeletonsOf } from './skeleton.ts';

const alike = (a: string, b: string): boolean => skeletonsOf(a).some((s) => skeletonsOf(b).includes(s));

describe('names that are taken for each other', () => {
  test.each([
    ['by case', 'Anna Lee', 'ANNA LEE'],
    ['by accents', 'Sinead', 'Sinéad'],
    ['by letters with strokes', 'Lukasz Oster', 'Łukasz Øster'],
    ['by spaces and punctuation', 'Anna Lee', 'An-na  L.e.e'],
    ['by a picture at the end', 'Anna Lee', 'Anna Lee ✔'],
    ['by Cyrillic letters', 'Host', 'Ноѕт'],
    ['by Greek capitals', 'KATE', 'ΚΑΤΕ'],
    ['by Greek in capitals and in small letters', 'ΑΝΝΑ', 'Άννα'],
    ['by Cyrillic in capitals and in small letters', 'АННА', 'Анна'],
    ['by Cherokee letters', 'MATE', 'ᎷᎪᎢᎬ'],
    ['by small capitals', 'Host', 'ʜᴏꜱᴛ'],
    ['by full width', 'Host', 'Ｈｏｓｔ'],
    ['by bold mathematical letters', 'Host', '𝐇𝐨𝐬𝐭'],
    ['by letters in circles', 'Host', 'Ⓗⓞⓢⓣ'],
    ['by letters in dark squares', 'Host', '🅷🅾🆂🆃'],
    ['by flags', 'Host', '🇭 🇴 🇸 🇹'],
    ['by digits and signs', 'Moderator Sam', 'M0d3rat0r $@m'],
    ['by I, l and 1', 'Ian', 'lan'],
    ['by r and n', 'Modern', 'Modem'],
    ['by two v', 'Wim', 'Vvim'],
    ['by vowel points', 'محمد', 'مُحَمَّد'],
    ['by what cannot be seen', 'Host', 'H\u200Bo\u00ADs\u202Et'],
  ])('%s', (_how, one, other) => {
    expect(alike(one, other)).toBe(true);
  });
});

test.each([
  ['Anna Lee', 'Anna Leo'],
  ['Anna', 'Anna Lee'],
  ['山田 太郎', '山田 次郎'],
  ['👩', '👨'],
  ['محمد', 'محمود'],
  ['राम', 'रमा'],
  ['かな', 'がな'],
  ['Ольга', 'Olga Berg'],
])('%s and %s are two', (one, other) => {
  expect(alike(one, other)).toBe(false);
});

test('every name has a skeleton, and looks like itself in any case', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (name) => {
      expect(skeletonsOf(name).length).toBeGreaterThan(0);
      expect(alike(name, name)).toBe(true);
      expect(alike(name, name.normalize('NFD'))).toBe(true);
    }),
  );
});

test('the parts of a name stand between spaces, and between signs', () => {
  expect(partsOf('Anna (Host)|H0$t, ✔')).toEqual(['Anna', '(Host)|H0$t,', 'Host', 'H0', 't']);
  expect(partsOf('✔')).toEqual([]);
});
