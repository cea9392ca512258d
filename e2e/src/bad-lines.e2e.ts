import { setTimeout as sleep } from 'node:timers/promises';
import { OPENING_DEADLINE_MS } from './lib/live-show.ts';
import { conditionOf } from './lib/network/conditions.ts';
import { backUpMs, holesMs, quantileOf, type Stretch, usualHeight } from './lib/network/figures.ts';
import { NetworkShow, type Watched } from './lib/network/network-show.ts';

/** R3 on lines that are bad in all the ways they are, one after the other: how long each holds, and what comes after it, is `networks.e2e.ts`. */

/** A longer way has a hole as long as it begins with; estimates and layers come to rest. */
const SETTLED_MS = 6000;
/** In six seconds: one or two windows of sound on a machine that is busy. */
const HOLES_MS = 100;

let show: NetworkShow;
let usualLevel: { readonly near: number; readonly away: number };

const looked = async (): Promise<void> => {
  await Promise.all([show.near.look(), show.away.look()]);
};

beforeAll(async () => {
  show = await NetworkShow.open();
  const sinceUnixMs = Date.now();
  await show.eventually('both on a good line', 30_000, async () => {
    await looked();
    return backUpMs(show.near.recording.frames, sinceUnixMs, show.cameraHeight);
  });
  const levelOf = ({ recording }: Watched): number =>
    quantileOf(recording.sound.filter(({ atUnixMs }) => atUnixMs >= sinceUnixMs).map(({ level }) => level));
  usualLevel = { near: levelOf(show.near), away: levelOf(show.away) };
}, OPENING_DEADLINE_MS);

afterAll(() => show?.close(), 60_000);

test.each(['loss-1', 'loss-5', '1000-kbit', 'rtt-150', 'rtt-500', 'jitter-30', 'bursts-60'])(
  '[R3] on a bad line (%s) the sound goes on without a hole, and a picture with it',
  async (name) => {
    await show.network.condition(conditionOf(name));
    await sleep(SETTLED_MS);
    await looked();
    const fromUnixMs = Date.now();
    await sleep(6000);
    await looked();
    const stretch: Stretch = [fromUnixMs, Date.now()];
    await sleep(1000); // what was on its way, and in the page
    await looked();
    const [near, away] = [show.near.recording, show.away.recording];
    const holes = [
      holesMs(near.sound, stretch, usualLevel.near),
      holesMs(away.sound, stretch, usualLevel.away),
    ];
    const lines = usualHeight(near.frames, stretch);
    process.stderr.write(`${name}: holes of ${holes} ms, ${lines} lines\n`);
    for (const ms of holes) expect(ms).toBeLessThanOrEqual(HOLES_MS);
    expect(lines).toBeGreaterThan(0);
  },
  60_000,
);
