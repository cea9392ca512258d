import { createEdgeClock } from './edge-clock.ts';

test('before the first playlist there is no edge', () => {
  expect(createEdgeClock().edgeAtMs(5)).toBeNull();
});

test('the edge moves on between playlists', () => {
  const clock = createEdgeClock();
  clock.observe(1000, 50_000);
  expect(clock.edgeAtMs(1120)).toBe(50_120);
});

test('the promptest playlist counts: a late one does not pull the edge back', () => {
  const clock = createEdgeClock();
  clock.observe(1000, 50_000);
  clock.observe(1290, 50_200); // 90 ms late
  expect(clock.edgeAtMs(1300)).toBe(50_300);
});

test('an edge that fell back for good is followed once the prompt ones are old', () => {
  const clock = createEdgeClock(2000);
  clock.observe(0, 10_000);
  for (let now = 200; now <= 2400; now += 200) clock.observe(now, 9000 + now);
  expect(clock.edgeAtMs(2400)).toBe(11_400);
});

test('a reset forgets the timeline', () => {
  const clock = createEdgeClock();
  clock.observe(0, 1);
  clock.reset();
  expect(clock.edgeAtMs(1)).toBeNull();
});
