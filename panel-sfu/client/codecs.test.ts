import { chooseVideoCodec } from './codecs.ts';

const opus = { mimeType: 'audio/opus' };
const vp8 = { mimeType: 'video/VP8' };
const h264 = { mimeType: 'video/H264' };
const vp9 = { mimeType: 'video/VP9' };
const rtx = { mimeType: 'video/rtx' };

test.each([
  ['a browser that has both sends what is wanted', [opus, vp8, rtx, h264, rtx], 'H264', 'H264'],
  ['whatever the order they are told in', [h264, rtx, vp8, rtx], 'VP8', 'VP8'],
  ['a browser that sends H.264 alone sends that', [opus, h264, rtx], 'VP8', 'H264'],
  ['a browser that has no H.264 sends VP8', [opus, vp8, rtx], 'H264', 'VP8'],
  ['names are compared without their case', [{ mimeType: 'video/h264' }], 'VP8', 'H264'],
  ['VP9 is sent where it is wanted', [opus, vp8, rtx, vp9, rtx], 'VP9', 'VP9'],
  ['and VP8 where the browser sends none', [opus, h264, rtx, vp8, rtx], 'VP9', 'VP8'],
  ['VP9 that nobody wants is not sent, even alone', [opus, rtx, vp9], 'VP8', undefined],
] as const)('%s', (_title, common, wanted, expected) => {
  expect(chooseVideoCodec(common, wanted)?.name).toBe(expected);
});
