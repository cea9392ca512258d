import { setTimeout } from 'node:timers/promises';
import { Busy } from './lib/busy.ts';
import { LiveShow, OPENING_DEADLINE_MS } from './lib/live-show.ts';
import { type Senders, startSenders } from './panelist/senders.ts';

/** A show beside ten programs that want all of the machine, for a minute, and then none. */
const LOAD = 10;
const LOAD_MS = 60_000;
const LOOK_EVERY_MS = 500;
/** A playlist whose newest part is older than this has stopped. */
const STOPPED_MS = 6000;
const BACK_WITHIN_MS = 10_000;

let senders: Senders;
let live: LiveShow;

beforeAll(async () => {
  senders = await startSenders(() => undefined);
  live = await LiveShow.open({
    title: 'Overload',
    cast: [
      senders.clock('Ada', { hue: 255, flash: false, pilotHz: 440 }),
      senders.clock('Bo', { hue: 150, flash: false, pilotHz: 2700 }),
    ],
  });
}, OPENING_DEADLINE_MS);

afterAll(async () => {
  await live?.close();
  await senders?.close();
}, 60_000);

interface Edge {
  /** Age of the end of the newest part, ms. */
  readonly ageMs: number;
  readonly gaps: number;
}

/** Where the sound's playlist ends. */
async function soundEdge(multivariant: string): Promise<Edge> {
  const text = await (await fetch(new URL('audio.m3u8', multivariant))).text();
  let atMs = 0;
  let gaps = 0;
  for (const line of text.split('\n')) {
    const [, date] = /^#EXT-X-PROGRAM-DATE-TIME:(.+)$/.exec(line) ?? [];
    if (date !== undefined) atMs = Date.parse(date);
    const [, seconds] = /^#EXT-X-PART:DURATION=([\d.]+)/.exec(line) ?? [];
    if (seconds !== undefined) atMs += Number(seconds) * 1000;
    if (/^#EXT-X-(PART:.*GAP=YES|GAP)/.test(line)) gaps += 1;
  }
  return { ageMs: Date.now() - atMs, gaps };
}

test(
  '[R7] ten busy programs take the machine for a minute: nobody is restarted, lost or thrown out, sound has no gap, and ten seconds later all is as before',
  async () => {
    const { host } = live.show;
    const { phase } = host.view();
    if (phase.phase !== 'live') throw new Error('not live');
    const viewer = await live.watch();
    const everybody = live.show.panelists.map(({ personId }) => personId);
    await live.seenLive(viewer, 'both before the load', everybody);
    const services = ['host-console', 'panel-sfu', 'broadcaster'];
    const pidsNow = async (): Promise<number[]> => [
      ...(await Promise.all(services.map((service) => live.system.pid(service)))),
      ...(await live.system.compositorPids()),
    ];
    const pids = await pidsNow();

    const busy = new Busy(LOAD);
    const edges: Edge[] = [];
    const onStage: number[] = [];
    try {
      for (const untilMs = performance.now() + LOAD_MS; performance.now() < untilMs; ) {
        edges.push(await soundEdge(phase.playlistUrl));
        onStage.push(host.onStage().length);
        await setTimeout(LOOK_EVERY_MS);
      }
    } finally {
      await busy.stop();
    }
    const endedUnixMs = Date.now();
    expect(await pidsNow()).toEqual(pids);
    expect(Math.min(...onStage)).toBe(2);
    expect(edges.reduce((sum, { gaps }) => sum + gaps, 0)).toBe(0);
    expect(Math.max(...edges.map(({ ageMs }) => ageMs))).toBeLessThan(STOPPED_MS);
    expect((await live.system.log('host-console')).join('\n')).not.toContain('node lost');
    await live.seenLive(viewer, 'both after the load', everybody, {
      deadlineMs: BACK_WITHIN_MS,
      drawnAfterUnixMs: endedUnixMs,
    });
    expect(await viewer.sameDocument()).toBe(true);
  },
  LOAD_MS + 90_000,
);
