import { refusalOf } from './refusal.ts';

test('what is gone and what is not for this browser is told; what may yet come is waited for', () => {
  expect([404, 410].map(refusalOf)).toEqual(['gone', 'gone']);
  expect([401, 403].map(refusalOf)).toEqual(['forbidden', 'forbidden']);
  expect([200, 304, 429, 500, 502, 503, 504].map(refusalOf)).toEqual(Array(7).fill(null));
});
