import { withMediaInPlace } from './older-recording.ts';

const OLDER = [
  '#EXTM3U',
  '#EXT-X-MAP:URI="hi/e1/init.mp4"',
  '#EXTINF:1.92000,',
  'hi/e1/s1.mp4',
  '#EXT-X-BYTERANGE:900@0',
  'hi/e1/s2.mp4',
  '#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI="hi-iframes.m3u8"',
  'lo.m3u8',
  '',
].join('\n');

test('of an older playlist the media are named where they lie, and nothing else is touched', () => {
  const text = withMediaInPlace(OLDER, 'show');
  expect(text).toBe(
    [
      '#EXTM3U',
      '#EXT-X-MAP:URI="../../live/show/hi/e1/init.mp4"',
      '#EXTINF:1.92000,',
      '../../live/show/hi/e1/s1.mp4',
      '#EXT-X-BYTERANGE:900@0',
      '../../live/show/hi/e1/s2.mp4',
      '#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI="hi-iframes.m3u8"',
      'lo.m3u8',
      '',
    ].join('\n'),
  );
  expect(withMediaInPlace(text, 'show')).toBe(text);
});
