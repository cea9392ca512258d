/**
 * A private show behind the edge over TLS, from going live to the recording's deletion, with a compositor, a worker of the SFU, the
 * broadcaster and the edge killed once each at random moments; what is left of it is judged by the clock in its pictures.
 * ROSTRUM_EVENT_SECONDS: how long it is at least (default 75); ROSTRUM_SEED to kill as once before.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { type MediaPlaylist, readMediaPlaylist } from '@rostrum/conformance/media-playlist';
import { accessOf, type Link, MediaKeys, RecordingAbout, signMediaRight } from '@rostrum/contracts';
import type { Browser } from 'playwright-core';
import { clocksIn, complaintsOf, durationMsOf } from './event/decoded.ts';
import { drawnUnixMs, holesIn, type Stretch, unexplained } from './event/holes.ts';
import { type Aired, airedAt, airedIn, lengthMs } from './event/programme.ts';
import { ask, read, rightOf } from './event/right.ts';
import { manifestIn, readTracks } from './event/tracks.ts';
import { busiestOf, kill, pidsOf, randomOf, VICTIMS, type Victim } from './kills/victims.ts';
import { launchChromium } from './lib/browser.ts';
import type { Area } from './lib/clock.ts';
import { LIVE_MS } from './lib/live-show.ts';
import { openShow, type Show } from './lib/show.ts';
import { System } from './lib/system.ts';
import { cameraAreas, eventually, Viewer } from './lib/viewer.ts';
import { type Senders, startSenders } from './panelist/senders.ts';

const SECONDS = Number(process.env.ROSTRUM_EVENT_SECONDS ?? 75);
const SEED = Number(process.env.ROSTRUM_SEED ?? Date.now() % 1_000_000);
const VICTIMS_HERE = ['compositor', 'mediasoup-worker', 'broadcaster', 'edge'] as const satisfies Victim[];
const KEYS = MediaKeys.parse(`test:${'k'.repeat(32)}`);
const RENDITION = '480p';
const CANVAS = { width: 1280, height: 720 };
const FRAME_MS = 40;
/**
 * A hole is more than this between two pictures. A machine that is too busy leaves pictures out (docs/overload.md); nothing that
 * was lost is as short as that: a part is 200 ms at least.
 */
const HOLE_MS = 190;
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

interface Picture {
  /** In the file. */
  readonly atMs: number;
  readonly drawnAtUnixMs: number;
}

let system: System;
let browser: Browser;
let senders: Senders;
let show: Show;
let viewer: Viewer;
let right: string;
let folder: string;
let area: Area;
let liveUnixMs = 0;
let endAskedUnixMs = 0;
let webinarId: string;
let recordingUrl = '';
const deaths: Death[] = [];
const marks: { readonly title: string; readonly atUnixMs: number }[] = [];
/** As it was before anything was cut. */
let whole: Aired[] = [];
let wholePictures: Picture[] = [];

const say = (line: string): void => void process.stderr.write(`${line}\n`);
const personId = (): string => show.panelists[0]?.personId ?? '';
const attendee = (name: string): Promise<Link> =>
  system.api.createLink(webinarId, { role: 'attendee', name });
const seen = async <T>(what: string, deadlineMs: number, look: () => Promise<T | null>): Promise<T> => {
  try {
    return await eventually(what, deadlineMs, look);
  } catch (error) {
    const page = await viewer?.page.evaluate(() => document.body.textContent).catch(() => '');
    throw new Error(`${error} (seed ${SEED})\n${page}\n${await system.lastLogLines()}`, { cause: error });
  }
};

/** When the picture that the viewer has now was drawn; null: none is readable. */
async function drawnNow(): Promise<number | null> {
  const { nowUnixMs, readings } = await viewer.clocks([area]);
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
  await show.host.command('recording:mark', { markId: randomUUID(), title });
}

/** What is played of a rendition by now, as the edge says to who has the right. */
const playlistOf = async (rendition: string): Promise<MediaPlaylist> =>
  readMediaPlaylist((await read(new URL(`${rendition}.m3u8`, recordingUrl), right)).toString());
