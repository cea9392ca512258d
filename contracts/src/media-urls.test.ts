import { accessOf, channelFolders, idOfAccess, mediaUrls } from './media-urls.ts';

test('an open channel is at its address of always; a private one lies below /private, live and recorded', () => {
  const urls = mediaUrls('https://live.example.org/');
  expect(urls.live('abcd')).toBe('https://live.example.org/live/abcd/multivariant.m3u8');
  expect(urls.recording('abcd')).toBe('https://live.example.org/recordings/abcd/multivariant.m3u8');
  const id = idOfAccess('abcd', 'private');
  expect(urls.live(id)).toBe(`https://live.example.org/private/live/${id}/multivariant.m3u8`);
  expect(urls.recording(id)).toBe(`https://live.example.org/private/recordings/${id}/multivariant.m3u8`);
  expect(channelFolders(id)).toEqual(
    ['live', 'recordings', 'standard'].map((area) => `/private/${area}/${id}`),
  );
});

test('an id says who may watch, for good', () => {
  for (const access of ['open', 'private'] as const)
    expect(accessOf(idOfAccess('abcd', access))).toBe(access);
});
