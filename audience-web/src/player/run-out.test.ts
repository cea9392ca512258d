import { afterEnd, createStandstill, GIVE_UP_MS } from './run-out.ts';

const behind = { status: 'playing', standsStillMs: 0, canGoOn: true } as const;

describe('when the show is over', () => {
  test('whoever is behind plays on to the end, and then sees the end card', () => {
    expect(afterEnd(behind)).toBe('play-on');
    expect(afterEnd({ ...behind, status: 'finished' })).toBe('card');
  });

  test('a pause lasts as long as the viewer likes', () => {
    expect(afterEnd({ ...behind, status: 'paused' })).toBe('play-on');
  });

  test('where the live playlist gives no more, the recording goes on at the same place', () => {
    const stuck = { ...behind, status: 'recovering', standsStillMs: GIVE_UP_MS } as const;
    expect(afterEnd({ ...stuck, standsStillMs: GIVE_UP_MS - 1 })).toBe('play-on');
    expect(afterEnd(stuck)).toBe('recording');
    // Without one, or when the recording itself gives no more.
    expect(afterEnd({ ...stuck, canGoOn: false })).toBe('card');
  });

  test('who never saw a picture waits no longer than that for one', () => {
    const joining = { status: 'loading', standsStillMs: 0, canGoOn: false } as const;
    expect(afterEnd(joining)).toBe('play-on');
    expect(afterEnd({ ...joining, standsStillMs: GIVE_UP_MS })).toBe('card');
    expect(afterEnd({ ...joining, status: 'unsupported' })).toBe('card');
  });
});

test('standing still counts while the picture should move and is seen, and not while the machine sleeps', () => {
  const standstill = createStandstill();
  expect(standstill(0, 5, true)).toBe(0);
  expect(standstill(250, 5, true)).toBe(250);
  expect(standstill(500, 5, true)).toBe(500);
  expect(standstill(3_600_000, 5, true)).toBe(1500);
  expect(standstill(3_600_250, 5.2, true)).toBe(0);
  expect(standstill(3_600_500, 5.2, false)).toBe(0);
  expect(standstill(3_600_750, 5.2, true)).toBe(250);
});