const about = async (): Promise<RecordingAbout> =>
  RecordingAbout.parse(JSON.parse((await read(new URL('about.json', recordingUrl), right)).toString()));

/** Asks for the download of what is played now, and waits until it is there. @returns a file of it */
async function download(name: string, lasts: number): Promise<string> {
  const url = await seen('the download', 120_000, async () => {
    const { downloads, durationMs } = await about();
    const its = downloads.find(({ rendition }) => rendition === RENDITION);
    if (its?.state === 'failed') throw new Error(`failed: ${its.reason}`);
    // What was made of another cut is taken away before.
    return its?.state === 'ready' && Math.abs(durationMs - lasts) < FRAME_MS
      ? new URL(its.path, recordingUrl)
      : null;
  });
  const file = join(folder, name);
  await writeFile(file, await read(url, right));
  return file;
}

/** The pictures of a file that plays what the playlist does, as far as they tell when they were drawn. */
async function picturesOf(file: string, aired: readonly Aired[]): Promise<Picture[]> {
  return (await clocksIn(file, area, CANVAS)).flatMap(({ atMs, reading }) =>
    reading === null ? [] : [{ atMs, drawnAtUnixMs: drawnUnixMs(reading, airedAt(aired, atMs)) }],
  );
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
        `${((fromUnixMs - liveUnixMs) / 1000).toFixed(2)} to ${((toUnixMs - liveUnixMs) / 1000).toFixed(2)} s`,
    )
    .join(', ');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rostrum-event-'));
  system = await System.start({
    args: ['--edge', '--tls'],
    env: { ROSTRUM_MEDIA_KEYS: KEYS.map(({ keyId, secret }) => `${keyId}:${secret}`).join(',') },
  });
  const certificate = join(system.home, 'tls', 'cert.pem');
  setDefaultCACertificates([...getCACertificates('default'), await readFile(certificate, 'utf8')]);
  senders = await startSenders(say, { NODE_EXTRA_CA_CERTS: certificate });
  browser = await launchChromium();
  show = await openShow({
    ...{ api: system.api, browser: null, title: 'An evening', profile: 'standard', access: 'private' },
    ...{ direction: 'automatic', progress: () => undefined },
    cast: [senders.clock('Ada', { hue: 255, flash: true, pilotHz: 700 })],
  });
  await show.host.command('tracks:set', { record: true });
  ({ webinarId } = show.webinar);
  const { phase } = show.host.view();
  if (phase.phase !== 'live') throw new Error('not live');
  liveUnixMs = phase.sinceUnixMs;
  recordingUrl = phase.playlistUrl.replace('/live/', '/recordings/');
  const { scene } = await show.host.until('Ada on air', (v) => (v.scene?.onAir.length ?? 0) > 0);
  const its = scene && cameraAreas(scene).get(personId());
  if (!its) throw new Error('Ada has no tile');
  area = its;
  const link = await attendee('Ann');
  right = await rightOf(system.addresses.console, webinarId, link.token);
  viewer = await Viewer.open(browser, link.url);
  await seenLive(0);
}, 180_000);

afterAll(async () => {
  await browser?.close();
  show?.host.close();
  await senders?.close();
  await system?.stop();
  await rm(folder, { recursive: true, force: true });
}, 90_000);

