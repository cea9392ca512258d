/**
 * A private show behind the edge over TLS, from going live to the recording's deletion, with a compositor, a worker of the SFU, the
 * broadcaster and the edge killed once each at random moments; what is left of it is judged by the clock in its pictures.
 * ROSTRUM_EVENT_SECONDS: how long it is at least (default 75); ROSTRUM_SEED to kill as once before.
 */
import { createHash, randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MediaKeys, signMediaRight } from '@rostrum/contracts';
import { PROFILES } from '@rostrum/contracts/profile';
import { complaintsOf, durationMsOf } from './event/decoded.ts';
import { drawnUnixMs, holesIn, type Stretch, unexplained } from './event/holes.ts';
import { type Picture, PrivateShow } from './event/private-show.ts';
import { type Aired, airedAt, airedIn, lengthMs } from './event/programme.ts';
import { ask, read, rightOf } from './event/right.ts';
import { manifestIn, readTracks } from './event/tracks.ts';
import { busiestOf, kill, pidsOf, randomOf, VICTIMS, type Victim } from './kills/victims.ts';
import { LIVE_MS } from './lib/live-show.ts';
import { eventually, type Viewer } from './lib/viewer.ts';

const SECONDS = Number(process.env.ROSTRUM_EVENT_SECONDS ?? 75);
const SEED = Number(process.env.ROSTRUM_SEED ?? Date.now() % 1_000_000);
const VICTIMS_HERE = ['compositor', 'mediasoup-worker', 'broadcaster', 'edge'] as const satisfies Victim[];
const KEYS = MediaKeys.parse(`test:${'k'.repeat(32)}`);
const RENDITION = '480p';
const FRAME_MS = 40;
/**
 * A hole is longer than this: one part that is missing makes one. A machine that is too busy leaves single pictures out
 * (docs/overload.md).
 */
const HOLE_MS = PROFILES.standard.partMs;
/**
 * What a death takes of what was drawn before it: what is on its way to the compositor, in it, and in a part that is not whole
 * yet (docs/failure.md).
 */
const BEFORE_MS = 1500;
/** What is drawn until it is seen again is missing, and what was not shown by the first picture alone. */
const AFTER_MS = 500;
/** Chapters of which one is within this of another are one (docs/recordings.md). */
const CHAPTER_MS = 10_000;

interface Death extends Stretch {
  readonly victim: Victim;
}

let event: PrivateShow;
let viewer: Viewer;
let endAskedUnixMs = 0;
const deaths: Death[] = [];
const marks: { readonly title: string; readonly atUnixMs: number }[] = [];
/** As it was before anything was cut. */
let whole: Aired[] = [];
let wholePictures: Picture[] = [];

const say = (line: string): void => void process.stderr.write(`${line}\n`);
const seen = async <T>(what: string, deadlineMs: number, look: () => Promise<T | null>): Promise<T> => {
  try {
    return await eventually(what, deadlineMs, look);
  } catch (error) {
    const page = await viewer?.page.evaluate(() => document.body.textContent).catch(() => '');
    throw new Error(`${error} (seed ${SEED})\n${page}\n${await event.system.lastLogLines()}`, {
      cause: error,
    });
  }
};

/** When the picture that the viewer has now was drawn; null: none is readable. */
async function drawnNow(): Promise<number | null> {
  const { nowUnixMs, readings } = await viewer.clocks([event.area]);
  const [reading] = readings;
  return reading == null ? null : drawnUnixMs(reading, nowUnixMs);
}

/** @returns when the first live picture that is seen was drawn, of those drawn after that instant */
const seenLive = (afterUnixMs: number): Promise<number> =>
  seen('a live picture', 90_000, async () => {
    const drawn = await drawnNow();
    return drawn !== null && drawn > afterUnixMs && Date.now() - drawn < LIVE_MS ? drawn : null;
  });

async function mark(title: string): Promise<void> {
  marks.push({ title, atUnixMs: Date.now() });
  await event.show.host.command('recording:mark', { markId: randomUUID(), title });
}

