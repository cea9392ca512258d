import { atSigns } from './signs.ts';

test('something is done at once and with each sign of somebody, until it is ended', () => {
  const page = new EventTarget();
  let done = 0;
  const stop = atSigns(() => {
    done += 1;
  }, page);
  expect(done).toBe(1);
  for (const sign of ['pointermove', 'keydown', 'focus']) page.dispatchEvent(new Event(sign));
  expect(done).toBe(4);
  stop();
  page.dispatchEvent(new Event('keydown'));
  expect(done).toBe(4);
});