test('while it is live it plays from its first second, and back at live', async () => {
  const { page } = viewer;
  expect(accessOf(webinarId)).toBe('private');
  await mark('Welcome');
  // Who looks back a few seconds is brought to live again at once.
  await seen('something to look back at', 30_000, async () =>
    (await about()).durationMs > 10_000 ? true : null,
  );
  await page.getByRole('button', { name: 'Watch from the beginning' }).click();
  await seen('its first second', 30_000, async () => {
    if ((await viewer.state()) !== 'recording') return null;
    const { currentTime, paused } = await viewer.playback();
    return !paused && currentTime > 0.2 && currentTime < 4 ? currentTime : null;
  });
  expect((await about()).live).toBe(true);
  const [first] = airedIn(await playlistOf(RENDITION));
  expect(Math.abs((first?.airedUnixMs ?? 0) - liveUnixMs)).toBeLessThan(5000);
  await seen('the clock of then', 30_000, async () => {
    const { currentTime } = await viewer.playback();
    const [reading] = (await viewer.clocks([area])).readings;
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
        const pid = await busiestOf(await pidsOf(system, victim));
        return pid === undefined ? null : kill(victim, pid);
      });
      const toUnixMs = await seenLive(killed.atUnixMs + AFTER_MS);
      deaths.push({ victim, fromUnixMs: killed.atUnixMs, toUnixMs });
      await seen('all processes', 60_000, async () => {
        const running = await Promise.all(VICTIMS.map((one) => pidsOf(system, one)));
        return running.every((pids) => pids.length > 0) ? true : null;
      });
      if (i === 1) await answerLive();
    }
    const asked = marks.at(-1)?.atUnixMs ?? 0;
    await sleep(Math.max(0, asked + CHAPTER_MS + 1000 - Date.now()));
    await mark('Thanks');
    await sleep(Math.max(4000, liveUnixMs + SECONDS * 1000 - Date.now()));
    expect(await viewer.sameDocument()).toBe(true);
    endAskedUnixMs = Date.now();
    await show.host.command('webinar:end', {}, 30_000);
    const { phase } = await show.host.until(
      'the recording',
      (v) => v.phase.phase === 'ended' && v.phase.recording === 'ready',
      60_000,
    );
    if (phase.phase !== 'ended') throw new Error('not ended');
    expect(phase.recordingUrl).toBe(recordingUrl);
  },
  300_000 + SECONDS * 1000,
);

async function answerLive(): Promise<void> {
  const questionId = randomUUID();
  const title = 'How long do apples keep?';
  await sleep(Math.max(0, (marks.at(-1)?.atUnixMs ?? 0) + CHAPTER_MS + 1000 - Date.now()));
  await show.host.command('question:ask', { questionId, text: title });
  marks.push({ title, atUnixMs: Date.now() });
  await show.host.command('question:answerLive', { questionId });
  await show.host.command('question:answer', { questionId, answer: null });
}

test('no picture is missing outside the moments of the deaths, and the last second is there', async () => {
  await show.host.command('recording:wantDownloads', { renditions: [RENDITION] });
  const playlist = await seen('the end', 30_000, async () => {
    const now = await playlistOf(RENDITION);
    return now.ended ? now : null;
  });
  whole = airedIn(playlist);
  const file = await download('whole.mp4', lengthMs(whole));
  expect(await complaintsOf(file)).toBe('');
  expect(Math.abs((await durationMsOf(file)) - lengthMs(whole))).toBeLessThanOrEqual(FRAME_MS);

  wholePictures = await picturesOf(file, whole);
  const drawn = wholePictures.map(({ drawnAtUnixMs }) => drawnAtUnixMs);
  const holes = holesIn(drawn, HOLE_MS);
  say(
    `${drawn.length} pictures; killed ${deaths
      .map((death) => `${death.victim} ${tell([death])}`)
      .join(', ')}; missing ${tell(holes)}; first ${tell([
      { fromUnixMs: liveUnixMs, toUnixMs: drawn[0] ?? 0 },
    ])}, last ${(endAskedUnixMs - (drawn.at(-1) ?? 0)) / 1000} s before the end was asked for`,
  );
  // Viewers and their edge have no part in what is recorded.
  const allowed = missingFrom('compositor', 'mediasoup-worker', 'broadcaster');
  expect({ seed: SEED, holes: tell(unexplained(holes, allowed)) }).toEqual({ seed: SEED, holes: '' });
  expect(Math.max(...drawn)).toBeGreaterThan(endAskedUnixMs - 1000);
}, 180_000);

