import type { WebinarState } from '@rostrum/contracts';
import { emptyState } from '../webinars/fold.ts';
import { holdingOf } from './doors.ts';

const NOW = 1_800_000_000_000;
const state = (change: Partial<WebinarState>): WebinarState => ({
  ...emptyState('webinar1'),
  title: 'Town hall',
  ...change,
});
const slideOf = (change: Partial<WebinarState>) => holdingOf(state(change), NOW).scene.slide;

test('before the show the slide counts down to the planned start, or to what the crew said', () => {
  expect(slideOf({ startsAtUnixMs: NOW + 1000 })).toEqual({
    kind: 'countdown',
    title: 'Town hall',
    untilUnixMs: NOW + 1000,
  });
  const doorRules = { bed: true, openMinutes: null, untilUnixMs: NOW + 5000 };
  expect(slideOf({ startsAtUnixMs: NOW + 1000, doorRules })).toMatchObject({ untilUnixMs: NOW + 5000 });
  expect(holdingOf(state({ doorRules }), NOW).hold).toEqual({ bed: true });
});

test('once that is over, and where nothing was said, it has the title', () => {
  const holding = { kind: 'holding', title: 'Town hall', subtitle: '' };
  expect(slideOf({ startsAtUnixMs: NOW })).toEqual(holding);
  expect(slideOf({ startsAtUnixMs: null })).toEqual(holding);
});

test('whoever the crew has put on air already is not in it, nor what they wrote over the picture', () => {
  const { scene } = state({});
  const directed = {
    ...scene,
    onAir: [{ personId: 'ada', name: 'Ada' }],
    lowerThird: { title: 'Ada', subtitle: '' },
  };
  expect(holdingOf(state({ scene: directed }), NOW)).toMatchObject({
    scene: { onAir: [], lowerThird: null, screen: null },
    tracks: false,
  });
});