/** Waits for the download of what is played now, which lasts so long. @returns a file of it */
async function download(name: string, lastsMs: number): Promise<string> {
  const path = await seen('the download', 120_000, async () => {
    const { downloads, durationMs } = await event.about();
    const its = downloads.find(({ rendition }) => rendition === RENDITION);
    if (its?.state === 'failed') throw new Error(`failed: ${its.reason}`);
    // What was made of another cut is taken away before.
    return its?.state === 'ready' && Math.abs(durationMs - lastsMs) < FRAME_MS ? its.path : null;
  });
  return await event.save(path, name);
}

/** What may be missing of the show by the deaths of these. */
const missingFrom = (...victims: Victim[]): Stretch[] =>
  deaths
    .filter(({ victim }) => victims.includes(victim))
    .map(({ fromUnixMs, toUnixMs }) => ({
      fromUnixMs: fromUnixMs - BEFORE_MS,
      toUnixMs: toUnixMs + AFTER_MS,
    }));

const tell = (stretches: readonly Stretch[]): string =>
  stretches
    .map(
      ({ fromUnixMs, toUnixMs }) =>
        `${((fromUnixMs - event.liveUnixMs) / 1000).toFixed(2)} to ${((toUnixMs - event.liveUnixMs) / 1000).toFixed(2)} s`,
    )
    .join(', ');

const addresses = (): string[] => [
  event.recordingUrl,
  ...[`${RENDITION}.m3u8`, 'about.json', whole[0]?.segment.uri ?? ''].map((path) => event.addressOf(path)),
];

beforeAll(async () => {
  event = await PrivateShow.open(KEYS, say);
  viewer = await event.watch('Ann');
  await seenLive(0);
}, 180_000);
afterAll(() => event?.close(), 90_000);

test('while it is live it plays from its first second, and back at live', async () => {
  const { page } = viewer;
  await mark('Welcome');
  // Who looks back a few seconds is brought to live again at once.
  await seen('something to look back at', 30_000, async () =>
    (await event.about()).durationMs > 10_000 ? true : null,
  );
  await page.getByRole('button', { name: 'Watch from the beginning' }).click();
  await seen('its first second', 30_000, async () => {
    if ((await viewer.state()) !== 'recording') return null;
    const { currentTime, paused } = await viewer.playback();
    return !paused && currentTime > 0.2 && currentTime < 4 ? currentTime : null;
  });
  expect((await event.about()).live).toBe(true);
  const [first] = airedIn(await event.playlistOf(RENDITION));
  expect(Math.abs((first?.airedUnixMs ?? 0) - event.liveUnixMs)).toBeLessThan(5000);
  await seen('the clock of then', 30_000, async () => {
    const { currentTime } = await viewer.playback();
    const [reading] = (await viewer.clocks([event.area])).readings;
    if (reading == null || first === undefined) return null;
    const shown = first.airedUnixMs + currentTime * 1000;
    return Math.abs(drawnUnixMs(reading, shown) - shown) < 1000 ? true : null;
  });
  await page.getByRole('button', { name: 'Back to live' }).click();
  await seenLive(Date.now() - LIVE_MS);
}, 120_000);

test(
  'a compositor, a worker of the SFU, the broadcaster and the edge are killed, and it goes on',
  async () => {
    const random = randomOf(SEED);
    const victims = VICTIMS_HERE.map((victim) => ({ victim, turn: random() }))
      .toSorted((a, b) => a.turn - b.turn)
      .map(({ victim }) => victim);
    say(`seed ${SEED}: ${victims.join(', ')}`);
    for (const [i, victim] of victims.entries()) {
      await sleep(2000 + random() * 4000);
      const killed = await seen(`a ${victim}`, 30_000, async () => {
        const pid = await busiestOf(await pidsOf(event.system, victim));
        return pid === undefined ? null : kill(victim, pid);
      });
      const toUnixMs = await seenLive(killed.atUnixMs + AFTER_MS);
      deaths.push({ victim, fromUnixMs: killed.atUnixMs, toUnixMs });
      await seen('all processes', 60_000, async () => {
        const running = await Promise.all(VICTIMS.map((one) => pidsOf(event.system, one)));
        return running.every((pids) => pids.length > 0) ? true : null;
      });
      if (i === 1) await answerLive();
    }
    const asked = marks.at(-1)?.atUnixMs ?? 0;
    await sleep(Math.max(0, asked + CHAPTER_MS + 1000 - Date.now()));
    await mark('Thanks');
    await sleep(Math.max(4000, event.liveUnixMs + SECONDS * 1000 - Date.now()));
    expect(await viewer.sameDocument()).toBe(true);
    endAskedUnixMs = Date.now();
    await event.show.host.command('webinar:end', {}, 30_000);
    const { phase } = await event.show.host.until(
      'the recording',
      (v) => v.phase.phase === 'ended' && v.phase.recording === 'ready',
      60_000,
    );
    if (phase.phase !== 'ended') throw new Error('not ended');
    expect(phase.recordingUrl).toBe(event.recordingUrl);
  },
  300_000 + SECONDS * 1000,
);

