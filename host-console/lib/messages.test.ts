import { ERRORS } from '@rostrum/contracts/errors';
import { HandshakeRefusal } from '@rostrum/contracts/person-socket';
import { stageWording, wording } from './messages.ts';

describe('words for problems', () => {
  const codes = [...Object.keys(ERRORS), ...HandshakeRefusal.options];

  test.each(codes)('%s has words of its own', (code) => {
    const { title, hint } = wording(code);
    expect(title).not.toBe('');
    expect(hint).not.toBe('');
    if (code !== 'internal') expect(title).not.toBe(wording('internal').title);
  });

  test('a code this page does not know gets the general words', () => {
    expect(wording('from-the-future')).toEqual(wording('internal'));
  });
});

test('on the stage a conflict is the same link in another window', () => {
  expect(stageWording('conflict')).toEqual(wording('joined-elsewhere'));
  expect(stageWording('no-sfu')).toEqual(wording('no-sfu'));
});