test('isolated tracks decode, are as long as they say, and lie where they were drawn', async () => {
  const tracksFolder = join(system.home, 'data/channels', webinarId, 'tracks');
  await seen('the manifest', 30_000, () => manifestIn(tracksFolder));
  const tracks = await readTracks(tracksFolder, folder);
  expect(tracks.map(({ source, faults }) => [source, faults]).toSorted()).toEqual([
    ['camera', []],
    ['mic', []],
  ]);
  for (const { source, takes } of tracks) say(`${source}: ${tell(takes)}`);
  const pictures = tracks.flatMap((track) => track.pictures);
  const drawn = pictures.map(({ drawnAtUnixMs }) => drawnAtUnixMs);
  const holes = holesIn(drawn, HOLE_MS);
  const offMs = pictures.map(({ atUnixMs, drawnAtUnixMs }) => atUnixMs - drawnAtUnixMs);
  say(
    `${offMs.length} pictures, ${Math.min(...offMs)} to ${Math.max(...offMs)} ms late; missing ${tell(holes)}`,
  );
  // Neither the picture of all nor its viewers are on the way of what is kept of one.
  const allowed = missingFrom('mediasoup-worker', 'broadcaster');
  expect({ seed: SEED, holes: tell(unexplained(holes, allowed)) }).toEqual({ seed: SEED, holes: '' });
  expect(Math.max(...drawn)).toBeGreaterThan(endAskedUnixMs - 1000);
}, 120_000);

test('after it, who opens it plays it from the beginning and finds its chapters', async () => {
  await viewer.close();
  viewer = await Viewer.open(browser, (await attendee('Bob')).url);
  const { page } = viewer;
  await page.getByRole('button', { name: 'Watch the recording' }).click();
  await seen('its beginning', 30_000, async () => {
    const { currentTime, paused } = await viewer.playback();
    return !paused && currentTime > 0.1 && currentTime < 4 ? true : null;
  });
  const { chapters } = await about();
  expect(chapters.map(({ title }) => title)).toEqual(expect.arrayContaining(marks.map(({ title }) => title)));
  for (const { title, atUnixMs } of marks) {
    const startMs = chapters.find((chapter) => chapter.title === title)?.startMs ?? Number.NaN;
    expect(Math.abs(airedAt(whole, startMs) - atUnixMs)).toBeLessThan(1000);
    await page.getByRole('link', { name: new RegExp(title.replace('?', '\\?')) }).click();
    await seen(`the clock of "${title}"`, 30_000, async () => {
      const { currentTime } = await viewer.playback();
      const [reading] = (await viewer.clocks([area])).readings;
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
      const data = await read(new URL(uri, recordingUrl), right);
      return [uri, createHash('sha256').update(data).digest('hex')] as const;
    });
    return new Map(await Promise.all(rows));
  };
  const before = await hashes(whole);
  const cut = { fromUnixMs: liveUnixMs + 12_000, toUnixMs: liveUnixMs + 17_000 };
  const isCut = ({ airedUnixMs, durationMs }: Aired): boolean =>
    airedUnixMs < cut.toUnixMs && airedUnixMs + durationMs > cut.fromUnixMs;
  const left = whole.filter((one) => !isCut(one));
  expect(left.length).toBeLessThan(whole.length);
  await show.host.command('recording:setCuts', { cuts: [cut] });
  const playlist = await seen('the cut', 60_000, async () => {
    const now = await playlistOf(RENDITION);
    return now.segments.length === left.length ? now : null;
  });
  const now = airedIn(playlist);
  expect(now.map(({ segment }) => segment.uri)).toEqual(left.map(({ segment }) => segment.uri));
  const after = await hashes(now);
  expect([...after].filter(([uri, hash]) => before.get(uri) !== hash)).toEqual([]);

  const file = await download('cut.mp4', lengthMs(now));
  expect(await complaintsOf(file)).toBe('');
  expect(Math.abs((await durationMsOf(file)) - lengthMs(now))).toBeLessThanOrEqual(FRAME_MS);
  const drawn = new Set((await picturesOf(file, now)).map(({ drawnAtUnixMs }) => drawnAtUnixMs));
  const lost = wholePictures.filter((picture) => !drawn.has(picture.drawnAtUnixMs));
  expect(lost.length).toBeGreaterThan(50);
  const cutParts = whole.filter(isCut);
  const outside = lost.filter(
    ({ atMs }) =>
      !cutParts.some(({ startMs, durationMs }) => atMs >= startMs - 1 && atMs < startMs + durationMs + 1),
  );
  expect(outside).toEqual([]);
  const kept = wholePictures.filter(
    ({ atMs, drawnAtUnixMs }) =>
      drawn.has(drawnAtUnixMs) &&
      cutParts.some(({ startMs, durationMs }) => atMs > startMs + 1 && atMs < startMs + durationMs - 1),
  );
  expect(kept).toEqual([]);
}, 180_000);

