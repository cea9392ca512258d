import { frameSnippet, linkAt, momentOf, momentText, parseMoment } from './moment.ts';

test.each([
  ['1h2m3s', 3723],
  ['2m', 120],
  ['90', 90],
  ['90s', 90],
  ['1H5S', 3605],
  ['1:15', 75],
  ['1:02:03', 3723],
  ['0', 0],
])('%s is a moment', (text, seconds) => {
  expect(parseMoment(text)).toBe(seconds);
});

test.each(['', 'now', '-5', '1.5', 's', '3m2h', '1:2', 'eyJhbGciOi', '99999999'])('%s is none', (text) => {
  expect(parseMoment(text)).toBeNull();
});

test('what an address is given it says again', () => {
  for (const seconds of [0, 1, 59, 60, 3599, 3600, 3661, 36_000]) {
    expect(momentOf(new URL(linkAt('https://a.example', 'show', seconds)).search)).toBe(seconds);
  }
  expect(momentText(3723.9)).toBe('1h2m3s');
  expect(momentOf('')).toBeNull();
});

test('a link to a moment is the page for anybody', () => {
  expect(linkAt('https://a.example', 'show', 62)).toBe('https://a.example/w/show?t=1m2s');
  expect(linkAt('https://a.example', 'show', null)).toBe('https://a.example/w/show');
});

test('a title stays within its attribute in a frame', () => {
  expect(frameSnippet('https://a.example', 'show', 5, '"<b>" & co')).toBe(
    '<iframe src="https://a.example/w/show/embed?t=5s" title="&quot;&lt;b&gt;&quot; &amp; co" width="640" height="360" style="border:0" allow="autoplay; fullscreen; picture-in-picture" allowfullscreen></iframe>',
  );
});
