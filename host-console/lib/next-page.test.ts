import { nextPage } from './next-page.ts';

test.each([
  ['', '/'],
  ['?next=/members', '/members'],
  ['?next=%2Fcontrol%3Fwebinar%3Dx', '/control?webinar=x'],
  ['?next=//evil.example', '/'],
  ['?next=/%5Cevil.example', '/'],
  ['?next=https://evil.example', '/'],
  ['?next=javascript:alert(1)', '/'],
  ['?next=/%09/evil.example', '/'],
])('after signing in at %s one is led to %s', (search, page) => {
  expect(nextPage(search)).toBe(page);
});
