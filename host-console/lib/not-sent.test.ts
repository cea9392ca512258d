import { notSent } from './not-sent.ts';

const nothing = { camera: null, mic: null, screen: null, screenAudio: null };
const fine = { problem: null };

test('somebody whose browser cannot send their camera is told so, and what would do', () => {
  const told = notSent({ ...nothing, camera: { problem: 'media-unsupported' }, mic: fine });
  expect(told).toEqual([
    {
      source: 'camera',
      title: 'Your camera is not sent.',
      hint: 'This browser cannot send that. Use a current Chrome, Edge, Firefox or Safari.',
    },
  ]);
});

test('while all is sent, or nothing is given, there is nothing to tell', () => {
  expect(notSent({ camera: fine, mic: fine, screen: fine, screenAudio: null })).toEqual([]);
  expect(notSent(nothing)).toEqual([]);
});
