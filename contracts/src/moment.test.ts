import { badInput } from './errors.ts';
import { CreateWebinar } from './http-api.ts';
import { FIRST_UNIX_MS, LAST_UNIX_MS } from './moment.ts';
import { personCommands } from './person-socket.ts';
import { emptyScene, Scene } from './scene.ts';
import { WebinarEvent } from './webinar.ts';

const NEVER = [
  9_007_199_254_740_991,
  -1,
  0,
  FIRST_UNIX_MS - 1,
  LAST_UNIX_MS + 1,
  8.64e15 + 1,
  1e300,
  1.8e12 + 0.5,
];

test.each(NEVER)('%d is no time: refused with the field’s name wherever one is given', (unixMs) => {
  const created = CreateWebinar.safeParse({ title: 'T', startsAtUnixMs: unixMs });
  expect(created.error && badInput(created.error).field).toBe('startsAtUnixMs');
  const slide = { kind: 'countdown', title: 'T', untilUnixMs: unixMs };
  const counted = personCommands['scene:update'].input.safeParse({ slide });
  expect(counted.error && badInput(counted.error).field).toBe('slide.untilUnixMs');
});

test.each(NEVER)('%d in an older log is no start, and a countdown’s nearest time', (unixMs) => {
  const created = { type: 'webinar.created', title: 'T', startsAtUnixMs: unixMs, profile: 'fast' };
  expect(WebinarEvent.parse(created)).toMatchObject({ startsAtUnixMs: null });
  const scene = { ...emptyScene('T'), slide: { kind: 'countdown', title: 'T', untilUnixMs: unixMs } };
  const { slide } = Scene.parse(scene);
  if (slide?.kind !== 'countdown') throw new Error('another slide');
  expect(new Date(slide.untilUnixMs).toISOString()).toMatch(/^2\d{3}-/);
});

test('the first and the last moment are times', () => {
  for (const unixMs of [FIRST_UNIX_MS, Date.now(), LAST_UNIX_MS]) {
    expect(CreateWebinar.parse({ title: 'T', startsAtUnixMs: unixMs })).toMatchObject({
      startsAtUnixMs: unixMs,
    });
  }
});
