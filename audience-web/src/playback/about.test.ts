import { RecordingAbout } from '@rostrum/contracts/recording';
import { aboutUrlOf, NOTHING, readAbout } from './about.ts';

const URL_OF_IT = 'https://cdn.example/private/recordings/private-a/about.json';

test('what the contract says of a recording is read whole', () => {
  const told = RecordingAbout.parse({
    title: 'Spring',
    startsUnixMs: 1_767_323_045_000,
    durationMs: 60_000,
    live: true,
    chapters: [
      { startMs: 30_000, title: 'Second', kind: 'question' },
      { startMs: 0, title: 'First', kind: 'start' },
    ],
    poster: 'poster.jpg',
    downloads: [
      { rendition: '720p', state: 'ready', bytes: 12, path: '720p.mp4' },
      { rendition: '480p', state: 'making', share: 0.5 },
      { rendition: '240p', state: 'failed', reason: 'disk' },
    ],
    captions: [{ language: 'en', label: 'English', path: 'captions/en.vtt' }],
  });
  const folder = 'https://cdn.example/private/recordings/private-a';
  expect(readAbout(told, URL_OF_IT)).toEqual({
    live: true,
    chapters: [told.chapters[1], told.chapters[0]],
    posterUrl: `${folder}/poster.jpg`,
    downloads: [{ rendition: '720p', bytes: 12, url: `${folder}/720p.mp4` }],
    captions: [
      { language: 'en', label: 'English', path: 'captions/en.vtt', url: `${folder}/captions/en.vtt` },
    ],
  });
});

test('of what is not as it should be nothing is shown, and nothing breaks', () => {
  for (const wrong of [null, 5, 'x', [], {}, { chapters: 7, downloads: null, captions: {} }]) {
    expect(readAbout(wrong, URL_OF_IT)).toEqual(NOTHING);
  }
  const odd = {
    chapters: [{ startMs: -1, title: 'before' }, { startMs: 1, title: ' ' }, null, { startMs: Number.NaN }],
    poster: 'javascript:alert(1)',
    downloads: [{ state: 'ready', rendition: '720p', path: 'data:text/html,x' }],
    captions: [{ language: 'en', path: 'a.vtt' }],
  };
  expect(readAbout(odd, URL_OF_IT)).toEqual(NOTHING);
});

test('it lies beside the playlists', () => {
  expect(aboutUrlOf('https://cdn.example/recordings/a/multivariant.m3u8')).toBe(
    'https://cdn.example/recordings/a/about.json',
  );
});
