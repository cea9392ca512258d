import { keyAction, speedAfter } from './keys.ts';

test('keys step, jump, and move between chapters', () => {
  expect(keyAction('j')).toEqual({ do: 'step', seconds: -10 });
  expect(keyAction('l')).toEqual({ do: 'step', seconds: 10 });
  expect(keyAction('7')).toEqual({ do: 'jump', share: 0.7 });
  expect(keyAction('n')).toEqual({ do: 'chapter', to: 'next' });
  expect(keyAction('c')).toEqual({ do: 'captions' });
  for (const key of ['k', ' ', 'm', 'arrowleft', 'x', '10']) expect(keyAction(key)).toBeNull();
});

test('speed goes from half to double, a step at a time', () => {
  expect(speedAfter(1, 1)).toBe(1.25);
  expect(speedAfter(1, -1)).toBe(0.75);
  expect([speedAfter(2, 1), speedAfter(0.5, -1)]).toEqual([2, 0.5]);
  expect(speedAfter(1.1, 1)).toBe(1.25);
});
