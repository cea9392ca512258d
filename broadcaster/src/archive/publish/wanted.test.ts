import { mediaBase } from '@rostrum/contracts/media-urls';
import { objectNames } from './wanted.ts';

test('objects have the paths that the origin serves, so that what is private in it is private in a CDN over the bucket too', () => {
  expect(objectNames.media('show', '720p/e1/s4.mp4')).toBe('live/show/720p/e1/s4.mp4');
  expect(objectNames.recording('show', '720p.m3u8')).toBe('recordings/show/720p.m3u8');
  const id = 'private-show';
  expect([
    objectNames.media(id, 'a.mp4'),
    objectNames.recording(id, 'a.m3u8'),
    objectNames.standard(id, 'a.m3u8'),
  ]).toEqual([
    `private/live/${id}/a.mp4`,
    `private/recordings/${id}/a.m3u8`,
    `private/standard/${id}/a.m3u8`,
  ]);
});

test('playlists find their media from below either', () => {
  for (const id of ['show', 'private-show']) {
    for (const area of ['recording', 'standard'] as const) {
      const playlist = new URL(objectNames[area](id, '720p.m3u8'), 'https://cdn.example/');
      const media = new URL(`${mediaBase(id)}720p/e1/s4.mp4`, playlist);
      expect(media.pathname).toBe(`/${objectNames.media(id, '720p/e1/s4.mp4')}`);
    }
  }
});
