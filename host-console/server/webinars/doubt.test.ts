import { RostrumError } from '@rostrum/contracts';
import { pino } from 'pino';
import { Disk, openDisk } from '../simulation/disk.ts';
import { World } from '../simulation/world.ts';
import type { WebinarLog } from '../store/index.ts';
import { WebinarActor } from './actor.ts';

/** A log whose database goes away and comes back, in time that is only counted. */
const world = new World(1);
const lines: { level: number; msg: string }[] = [];
let actor: WebinarActor;
let claimedMs: number[];
let away: boolean;
let restore: () => void;

beforeEach(async () => {
  ({ restore } = world.time.install(world.random));
  lines.length = 0;
  claimedMs = [];
  away = false;
  const disk = new Disk();
  const event = { type: 'webinar.created', title: 'T', startsAtUnixMs: null, profile: 'standard' } as const;
  disk.logs.set('webinar1', [{ seq: 1, atUnixMs: 0, event }]);
  const open = openDisk(disk, world, () => true);
  const refuse = (): void => {
    if (away) throw new RostrumError('unavailable', 'the database does not answer');
  };
  const store: WebinarLog = {
    snapshots: open.snapshots,
    events: {
      ...open.events,
      async claim(webinarId) {
        claimedMs.push(world.time.nowMs);
        refuse();
        return open.events.claim(webinarId);
      },
      async append(append) {
        refuse();
        return open.events.append(append);
      },
    },
  };
  const loading = WebinarActor.load({
    webinarId: 'webinar1',
    store,
    clock: { nowMs: () => world.time.nowMs, nowUnixMs: () => world.time.nowMs },
    logger: pino({}, { write: (line: string) => lines.push(JSON.parse(line)) }),
    events: { committed: () => undefined, fenced: () => undefined },
  });
  await world.time.pass(1000);
  const loaded = await loading;
  if (!loaded) throw new Error('the webinar is there');
  actor = loaded;
  claimedMs = [];
});
afterEach(() => restore());

/** What somebody who asks something is answered. */
async function ask(questionId: string): Promise<string> {
  const asked = actor
    .submit(() => [
      { type: 'question.asked', questionId, personId: 'ada1', name: 'Ada', text: 'Why?', held: false },
    ])
    .then(
      () => 'ok',
      (error: unknown) => (error instanceof RostrumError ? error.code : String(error)),
    );
  await world.time.pass(100);
  return asked;
}

test('a log that cannot be read is looked at ever less often, and that is logged once, and once when it is read again', async () => {
  away = true;
  expect(await ask('question-1')).toBe('unavailable');
  await world.time.pass(60_000);
  const pausesMs = claimedMs.slice(1).map((atMs, i) => atMs - (claimedMs[i] ?? 0));
  expect(Math.min(...pausesMs)).toBeGreaterThanOrEqual(250);
  expect(Math.max(...pausesMs)).toBeGreaterThan(2500);
  expect(claimedMs.length).toBeLessThan(45);
  away = false;
  await world.time.pass(6000);
  expect(await ask('question-2')).toBe('ok');
  expect(lines.map(({ level, msg }) => `${level} ${msg}`)).toEqual([
    '50 append failed; the log has to be read again',
    '40 reading the log after a failed append: not yet, it is tried again',
    '30 reading the log after a failed append: works again',
    '30 the log is written again',
  ]);
});

test('whoever speaks has it looked at, however many they are: never sooner than after a pause, and with one look on its way', async () => {
  away = true;
  for (let n = 0; n < 100; n += 1) expect(await ask(`question-${n}`)).toBe('unavailable');
  const pausesMs = claimedMs.slice(1).map((atMs, i) => atMs - (claimedMs[i] ?? 0));
  expect(Math.min(...pausesMs)).toBeGreaterThanOrEqual(250);
  expect(Math.max(...pausesMs)).toBeLessThanOrEqual(400);
  claimedMs = [];
  await world.time.pass(60_000);
  expect(claimedMs.length).toBeLessThan(45);
  away = false;
  expect(await ask('one-more')).toBe('ok');
});
