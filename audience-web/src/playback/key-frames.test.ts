import { keyFrameAt, readKeyFrames, smallestKeyFrames } from './key-frames.ts';

const BASE = 'https://cdn.example/recordings/a/multivariant.m3u8';

test('the smallest rendition’s key frames are taken', () => {
  const text = [
    '#EXTM3U',
    '#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS="avc1.4d401f,mp4a.40.2",RESOLUTION=1280x720',
    '720p.m3u8',
    '#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=9,AVERAGE-BANDWIDTH=8,CODECS="avc1.4d401f",RESOLUTION=1280x720,URI="720p-key-frames.m3u8"',
    '#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=3,AVERAGE-BANDWIDTH=2,CODECS="avc1.42c015",RESOLUTION=426x240,URI="240p-key-frames.m3u8"',
  ].join('\n');
  expect(smallestKeyFrames(text, BASE)).toBe('https://cdn.example/recordings/a/240p-key-frames.m3u8');
  expect(smallestKeyFrames('#EXTM3U\n', BASE)).toBeNull();
});

const playlist = [
  '#EXTM3U',
  '#EXT-X-I-FRAMES-ONLY',
  '#EXT-X-MAP:URI="/live/a/240p/e1/init.mp4"',
  '#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00.000Z',
  '#EXTINF:1.92000,',
  '#EXT-X-BYTERANGE:3000@0',
  '240p/e1/s1.mp4',
  '#EXTINF:1.00000,',
  '#EXT-X-BYTERANGE:2000@16',
  '240p/e1/s2.mp4',
  '#EXT-X-DISCONTINUITY',
  '#EXT-X-MAP:URI="240p/e2/init.mp4"',
  '#EXTINF:1.92000,',
  '#EXT-X-BYTERANGE:1000@0',
  '240p/e2/s3.mp4',
].join('\r\n');

test('each key frame has its moment, its bytes and the init segment of its epoch', () => {
  const folder = 'https://cdn.example/recordings/a';
  const frames = readKeyFrames(playlist, `${folder}/240p-key-frames.m3u8`);
  const first = 'https://cdn.example/live/a/240p/e1/init.mp4';
  expect(frames).toEqual([
    { startS: 0, url: `${folder}/240p/e1/s1.mp4`, offset: 0, length: 3000, initUrl: first },
    { startS: 1.92, url: `${folder}/240p/e1/s2.mp4`, offset: 16, length: 2000, initUrl: first },
    {
      startS: 2.92,
      url: `${folder}/240p/e2/s3.mp4`,
      offset: 0,
      length: 1000,
      initUrl: `${folder}/240p/e2/init.mp4`,
    },
  ]);
  expect([-1, 0, 1.91, 1.92, 2.91, 99].map((s) => keyFrameAt(frames, s)?.length)).toEqual([
    3000, 3000, 3000, 2000, 2000, 1000,
  ]);
  expect(keyFrameAt([], 5)).toBeUndefined();
});

test('what is no playlist has no key frames', () => {
  expect(readKeyFrames('<!doctype html>\n<p>gone', BASE)).toEqual([]);
});
