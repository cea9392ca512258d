import { setTimeout } from 'node:timers/promises';
import { stopThread } from '@rostrum/broadcaster/testing/stop-thread';
import { walkChannel } from '@rostrum/conformance/channel';
import { LiveShow, OPENING_DEADLINE_MS } from './lib/live-show.ts';
import { drawnCamera } from './lib/synthetic-media.ts';
import { eventually } from './lib/viewer.ts';

/**
 * S1: the protocol, rule by rule, on a real channel over HTTP, by a suite that knows nothing of ours: through changes of
 * layout, an encoder that stands still, a compositor that is stopped, one that is killed with all that come after it, and
 * the end.
 */
const SECONDS = 140;
const STOPPED_MS = 3000;
/** The origin holds a request for three target durations of 2 s; a start of a compositor comes to that. */
const HELD_OUT_DEADLINE_MS = 30_000;
/** Long enough for gaps, too short for being given up. */
const STALLED_S = 3;

let live: LiveShow;

beforeAll(async () => {
  live = await LiveShow.open({
    title: 'To the letter',
    cast: [drawnCamera('Ada', 255)],
    direction: 'manual',
  });
}, OPENING_DEADLINE_MS);

afterAll(async () => {
  await live?.close();
}, 60_000);

async function compositor(): Promise<number> {
  const [pid] = await live.system.compositorPids();
  if (!pid) throw new Error('no compositor process');
  return pid;
}

/** Resolves when who waits for what comes next was told that it does not come, and so were all who wait beside (LL15). */
async function heldOut(playlist: URL): Promise<void> {
  await eventually('that a request was held out', HELD_OUT_DEADLINE_MS, async () => {
    const text = await (await fetch(playlist)).text();
    const hint = /^#EXT-X-PRELOAD-HINT:.*URI="([^"]+)"/m.exec(text)?.[1];
    if (hint === undefined) return null;
    const answer = await fetch(new URL(hint, playlist));
    await answer.body?.cancel();
    return answer.status === 503 ? true : null;
  });
  await setTimeout(500);
}

test('[S1] no rule is broken through scene changes, a stalled encoder, a stopped compositor, one away for long and the end', async () => {
  const { host } = live.show;
  const { phase } = host.view();
  if (phase.phase !== 'live') throw new Error('not live');
  const url = phase.playlistUrl;
  await eventually('the multivariant playlist', 10_000, async () => ((await fetch(url)).ok ? true : null));
  const walk = walkChannel({
    url,
    seconds: SECONDS,
    signal: new AbortController().signal,
    progress: () => undefined,
  });
  // The walk must not be left unobserved while the show is disturbed.
  walk.catch(() => undefined);
  await setTimeout(12_000);
  await host.command('air:set', { personId: live.panelist(0).personId, onAir: true });
  await host.command('scene:update', { layout: 'grid' });
  await setTimeout(5000);
  await stopThread(await compositor(), 'coder-480p', STALLED_S);
  const stalled = await (await fetch(new URL('480p.m3u8', url))).text();
  expect(stalled).toMatch(/#EXT-X-PART:.*GAP=YES/);
  await setTimeout(8000);
  const stopped = await compositor();
  process.kill(stopped, 'SIGSTOP');
  await setTimeout(STOPPED_MS);
  process.kill(stopped, 'SIGCONT');
  await setTimeout(14_000);
  await live.system.killCompositorsUntil(heldOut(new URL('480p.m3u8', url)));
  await setTimeout(22_000);
  await host.command('webinar:end', {});
  const records = await walk;
  expect(records.filter((record) => record.verdict === 'broken')).toEqual([]);
  const unseen = records.filter((record) => record.verdict === 'not seen').map((record) => record.id);
  // There is no edge here.
  expect(unseen).toEqual(['LL23']);
}, 180_000);
