import { dayOf, daysLater, firstWeekday, monthsLater, weeksOf } from './calendar.ts';

test('a month is shown in whole weeks, which begin as they do there', () => {
  const weeks = weeksOf('2027-03-15', 1);
  expect(weeks.map((week) => [week[0], week[6]])).toEqual([
    ['2027-03-01', '2027-03-07'],
    ['2027-03-08', '2027-03-14'],
    ['2027-03-15', '2027-03-21'],
    ['2027-03-22', '2027-03-28'],
    ['2027-03-29', '2027-04-04'],
  ]);
  expect(weeksOf('2027-03-15', 7)[0]?.[0]).toBe('2027-02-28');
  expect(weeksOf('2027-02-10', 1)).toHaveLength(4);
  expect([firstWeekday('de-DE'), firstWeekday('en-US')]).toEqual([1, 7]);
});

test('one goes on by days and months over their ends', () => {
  expect(daysLater('2027-03-28', 7)).toBe('2027-04-04');
  expect(daysLater('2027-01-01', -1)).toBe('2026-12-31');
  expect(monthsLater('2027-01-31', 1)).toBe('2027-02-28');
  expect(monthsLater('2027-01-15', -1)).toBe('2026-12-15');
});

test('a webinar is on the day that it is for who looks', () => {
  const late = Date.UTC(2027, 2, 28, 22, 30);
  expect([dayOf(late, 'UTC'), dayOf(late, 'Europe/Berlin')]).toEqual(['2027-03-28', '2027-03-29']);
});
