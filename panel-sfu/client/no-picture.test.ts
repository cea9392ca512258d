import type { NetworkVerdict } from '@rostrum/contracts/network-verdict';
import { noPicture, type PictureSight } from './no-picture.ts';
import type { StageState } from './stage-types.ts';

const track = {} as MediaStreamTrack;
const coming = { track, paused: false, problem: null };
const clear: PictureSight = { network: null, quality: null, theirs: null, still: false };
const is = (word: NetworkVerdict['word']): NetworkVerdict => ({ word, badly: false });
const taking = (layers: number): StageState['network'] => ({
  send: { layers: 3, why: null },
  receive: { layers, why: 'loss' },
});

test('of a picture that comes, or that nobody sends, there is nothing to tell', () => {
  expect(noPicture(coming, clear)).toBeNull();
  expect(noPicture(null, clear)).toBeNull();
  expect(noPicture({ ...coming, paused: true }, { ...clear, still: true })).toBeNull();
  expect(noPicture(coming, { ...clear, network: taking(1), quality: is('download-weak') })).toBeNull();
});

test('a sender without a codec in common is told apart from one whose picture does not come', () => {
  const refused = { track: null, paused: false, problem: 'media-unsupported' } as const;
  expect(noPicture(refused, { ...clear, quality: is('both-weak') })).toBe('codec');
  expect(noPicture({ ...refused, problem: 'limit-reached' }, clear)).toBe('none');
  expect(noPicture({ ...refused, problem: null }, clear)).toBe('none');
});

test('where one’s own network takes no pictures, that is why', () => {
  expect(noPicture(coming, { ...clear, network: taking(0) })).toBe('sound-alone');
});

test('a picture that stands still is laid to whose network is weak, if anybody’s', () => {
  const still = { ...clear, still: true };
  expect(noPicture(coming, still)).toBe('still');
  expect(noPicture(coming, { ...still, quality: is('download-weak') })).toBe('own-network');
  expect(noPicture(coming, { ...still, quality: is('upload-weak') })).toBe('still');
  expect(noPicture(coming, { ...still, theirs: is('upload-weak') })).toBe('their-network');
  expect(noPicture(coming, { ...still, theirs: is('download-weak') })).toBe('still');
  expect(noPicture(coming, { ...still, quality: is('both-weak'), theirs: is('both-weak') })).toBe(
    'own-network',
  );
});
