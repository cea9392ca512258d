import { readTable } from './import.ts';

test('columns are known by what they are called elsewhere, in any order, from files of any kind', () => {
  const people = [
    { name: 'Ada Lovelace', address: 'ada@example.org', locale: 'de', answers: {} },
    { name: 'Bo', address: 'bo@example.org', locale: 'en', answers: {} },
  ];
  const files = [
    '\ufeffName,E-Mail,Language\r\nAda Lovelace,ADA@example.org,de\r\nBo,bo@example.org,en\r\n',
    'E-Mail-Adresse;Vorname;Nachname;Sprache\nada@example.org;Ada;Lovelace;Deutsch\n\nbo@example.org;;Bo;English\n',
    'email\tfirst name\tlast name\tlocale\nada@example.org\tAda\tLovelace\tde-AT\nbo@example.org\tBo\t\ten\n',
    '"Full Name","Email Address","Language"\n"Ada\n Lovelace","ada@example.org","de"\n"Bo","bo@example.org",""',
  ];
  expect(readTable(files[0] ?? '', 'en').people).toEqual(people);
  expect(readTable(files[1] ?? '', 'en').people).toEqual(people);
  expect(readTable(files[2] ?? '', 'en').people).toEqual(people);
  // A line break in a name is no name.
  expect(readTable(files[3] ?? '', 'en')).toEqual({
    people: [people[1]],
    problems: [{ line: 2, problem: 'bad-name', text: 'ada@example.org' }],
  });
});

test('what is wrong is told by line, and the others are taken', () => {
  const csv = `name,email\nAda,ada@example.org\n,bo@example.org\nCleo,\nDan,dan@nowhere\nEve,ADA@example.org\n${'x'.repeat(61)},fay@example.org\n`;
  const { people, problems } = readTable(csv, 'en');
  expect(people.map((one) => one.address)).toEqual(['ada@example.org']);
  expect(problems.map(({ line, problem }) => [line, problem])).toEqual([
    ...[
      [3, 'no-name'],
      [4, 'no-address'],
      [5, 'bad-address'],
      [6, 'twice'],
      [7, 'bad-name'],
    ],
  ]);
});

test('a file without a column of addresses or names is refused', () => {
  for (const csv of ['', 'Ada,ada@example.org\n', 'name\nAda\n', 'email\nada@example.org\n']) {
    expect(() => readTable(csv, 'en')).toThrow(/names no column/);
  }
  expect(() => readTable(`name,email\n${'a,b\n'.repeat(5001)}`, 'en')).toThrow(/at most 5000 lines/);
});

test('an export can be read again: what was made harmless is what it was', () => {
  const csv = "name,email\n'=Sum,'+ada@example.org\n";
  expect(readTable(csv, 'en').people).toMatchObject([{ name: '=Sum', address: '+ada@example.org' }]);
});