test('another’s right, one that has ended, an altered one and none get nothing, from the cache neither', async () => {
  const other = await system.api.createWebinar({ title: 'Another', access: 'private' });
  const theirs = await rightOf(
    system.addresses.console,
    other.webinarId,
    (await system.api.createLink(other.webinarId, { role: 'attendee', name: 'Eve' })).token,
  );
  const [head = '', payload = '', signature = ''] = right.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { exp: number };
  const longer = Buffer.from(JSON.stringify({ ...claims, exp: claims.exp + 3600 })).toString('base64url');
  const bad = {
    none: null,
    anothers: theirs,
    ended: await signMediaRight(webinarId, KEYS, Date.now() - 5000),
    'of a key that is none of ours': await signMediaRight(
      webinarId,
      [{ keyId: 'test', secret: 'x'.repeat(32) }],
      Date.now() + 60_000,
    ),
    'made longer': [head, longer, signature].join('.'),
    'without a signature': `${head}.${payload}.`,
    nonsense: 'nonsense',
  };
  const uri = whole[0]?.segment.uri ?? '';
  const addresses = [
    recordingUrl,
    ...[`${RENDITION}.m3u8`, 'about.json', uri].map((path) => new URL(path, recordingUrl).href),
  ];
  for (const address of addresses) await read(address, right);
  const cached = await ask(new URL(uri, recordingUrl), right);
  await cached.arrayBuffer();
  // Varnish names the request that fetched what it had.
  expect(cached.headers.get('x-varnish')?.split(' ')).toHaveLength(2);
  const answers = [];
  for (const [name, token] of Object.entries(bad)) {
    for (const address of addresses) {
      const { status, headers } = await ask(address, token);
      answers.push({ name, address, status, open: headers.get('access-control-allow-origin') });
    }
  }
  expect(answers).toEqual(answers.map((one) => ({ ...one, status: 403, open: '*' })));
  const wrongPath = recordingUrl.replace(webinarId, other.webinarId);
  expect((await ask(wrongPath, right)).status).toBe(403);
  for (const address of addresses) await read(address, right);
}, 60_000);

test('it is deleted while it plays: the page says so, and nothing of it is left', async () => {
  const { page } = viewer;
  await page.reload();
  await page
    .getByRole('button', { name: /^(Watch the recording|Continue at|From the beginning)/ })
    .first()
    .click();
  await seen('it plays', 30_000, async () => ((await viewer.playback()).paused ? null : true));
  const uri = whole[0]?.segment.uri ?? '';
  const addresses = [
    recordingUrl,
    ...[`${RENDITION}.m3u8`, 'about.json', uri].map((path) => new URL(path, recordingUrl).href),
  ];
  await system.api.deleteRecording(webinarId);
  await page.getByText('The recording was deleted.').waitFor({ timeout: 30_000 });
  await seen('404 of all of it', 30_000, async () => {
    const answers = await Promise.all(addresses.map((address) => ask(address, right)));
    return answers.every(({ status }) => status === 404) ? true : null;
  });
  const channels = join(system.home, 'data/channels');
  await seen('no files', 60_000, async () => ((await readdir(channels)).includes(webinarId) ? null : true));
  await seen('nothing left', 150_000, async () => {
    const { recording, remains } = await system.api.webinar(webinarId);
    return recording === 'deleted' && remains.length === 0 ? true : null;
  });
  const answers = await Promise.all(addresses.map((address) => ask(address, right)));
  expect(answers.map(({ status }) => status)).toEqual(addresses.map(() => 404));
}, 240_000);
