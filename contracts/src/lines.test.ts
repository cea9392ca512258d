import fc from 'fast-check';
import { fitLine, fitLines, graphemes, isolate, type Measure } from './lines.ts';

/** A font in which every character is an em wide. */
const measure: Measure = (text, size) => graphemes(text).length * size;
const TYPE = { size: 10, weight: 400 };

describe('a line', () => {
  test('that fits stays as it is; a little too long it is set smaller; beyond that it ends in an ellipsis', () => {
    expect(fitLine('abcdefghij', TYPE, 100, measure)).toEqual({ text: 'abcdefghij', size: 10 });
    expect(fitLine('abcdefghijkl', TYPE, 100, measure)).toEqual({ text: 'abcdefghijkl', size: 8.3 });
    expect(fitLine('abcdefghijklmnopq', TYPE, 100, measure)).toEqual({ text: 'abcdefghijkl…', size: 7.5 });
    expect(fitLine('abcdefghijkl', TYPE, 0, measure)).toEqual({ text: '…', size: 7.5 });
    expect(fitLine('', TYPE, 100, measure)).toEqual({ text: '', size: 10 });
  });

  test('no character is cut in two: neither families of emoji, nor flags, nor letters with their signs', () => {
    for (const character of ['👨‍👩‍👧‍👦', '🇩🇪', 'é', 'க்ஷௌ', '𠮷']) {
      const parts = graphemes(character);
      const { text } = fitLine(character.repeat(30), TYPE, 100, measure);
      expect(graphemes(text).at(-1)).toBe('…');
      expect(character.repeat(30).startsWith(text.slice(0, -1))).toBe(true);
      expect(graphemes(text).slice(0, -1).join('').length % (parts[0]?.length ?? 1)).toBe(0);
    }
  });

  test('whatever the text and the font, it fits', () => {
    const font: Measure = (text, size) =>
      [...text].reduce((sum, c) => sum + (((c.codePointAt(0) ?? 0) % 7) / 5 + 0.1) * size, 0);
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 20, max: 400 }), (text, width) => {
        const line = fitLine(text, TYPE, width, font);
        expect(font(line.text, line.size, 400)).toBeLessThanOrEqual(Math.max(width, font('…', 7.5, 400)));
      }),
    );
  });
});

describe('lines', () => {
  test('break between words; set smaller where there are too many; what is left over ends in an ellipsis', () => {
    expect(fitLines('one two three', TYPE, 80, 2, measure)).toEqual({
      lines: ['one two', 'three'],
      size: 10,
    });
    expect(fitLines('one two three four', TYPE, 80, 2, measure)).toEqual({
      lines: ['one two', 'three four'],
      size: 8,
    });
    expect(fitLines('one two three four five six', TYPE, 80, 2, measure)).toEqual({
      lines: ['one two', 'three four…'],
      size: 7,
    });
    expect(fitLines('  ', TYPE, 80, 2, measure)).toEqual({ lines: [], size: 10 });
  });

  test('a script without spaces breaks between its words, a word wider than a line anywhere', () => {
    expect(fitLines('今日は晴れです。明日は雨', TYPE, 80, 2, measure).lines).toEqual([
      '今日は晴れです。',
      '明日は雨',
    ]);
    expect(fitLines('W'.repeat(120), TYPE, 80, 2, measure).lines).toEqual([
      'W'.repeat(11),
      `${'W'.repeat(10)}…`,
    ]);
  });

  test('nothing of a text is lost before the ellipsis', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', 'b', ' ', '漢', '👩🏽‍🔬') }), (text) => {
        const { lines } = fitLines(text, TYPE, 80, 2, measure);
        const bare = (s: string): string => s.replaceAll(/[\s…]/g, '');
        expect(bare(text).startsWith(bare(lines.join('')))).toBe(true);
        if (!lines.at(-1)?.endsWith('…')) expect(bare(lines.join(''))).toBe(bare(text));
        for (const line of lines) expect(measure(line, 7, 400)).toBeLessThanOrEqual(80);
      }),
    );
  });
});

test('a text has its own direction and no other’s', () => {
  expect(isolate('Ada')).toBe('Ada');
  expect(isolate('שרה, PhD')).toBe('\u2068שרה, PhD\u2069');
  // Written so that it would show as another name, or turn round what comes after it.
  expect(isolate('Simon\u202eneveS')).toBe('SimonneveS');
  expect(isolate('محمد\u2069\u202d')).toBe('\u2068محمد\u2069');
});
