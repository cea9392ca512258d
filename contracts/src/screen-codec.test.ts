import { receivesVp9 } from './screen-codec.ts';

const video = (mimeType: string, parameters = {}) => ({ kind: 'video', mimeType, parameters });

test.each([
  ['a browser that has it', true, [video('video/VP8'), video('video/VP9'), video('video/rtx')]],
  ['a browser that names its profile', true, [video('video/vp9', { 'profile-id': 0 })]],
  ['one of another profile alone', false, [video('video/VP8'), video('video/VP9', { 'profile-id': 2 })]],
  ['a browser without it', false, [video('video/VP8'), video('video/H264'), video('video/rtx')]],
  ['somebody who takes sound alone', true, [{ kind: 'audio', mimeType: 'audio/opus' }]],
])('%s: VP9 is received is %s', (_who, expected, codecs) => {
  expect(receivesVp9({ codecs })).toBe(expected);
});

test('what are no capabilities is in nobody’s way', () => {
  for (const odd of [null, {}, { codecs: 'VP9' }, { codecs: [{}] }]) expect(receivesVp9(odd)).toBe(true);
});
