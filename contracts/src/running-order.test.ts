import { nextToAppear } from './running-order.ts';

test.each([
  [['a', 'b', 'c'], [], 'a'],
  [['a', 'b', 'c'], ['a'], 'b'],
  [['a', 'b', 'c'], ['b'], 'c'],
  // Who leads through it stays on air.
  [['a', 'b', 'c'], ['a', 'b'], 'c'],
  [['a', 'b', 'c'], ['c'], null],
  [['a', 'b'], ['x'], 'a'],
  [[], ['x'], null],
])('of the order %j with %j on air, %s is next', (order, onAir, next) => {
  expect(nextToAppear(order, onAir)).toBe(next);
});
