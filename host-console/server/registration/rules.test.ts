import { RegistrationStateName } from '@rostrum/contracts';
import { answered, arrival, hasRoom, placesFor } from './rules.ts';

test('who registers is in at once, waits for a place, or waits for the crew, who is asked whether or not there is one', () => {
  expect(arrival('registered', true)).toBe('approved');
  expect(arrival('registered', false)).toBe('waiting');
  expect(arrival('approved', true)).toBe('pending');
  expect(arrival('approved', false)).toBe('pending');
});

test('there is room for as many as the plan says', () => {
  expect([hasRoom(null, 1e6), hasRoom(2, 1), hasRoom(2, 2), hasRoom(1, 2)]).toEqual([
    true,
    true,
    false,
    false,
  ]);
  expect(placesFor(null, 5, 3)).toBe(3);
  expect(placesFor(7, 5, 3)).toBe(2);
  expect(placesFor(9, 5, 3)).toBe(3);
  expect(placesFor(4, 5, 3)).toBe(0);
});

test('answers lead from state to state by this table', () => {
  const table = Object.fromEntries(
    RegistrationStateName.options.map((state) => [
      state,
      [
        answered(state, 'approve', true),
        answered(state, 'approve', false),
        answered(state, 'refuse', true),
        answered(state, 'cancel', true),
      ],
    ]),
  );
  expect(table).toEqual({
    pending: ['approved', 'waiting', 'refused', 'cancelled'],
    approved: ['approved', 'approved', 'refused', 'cancelled'],
    waiting: ['approved', 'waiting', 'refused', 'cancelled'],
    refused: ['approved', 'waiting', 'refused', 'refused'],
    cancelled: ['cancelled', 'cancelled', 'cancelled', 'cancelled'],
  });
});
