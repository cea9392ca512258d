import type { Browser } from 'playwright-core';
import { launchChromium, openPanelist } from './lib/browser.ts';
import type { Area } from './lib/clock.ts';
import { joinStage, openShow, type Show } from './lib/show.ts';
import type { SyntheticMedia } from './lib/synthetic-media.ts';
import { System } from './lib/system.ts';
import { cameraAreas, eventually, Viewer } from './lib/viewer.ts';

/** Hz. No tone is where two others, or one and the beep at 1000, meet in a coder that distorts (2a - b, a + b, 3a). */
const TONES = { ada: 1900, bo: 2700, guest: 3250 } as const;
/** A tone this far above its neighbourhood is in the mix. */
const HEARD_DB = 15;
/** Live pictures are younger than this everywhere in the tests; goals are measured by the benchmarks. */
const LIVE_MS = 6000;

const synthetic = (name: string, hue: number, pilotHz: number, flash = false): SyntheticMedia => ({
  name,
  hue,
  voiceBase64: null,
  turn: { everyMs: 1000, offsetMs: 0, speakMs: 1000 },
  pilotHz,
  flash,
  width: 1280,
  height: 720,
});

let system: System;
let browser: Browser;
let show: Show;
let viewer: Viewer;

const scene = () => {
  const { scene: current } = show.host.view();
  if (!current) throw new Error('the host sees no scene');
  return current;
};
const areaOf = (personId: string): Area => {
  const area = cameraAreas(scene()).get(personId);
  if (!area) throw new Error(`${personId} has no tile in ${scene().layout}`);
  return area;
};
const person = (index: number) => {
  const panelist = show.panelists[index];
  if (!panelist) throw new Error(`no panelist ${index}`);
  return panelist;
};

/** All of these people are seen live, each at the place the scene gives them. */
const seen = (what: string, people: () => readonly string[], deadlineMs = 20_000, drawnAfterUnixMs = 0) =>
  eventually(what, deadlineMs, async () => {
    const ages = await viewer.ages(people().map(areaOf));
    const limitMs = Math.min(LIVE_MS, Date.now() - drawnAfterUnixMs);
    return ages.every((age) => age !== null && age < limitMs) ? ages : null;
  });

beforeAll(async () => {
  system = await System.start();
  browser = await launchChromium();
  show = await openShow({
    api: system.api,
    browser,
    title: 'End to end',
    profile: 'standard',
    cast: [synthetic('Ada', 255, TONES.ada, true), synthetic('Bo', 150, TONES.bo)],
    direction: 'manual',
    progress: () => undefined,
  });
  await show.host.command('scene:update', { layout: 'side-by-side' });
  for (const { personId } of show.panelists) await show.host.command('air:set', { personId, onAir: true });
  viewer = await Viewer.open(browser, show.watchUrl, { media: synthetic('Vera', 40, TONES.guest) });
}, 120_000);

afterAll(async () => {
  await viewer?.close();
  await show?.close();
  await browser?.close();
  await system?.stop();
}, 60_000);

test('the viewer sees both panelists live, each at the place the scene says', async () => {
  await seen('both clocks', () => [person(0).personId, person(1).personId], 40_000);
  expect(await viewer.state()).toBe('playing');
});

test('both voices are in the sound', async () => {
  await eventually('both tones', 15_000, async () => {
    const levels = await viewer.tones([TONES.ada, TONES.bo]);
    return levels.every((db) => db > HEARD_DB) ? levels : null;
  });
  const [absent] = await viewer.tones([TONES.guest]);
  expect(absent).toBeLessThan(HEARD_DB);
});

test('a change of layout reaches the screen', async () => {
  await show.host.command('scene:update', { layout: 'spotlight', focus: person(1).personId });
  await eventually('Bo to fill the picture', 15_000, async () => {
    const [age] = await viewer.ages([{ x: 0, y: 0, width: 1280, height: 720 }]);
    return age !== null && age !== undefined && age < LIVE_MS ? age : null;
  });
  await show.host.command('scene:update', { layout: 'side-by-side', focus: null });
  await seen('both side by side again', () => [person(0).personId, person(1).personId]);
});

test('somebody off air is neither seen nor heard', async () => {
  await show.host.command('air:set', { personId: person(1).personId, onAir: false });
  await eventually('Bo to fall silent', 15_000, async () => {
    const [ada = 0, bo = 0] = await viewer.tones([TONES.ada, TONES.bo]);
    return ada > HEARD_DB && bo < HEARD_DB ? true : null;
  });
  await show.host.command('air:set', { personId: person(1).personId, onAir: true });
  await seen('Bo back on air', () => [person(0).personId, person(1).personId]);
});