async function answerLive(): Promise<void> {
  const questionId = randomUUID();
  const title = 'How long do apples keep?';
  await sleep(Math.max(0, (marks.at(-1)?.atUnixMs ?? 0) + CHAPTER_MS + 1000 - Date.now()));
  await event.show.host.command('question:ask', { questionId, text: title });
  marks.push({ title, atUnixMs: Date.now() });
  await event.show.host.command('question:answerLive', { questionId });
  await event.show.host.command('question:answer', { questionId, answer: null });
}

test('no picture is missing outside the moments of the deaths, and the last second is there', async () => {
  await event.show.host.command('recording:wantDownloads', { renditions: [RENDITION] });
  const playlist = await seen('the end', 30_000, async () => {
    const now = await event.playlistOf(RENDITION);
    return now.ended ? now : null;
  });
  whole = airedIn(playlist);
  const file = await download('whole.mp4', lengthMs(whole));
  expect(await complaintsOf(file)).toBe('');
  expect(Math.abs((await durationMsOf(file)) - lengthMs(whole))).toBeLessThanOrEqual(FRAME_MS);

  wholePictures = await event.picturesOf(file, whole);
  const drawn = wholePictures.map(({ drawnAtUnixMs }) => drawnAtUnixMs);
  const holes = holesIn(drawn, HOLE_MS);
  say(
    `${drawn.length} pictures; killed ${deaths
      .map((death) => `${death.victim} ${tell([death])}`)
      .join(', ')}; missing ${tell(holes)}; first ${tell([
      { fromUnixMs: event.liveUnixMs, toUnixMs: drawn[0] ?? 0 },
    ])}, last ${(endAskedUnixMs - (drawn.at(-1) ?? 0)) / 1000} s before the end was asked for`,
  );
  // Viewers and their edge have no part in what is recorded.
  const allowed = missingFrom('compositor', 'mediasoup-worker', 'broadcaster');
  expect({ seed: SEED, holes: tell(unexplained(holes, allowed)) }).toEqual({ seed: SEED, holes: '' });
  expect(Math.max(...drawn)).toBeGreaterThan(endAskedUnixMs - 1000);
}, 180_000);

test('isolated tracks decode, are as long as they say, and lie where they were drawn', async () => {
  const tracksFolder = join(event.system.home, 'data/channels', event.webinarId, 'tracks');
  await seen('the manifest', 30_000, () => manifestIn(tracksFolder));
  const tracks = await readTracks(tracksFolder, event.folder);
  expect(tracks.map(({ source, faults }) => [source, faults]).toSorted()).toEqual([
    ['camera', []],
    ['mic', []],
  ]);
  for (const { source, takes } of tracks) say(`${source}: ${tell(takes)}`);
  const pictures = tracks.flatMap((track) => track.pictures);
  const drawn = pictures.map(({ drawnAtUnixMs }) => drawnAtUnixMs);
  const holes = holesIn(drawn, HOLE_MS);
  const offMs = pictures
    .map(({ atUnixMs, drawnAtUnixMs }) => atUnixMs - drawnAtUnixMs)
    .toSorted((one, other) => one - other);
  say(
    `${offMs.length} pictures, ${offMs[0]?.toFixed(0)} to ${offMs.at(-1)?.toFixed(0)} ms late; missing ${tell(holes)}`,
  );
  // Single ones are drawn late where the machine is busy.
  expect(Math.abs(offMs[offMs.length >> 1] ?? Number.NaN)).toBeLessThan(20);
  // Neither the picture of all nor its viewers are on the way of what is kept of one.
  const allowed = missingFrom('mediasoup-worker', 'broadcaster');
  expect({ seed: SEED, holes: tell(unexplained(holes, allowed)) }).toEqual({ seed: SEED, holes: '' });
  expect(Math.max(...drawn)).toBeGreaterThan(endAskedUnixMs - 1000);
}, 120_000);

