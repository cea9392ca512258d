import { Repeat } from '@rostrum/contracts';
import { membersOf, movedAlike, ruleOf, startsBy } from './series.ts';
import { startsAt } from './start.ts';

const BERLIN = { local: '2027-03-14T19:00', zone: 'Europe/Berlin' };
const starts = (repeat: Parameters<typeof Repeat.parse>[0], from = BERLIN) =>
  startsBy(ruleOf(Repeat.parse(repeat), from), from);

test('a weekly series has the same time on the wall before and after clocks are moved', () => {
  const times = starts({ every: 'week', count: 4 });
  expect(times.map(({ local }) => local)).toEqual([
    '2027-03-14T19:00',
    '2027-03-21T19:00',
    '2027-03-28T19:00',
    '2027-04-04T19:00',
  ]);
  // Berlin moves its clocks on 28 March.
  expect(times.map((at) => new Date(startsAt(at)).toISOString().slice(11, 16))).toEqual([
    '18:00',
    '18:00',
    '17:00',
    '17:00',
  ]);
});

test('one by the date leaves out months without it, and one by the weekday finds it in each', () => {
  const last = { local: '2027-01-31T10:00', zone: 'UTC' };
  expect(starts({ every: 'month', count: 3 }, last).map(({ local }) => local.slice(0, 10))).toEqual([
    '2027-01-31',
    '2027-03-31',
    '2027-05-31',
  ]);
  const sundays = starts({ every: 'month', by: 'weekday', count: 3 }, last).map(({ local }) =>
    local.slice(0, 10),
  );
  expect(sundays).toEqual(['2027-01-31', '2027-02-28', '2027-03-28']);
  const second = starts({ every: 'month', by: 'weekday', interval: 2, count: 3 });
  expect(second.map(({ local }) => local.slice(0, 10))).toEqual(['2027-03-14', '2027-05-09', '2027-07-11']);
});

test('the longest series there can be ends', () => {
  expect(
    starts({ every: 'month', interval: 12, count: 52 }, { local: '2028-02-29T10:00', zone: 'UTC' }),
  ).toHaveLength(52);
});

test('the others of a series are known by it, and move as one of them was moved', () => {
  expect(membersOf({ seriesId: 'series-1', rule: '', firstId: 'private-a', count: 3 })).toEqual([
    'private-a',
    'private-series-1-2',
    'private-series-1-3',
  ]);
  expect(
    movedAlike({ local: '2027-04-04T19:00', zone: 'Europe/Berlin' }, BERLIN, {
      local: '2027-03-16T18:30',
      zone: 'Europe/Paris',
    }),
  ).toEqual({ local: '2027-04-06T18:30', zone: 'Europe/Paris' });
});