test('a panelist who leaves and comes back is seen again, and the show never stopped', async () => {
  const bo = person(1);
  const boArea = areaOf(bo.personId);
  await bo.close();
  await eventually('the picture of Bo to stop', 20_000, async () => {
    const [ada, gone] = await viewer.ages([areaOf(person(0).personId), boArea]);
    return ada !== null && ada !== undefined && ada < LIVE_MS && (gone === null || (gone ?? 0) > LIVE_MS)
      ? true
      : null;
  });
  const back = await openPanelist(browser, bo.url, synthetic('Bo', 150, TONES.bo));
  await joinStage(back);
  await seen('Bo again', () => [person(0).personId, bo.personId], 30_000);
});

test('the compositor is killed and the viewer plays on without a reload', async () => {
  const [pid] = await system.compositorPids();
  if (!pid) throw new Error('no compositor process');
  process.kill(pid, 'SIGKILL');
  const killedUnixMs = Date.now();
  await eventually('a new compositor', 10_000, async () => {
    const pids = await system.compositorPids();
    return pids.length === 1 && pids[0] !== pid ? true : null;
  });
  // A picture that was drawn after the kill, not one the player still had.
  await seen('both after the restart', () => [person(0).personId, person(1).personId], 30_000, killedUnixMs);
  expect(await viewer.sameDocument()).toBe(true);
});

test('a question is asked, voted up, answered, and the answer is read on the watch page', async () => {
  await viewer.page.getByRole('textbox', { name: 'Your question' }).fill('Will there be a recording?');
  await viewer.page.getByRole('button', { name: 'Ask', exact: true }).click();
  const asked = await show.host.until('the question', (v) => v.questions.length === 1);
  const [question] = asked.questions;
  if (!question) throw new Error('no question');
  expect(question).toMatchObject({ text: 'Will there be a recording?', votes: 0, status: 'new' });

  await viewer.page.getByRole('button', { name: /^Upvote/ }).click();
  await show.host.until('the vote', (v) => v.questions[0]?.votes === 1);

  await show.host.command('question:answer', {
    questionId: question.questionId,
    answer: 'Yes, right after the end.',
  });
  await viewer.page.getByText('Yes, right after the end.').waitFor({ timeout: 10_000 });
});

test('a hand is raised and accepted: the attendee is on stage and on air from the same page, and goes back', async () => {
  await viewer.page.getByRole('button', { name: 'Raise hand' }).click();
  const raised = await show.host.until('the hand', (v) => v.hands.length === 1);
  const guestId = raised.hands[0]?.personId ?? '';
  await show.host.command('hand:accept', { personId: guestId });
  await viewer.page.getByRole('button', { name: 'Join the stage' }).click({ timeout: 15_000 });
  await eventually('the guest on stage', 15_000, async () =>
    show.host.onStage().includes(guestId) ? true : null,
  );
  await show.host.command('air:set', { personId: guestId, onAir: true });

  const second = await Viewer.open(browser, show.watchUrl, {});
  const first = viewer;
  viewer = second;
  try {
    await seen('the guest on air beside a panelist', () => [person(0).personId], 30_000);
    await show.host.command('scene:update', { layout: 'grid' });
    await seen('the guest in the grid', () => [person(0).personId, person(1).personId, guestId], 30_000);
    await eventually('the guest in the sound', 15_000, async () => {
      const [level = 0] = await second.tones([TONES.guest]);
      return level > HEARD_DB ? level : null;
    });
  } finally {
    viewer = first;
    await second.close();
  }

  await show.host.command('guest:return', { personId: guestId });
  await show.host.command('scene:update', { layout: 'side-by-side' });
  await eventually('the guest back in the audience', 20_000, async () =>
    (await viewer.state()) === 'playing' ? true : null,
  );
  expect(await viewer.sameDocument()).toBe(true);
});

test('the webinar ends, the player says so, and the recording plays on the same page', async () => {
  await show.host.command('webinar:end', {});
  await viewer.page
    .getByText(/has ended/i)
    .first()
    .waitFor({ timeout: 20_000 });
  const view = await show.host.until(
    'the recording',
    (v) => v.phase.phase === 'ended' && v.phase.recordingUrl !== null,
  );
  if (view.phase.phase !== 'ended' || !view.phase.recordingUrl) throw new Error('no recording');
  const { recordingUrl } = view.phase;
  // The end is told at once; the last segment is closed and the playlist written meanwhile (P10 is measured elsewhere).
  await eventually('the recording playlist', 10_000, async () =>
    (await fetch(recordingUrl)).ok ? true : null,
  );
  await eventually('the recording to play', 30_000, async () => {
    if ((await viewer.state()) !== 'recording') return null;
    const before = await viewer.playback();
    if (before.paused)
      await viewer.page.getByRole('button', { name: /^Play/ }).first().click({ timeout: 2000 });
    await new Promise((resolve) => setTimeout(resolve, 1000));
    return (await viewer.playback()).currentTime > before.currentTime + 0.3 ? true : null;
  });
  expect(await viewer.sameDocument()).toBe(true);
});