test('after it, who opens it plays it from the beginning and finds its chapters', async () => {
  await viewer.close();
  viewer = await event.watch('Bob');
  const { page } = viewer;
  await page.getByRole('button', { name: 'Watch the recording' }).click();
  await seen('its beginning', 30_000, async () => {
    const { currentTime, paused } = await viewer.playback();
    return !paused && currentTime > 0.1 && currentTime < 4 ? true : null;
  });
  const { chapters } = await event.about();
  expect(chapters.map(({ title }) => title)).toEqual(expect.arrayContaining(marks.map(({ title }) => title)));
  for (const { title, atUnixMs } of marks) {
    const startMs = chapters.find((chapter) => chapter.title === title)?.startMs ?? Number.NaN;
    expect(Math.abs(airedAt(whole, startMs) - atUnixMs)).toBeLessThan(1000);
    const link = page.getByRole('link', { name: new RegExp(title.replace('?', '\\?')) });
    await link.click();
    await seen(`the clock of "${title}"`, 30_000, async () => {
      const { currentTime } = await viewer.playback();
      // Whoever was too slow to look goes there again.
      if (currentTime > startMs / 1000 + 5) await link.click();
      const [reading] = (await viewer.clocks([event.area])).readings;
      if (reading == null || currentTime < startMs / 1000 - 0.1 || currentTime > startMs / 1000 + 5)
        return null;
      const shownUnixMs = airedAt(whole, currentTime * 1000);
      return Math.abs(drawnUnixMs(reading, shownUnixMs) - shownUnixMs) < 1000 ? true : null;
    });
  }
}, 120_000);

test('what the host cuts is gone from it, and the rest is as it was', async () => {
  const hashes = async (aired: readonly Aired[]): Promise<Map<string, string>> => {
    const rows = aired.map(async ({ segment }) => {
      const uri = segment.uri ?? '';
      const data = await read(event.addressOf(uri), event.right);
      return [uri, createHash('sha256').update(data).digest('hex')] as const;
    });
    return new Map(await Promise.all(rows));
  };
  const before = await hashes(whole);
  // Nobody was dead yet.
  const cut = { fromUnixMs: event.liveUnixMs + 5000, toUnixMs: event.liveUnixMs + 9000 };
  const isCut = ({ airedUnixMs, durationMs }: Aired): boolean =>
    airedUnixMs < cut.toUnixMs && airedUnixMs + durationMs > cut.fromUnixMs;
  const left = whole.filter((one) => !isCut(one));
  expect(left.length).toBeLessThan(whole.length);
  await event.show.host.command('recording:setCuts', { cuts: [cut] });
  const playlist = await seen('the cut', 60_000, async () => {
    const now = await event.playlistOf(RENDITION);
    return now.segments.length === left.length ? now : null;
  });
  const now = airedIn(playlist);
  expect(now.map(({ segment }) => segment.uri)).toEqual(left.map(({ segment }) => segment.uri));
  const after = await hashes(now);
  expect([...after].filter(([uri, hash]) => before.get(uri) !== hash)).toEqual([]);

  const file = await download('cut.mp4', lengthMs(now));
  expect(await complaintsOf(file)).toBe('');
  expect(Math.abs((await durationMsOf(file)) - lengthMs(now))).toBeLessThanOrEqual(FRAME_MS);
  const drawn = new Set((await event.picturesOf(file, now)).map(({ drawnAtUnixMs }) => drawnAtUnixMs));
  const lost = wholePictures.filter((picture) => !drawn.has(picture.drawnAtUnixMs));
  expect(lost.length).toBeGreaterThan(50);
  const cutParts = whole.filter(isCut);
  const isIn = ({ atMs }: Picture, by: number): boolean =>
    cutParts.some(({ startMs, durationMs }) => atMs > startMs - by && atMs < startMs + durationMs + by);
  expect(lost.filter((picture) => !isIn(picture, 1))).toEqual([]);
  // A picture may be shown twice, the second time after the cut.
  const elsewhere = new Set(
    wholePictures.flatMap((picture) => (isIn(picture, -1) ? [] : [picture.drawnAtUnixMs])),
  );
  const kept = wholePictures.filter(
    (picture) =>
      isIn(picture, -1) && drawn.has(picture.drawnAtUnixMs) && !elsewhere.has(picture.drawnAtUnixMs),
  );
  expect(kept).toEqual([]);
}, 180_000);

