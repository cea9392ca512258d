import { readMediaPlaylist } from '@rostrum/conformance/media-playlist';
import { LiveShow, OPENING_DEADLINE_MS } from './lib/live-show.ts';
import type { Show } from './lib/show.ts';
import { drawnCamera } from './lib/synthetic-media.ts';
import type { Viewer } from './lib/viewer.ts';

/** R1: any one process is killed without warning while a show is on. The launcher starts it again; nobody reloads. */

let live: LiveShow;
let show: Show;
let viewer: Viewer;
/**
 * When pictures were drawn that viewers saw, Unix ms. Those of the moment in which the broadcaster was killed are not among them:
 * its open segment is lost.
 */
const seenUnixMs: number[] = [];
/** From drawn to mixed, at most; less than from mixed to seen. */
const TO_MIX_MS = 300;

/** Both are seen, and nobody else, in pictures drawn after `drawnAfterUnixMs`. Answers with when the older of them was drawn. */
const bothLive = (what: string, drawnAfterUnixMs = 0) =>
  live.seenLive(
    viewer,
    what,
    show.panelists.map((p) => p.personId),
    { deadlineMs: 40_000, drawnAfterUnixMs, nobodyElse: true },
  );

/** Answers with the moment of the kill once the launcher has started the service again. */
async function kill(service: string): Promise<number> {
  const pid = await live.system.pid(service);
  process.kill(pid, 'SIGKILL');
  const killedUnixMs = Date.now();
  await live.eventually(`${service} to run again`, 20_000, async () => {
    const now = await live.system.pid(service).catch(() => pid);
    return now !== pid ? now : null;
  });
  return killedUnixMs;
}

beforeAll(async () => {
  live = await LiveShow.open({
    title: 'Restarts',
    cast: [drawnCamera('Ada', 255, { pilotHz: 1900 }), drawnCamera('Bo', 150, { pilotHz: 2700 })],
  });
  ({ show } = live);
  viewer = await live.watch();
  seenUnixMs.push(await bothLive('both before anything is killed'));
}, OPENING_DEADLINE_MS);

afterEach(async () => {
  expect(await viewer.sameDocument()).toBe(true);
});

afterAll(() => live?.close(), 60_000);

test('the SFU is killed: everyone joins the new one by themselves and is seen again', async () => {
  const killedUnixMs = await kill('panel-sfu');
  seenUnixMs.push(await bothLive('both after the SFU', killedUnixMs));
});

test('the coordinator is killed: viewers play on, and no acknowledged question is lost', async () => {
  const text = 'Was this question lost?';
  await show.host.command('question:ask', { questionId: 'question-before-the-kill', text });
  const framesBefore = (await viewer.playback()).totalFrames;
  const killedUnixMs = await kill('host-console');
  await live.eventually('the picture to go on meanwhile', 10_000, async () =>
    (await viewer.playback()).totalFrames > framesBefore + 25 ? true : null,
  );
  await bothLive('both after the coordinator', killedUnixMs);
  const view = await show.host.until('the question', (v) => v.questions.some((q) => q.text === text), 20_000);
  expect(view.phase.phase).toBe('live');
});

test('the broadcaster is killed: the same channel goes on and the viewer with it', async () => {
  const killedUnixMs = await kill('broadcaster');
  seenUnixMs.push(await bothLive('both after the broadcaster', killedUnixMs));
});

test('after all of it the webinar ends and the recording is whole', async () => {
  await show.host.command('webinar:end', {});
  const view = await show.host.until(
    'the recording',
    (v) => v.phase.phase === 'ended' && v.phase.recordingUrl !== null,
  );
  if (view.phase.phase !== 'ended' || !view.phase.recordingUrl) throw new Error('no recording');
  const { recordingUrl } = view.phase;
  const multivariant = await live.eventually('the recording playlist', 10_000, async () => {
    const response = await fetch(recordingUrl);
    return response.ok ? response.text() : null;
  });
  const media = multivariant.split('\n').find((line) => line.endsWith('.m3u8') && !line.startsWith('#'));
  const { segments, ended } = readMediaPlaylist(
    await (await fetch(new URL(media ?? '', recordingUrl))).text(),
  );
  expect(ended).toBe(true);
  // Two broadcasters wrote it, so there is a seam, and every segment it lists can be fetched.
  expect(segments.some(({ discontinuity }) => discontinuity)).toBe(true);
  const whole = segments.filter(({ gap }) => !gap);
  for (const drawnUnixMs of seenUnixMs) {
    const mixedUnixMs = drawnUnixMs + TO_MIX_MS;
    const its = whole.find(({ programDateTimeMs: fromMs, durationS }) => {
      return fromMs !== null && fromMs <= mixedUnixMs && mixedUnixMs < fromMs + (durationS ?? 0) * 1000;
    });
    expect({ drawnUnixMs, uri: its?.uri }).toEqual({ drawnUnixMs, uri: expect.any(String) });
  }
  // What the killed process had not yet published may be missing, and says so.
  expect(segments.length - whole.length).toBeLessThanOrEqual(3);
  for (const { uri } of whole) {
    const response = await fetch(new URL(uri ?? '', new URL(media ?? '', recordingUrl)));
    expect({ uri, status: response.status }).toEqual({ uri, status: 200 });
  }
});
