import { IntlMessageFormat } from 'intl-messageformat';
import { CATALOGUES, LOCALES } from './catalogue.ts';
import { localeOf } from './locales.ts';

/** Each text by its path. */
function textsOf(tree: object, path = ''): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]): [string, string][] =>
    typeof value === 'string' ? [[`${path}${key}`, value]] : textsOf(value, `${path}${key}.`),
  );
}

/** Names of what is put into a text, those inside of plurals and choices too. */
function namesIn(text: string): Set<string> {
  const found = new Set<string>();
  const look = (elements: readonly object[]): void => {
    for (const element of elements as readonly Record<string, unknown>[]) {
      // 0 is literal text, 7 the sign for a plural's number.
      if (element.type !== 0 && element.type !== 7) found.add(String(element.value));
      for (const option of Object.values(element.options ?? {}) as { value: object[] }[]) look(option.value);
      if (Array.isArray(element.children)) look(element.children);
    }
  };
  look(new IntlMessageFormat(text, 'en').getAst());
  return found;
}

test('every text is there in every language, is an ICU message, and says something', () => {
  const english = new Map(textsOf(CATALOGUES.en));
  for (const locale of LOCALES) {
    const texts = textsOf(CATALOGUES[locale]);
    expect(texts.map(([path]) => path).sort()).toEqual([...english.keys()].sort());
    for (const [path, text] of texts) {
      expect([locale, path, text.trim().length > 0]).toEqual([locale, path, true]);
      expect([locale, path, [...namesIn(text)].sort()]).toEqual([
        locale,
        path,
        [...namesIn(english.get(path) ?? '')].sort(),
      ]);
    }
  }
});

test.each([
  [undefined, null, 'en'],
  [undefined, 'de-CH, de;q=0.9, en;q=0.8', 'de'],
  [undefined, 'fr, en;q=0.3, de;q=0.7', 'de'],
  [undefined, 'de;q=0, fr', 'en'],
  [undefined, ';;,q=,de;q=x', 'en'],
  ['de', 'en', 'de'],
  ['xx', 'de', 'de'],
])('of the choice %s and the browser’s %s the page is in %s', (chosen, accepted, locale) => {
  expect(localeOf(chosen, accepted)).toBe(locale);
});