test('another’s right, one that has ended, an altered one and none get nothing, from the cache neither', async () => {
  const other = await event.system.api.createWebinar({ title: 'Another', access: 'private' });
  const theirs = await rightOf(
    event.system.addresses.console,
    other.webinarId,
    (await event.system.api.createLink(other.webinarId, { role: 'attendee', name: 'Eve' })).token,
  );
  const [head = '', payload = '', signature = ''] = event.right.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { exp: number };
  const longer = Buffer.from(JSON.stringify({ ...claims, exp: claims.exp + 3600 })).toString('base64url');
  const bad = {
    none: null,
    anothers: theirs,
    ended: await signMediaRight(event.webinarId, KEYS, Date.now() - 5000),
    'of a key that is none of ours': await signMediaRight(
      event.webinarId,
      [{ keyId: 'test', secret: 'x'.repeat(32) }],
      Date.now() + 60_000,
    ),
    'made longer': [head, longer, signature].join('.'),
    'without a signature': `${head}.${payload}.`,
    nonsense: 'nonsense',
  };
  for (const address of addresses()) await read(address, event.right);
  const cached = await ask(event.addressOf(whole[0]?.segment.uri ?? ''), event.right);
  await cached.arrayBuffer();
  // Varnish names the request that fetched what it had.
  expect(cached.headers.get('x-varnish')?.split(' ')).toHaveLength(2);
  const answers = [];
  for (const [name, token] of Object.entries(bad)) {
    for (const address of addresses()) {
      const { status, headers } = await ask(address, token);
      answers.push({ name, address, status, open: headers.get('access-control-allow-origin') });
    }
  }
  expect(answers).toEqual(answers.map((one) => ({ ...one, status: 403, open: '*' })));
  const wrongPath = event.recordingUrl.replace(event.webinarId, other.webinarId);
  expect((await ask(wrongPath, event.right)).status).toBe(403);
  for (const address of addresses()) await read(address, event.right);
}, 60_000);

test('it is deleted while it plays: the page says so, and nothing of it is left', async () => {
  const { page } = viewer;
  await page.reload();
  await page
    .getByRole('button', { name: /^(Watch the recording|Continue at|From the beginning)/ })
    .first()
    .click();
  await seen('it plays', 30_000, async () => ((await viewer.playback()).paused ? null : true));
  await event.system.api.deleteRecording(event.webinarId);
  await page.getByText('The recording was deleted.').waitFor({ timeout: 30_000 });
  await seen('404 of all of it', 30_000, async () => {
    const answers = await Promise.all(addresses().map((address) => ask(address, event.right)));
    return answers.every(({ status }) => status === 404) ? true : null;
  });
  const channels = join(event.system.home, 'data/channels');
  await seen('no files', 60_000, async () =>
    (await readdir(channels)).includes(event.webinarId) ? null : true,
  );
  await seen('nothing left', 150_000, async () => {
    const { recording, remains } = await event.system.api.webinar(event.webinarId);
    return recording === 'deleted' && remains.length === 0 ? true : null;
  });
  const answers = await Promise.all(addresses().map((address) => ask(address, event.right)));
  expect(answers.map(({ status }) => status)).toEqual(addresses().map(() => 404));
}, 240_000);
