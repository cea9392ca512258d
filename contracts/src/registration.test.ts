import { mailAddress, Registrant } from './registration.ts';

describe('a mail address', () => {
  test.each([
    ['Ada@Example.ORG', 'ada@example.org'],
    [' ada.lovelace+news@mail.example.org ', 'ada.lovelace+news@mail.example.org'],
    ['ada@bücher.example', 'ada@xn--bcher-kva.example'],
    ["o'neil@example.org", "o'neil@example.org"],
  ])('%j is kept as %s', (text, address) => {
    expect(mailAddress(text)).toBe(address);
  });

  test.each([
    ...[
      '',
      'ada',
      '@example.org',
      'ada@',
      'ada@localhost',
      'ada@127.0.0.1',
      'ada@[127.0.0.1]',
      'ada@2130706433',
    ],
    ...['a b@example.org', 'ada@@example.org', 'ada..x@example.org', '.ada@example.org', '"a"@example.org'],
    ...[
      'ada@example.org\nbcc: x@example.org',
      'ada@example.org, x@example.org',
      'ada@exam ple.org',
      'ädä@example.org',
    ],
    ...['ada@example.org/x', 'ada@user:x@example.org', 'ada@-example.org', `${'a'.repeat(65)}@example.org`],
    ...[`ada@${'a'.repeat(250)}.org`, 'ada@example.org%00', 'ada@example.org\u0000'],
  ])('%j is none', (text) => {
    expect(mailAddress(text)).toBeNull();
  });

  test('is part of what somebody says of themselves', () => {
    const said = { name: ' Ada  Lovelace ', address: 'ADA@example.org' };
    expect(Registrant.parse(said)).toEqual({
      ...{ name: 'Ada Lovelace', address: 'ada@example.org', locale: 'en', answers: {} },
    });
    expect(Registrant.safeParse({ ...said, address: 'nobody' }).success).toBe(false);
    expect(Registrant.safeParse({ ...said, name: '\u200b' }).success).toBe(false);
  });
});
