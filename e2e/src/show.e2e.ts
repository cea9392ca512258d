import { openPanelist } from './lib/browser.ts';
import { LIVE_MS, LiveShow, OPENING_DEADLINE_MS } from './lib/live-show.ts';
import { joinStage, type Panelist, type Show } from './lib/show.ts';
import { drawnCamera } from './lib/synthetic-media.ts';
import type { Viewer } from './lib/viewer.ts';

/** Hz. No tone is where two others, or one and the beep at 1000, meet in a coder that distorts (2a - b, a + b, 3a). */
const TONES = { ada: 1900, bo: 2700, guest: 3250 } as const;
/** A tone this far above its neighbourhood is in the mix. */
const HEARD_DB = 15;
const BO = drawnCamera('Bo', 150, { pilotHz: TONES.bo });

let live: LiveShow;
let show: Show;
let viewer: Viewer;
let ada: Panelist;
let bo: Panelist;

beforeAll(async () => {
  live = await LiveShow.open({
    title: 'End to end',
    cast: [drawnCamera('Ada', 255, { pilotHz: TONES.ada, flash: true }), BO],
    direction: 'manual',
  });
  ({ show } = live);
  [ada, bo] = [live.panelist(0), live.panelist(1)];
  await show.host.command('scene:update', { layout: 'side-by-side' });
  for (const { personId } of show.panelists) await show.host.command('air:set', { personId, onAir: true });
  viewer = await live.watch({ media: drawnCamera('Vera', 40, { pilotHz: TONES.guest }) });
}, OPENING_DEADLINE_MS);

afterAll(() => live?.close(), 60_000);

test('the viewer sees both panelists live, each at the place the scene says', async () => {
  await live.seenLive(viewer, 'both clocks', [ada.personId, bo.personId], { deadlineMs: 40_000 });
  // The page hears of its first picture a moment after it is there to be seen.
  await live.eventually('the page to play', 5000, async () => (await viewer.state()) === 'playing' || null);
});

test('both voices are in the sound', async () => {
  await live.eventually('both tones', 15_000, async () => {
    const levels = await viewer.tones([TONES.ada, TONES.bo]);
    return levels.every((db) => db > HEARD_DB) ? levels : null;
  });
  const [absent] = await viewer.tones([TONES.guest]);
  expect(absent).toBeLessThan(HEARD_DB);
});

test('a change of layout reaches the screen', async () => {
  await show.host.command('scene:update', { layout: 'spotlight', focus: bo.personId });
  await live.eventually('Bo to fill the picture', 15_000, async () => {
    const [age] = await viewer.ages([{ x: 0, y: 0, width: 1280, height: 720 }]);
    return age !== null && age !== undefined && age < LIVE_MS ? age : null;
  });
  await show.host.command('scene:update', { layout: 'side-by-side', focus: null });
  await live.seenLive(viewer, 'both side by side again', [ada.personId, bo.personId]);
});

test('somebody off air is neither seen nor heard', async () => {
  await show.host.command('air:set', { personId: bo.personId, onAir: false });
  await live.eventually('Bo to fall silent', 15_000, async () => {
    const [adaDb = 0, boDb = 0] = await viewer.tones([TONES.ada, TONES.bo]);
    return adaDb > HEARD_DB && boDb < HEARD_DB ? true : null;
  });
  await show.host.command('air:set', { personId: bo.personId, onAir: true });
  await live.seenLive(viewer, 'Bo back on air', [ada.personId, bo.personId]);
});

test('a panelist who leaves and comes back is seen again, and the show never stopped', async () => {
  const boArea = live.areaOf(bo.personId);
  await bo.close();
  await live.eventually('the picture of Bo to stop', 20_000, async () => {
    const [stays, gone] = await viewer.ages([live.areaOf(ada.personId), boArea]);
    return stays !== null &&
      stays !== undefined &&
      stays < LIVE_MS &&
      (gone === null || (gone ?? 0) > LIVE_MS)
      ? true
      : null;
  });
  const back = await openPanelist(live.browser, bo.url, BO);
  await joinStage(back);
  await live.seenLive(viewer, 'Bo again', [ada.personId, bo.personId], { deadlineMs: 30_000 });
});

test('the compositor is killed and the viewer plays on without a reload', async () => {
  const [pid] = await live.system.compositorPids();
  if (!pid) throw new Error('no compositor process');
  process.kill(pid, 'SIGKILL');
  const killedUnixMs = Date.now();
  await live.eventually('a new compositor', 10_000, async () => {
    const pids = await live.system.compositorPids();
    return pids.length === 1 && pids[0] !== pid ? true : null;
  });
  // A picture that was drawn after the kill, not one the player still had.
  await live.seenLive(viewer, 'both after the restart', [ada.personId, bo.personId], {
    deadlineMs: 30_000,
    drawnAfterUnixMs: killedUnixMs,
  });
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
  await live.eventually('the guest on stage', 15_000, async () =>
    show.host.onStage().includes(guestId) ? true : null,
  );
  await show.host.command('air:set', { personId: guestId, onAir: true });

  const second = await live.watch();
  try {
    await live.seenLive(second, 'the guest on air beside a panelist', [ada.personId], { deadlineMs: 30_000 });
    await show.host.command('scene:update', { layout: 'grid' });
    await live.seenLive(second, 'the guest in the grid', [ada.personId, bo.personId, guestId], {
      deadlineMs: 30_000,
    });
    await live.eventually('the guest in the sound', 15_000, async () => {
      const [level = 0] = await second.tones([TONES.guest]);
      return level > HEARD_DB ? level : null;
    });
  } finally {
    await second.close();
  }

  await show.host.command('guest:return', { personId: guestId });
  await show.host.command('scene:update', { layout: 'side-by-side' });
  await live.eventually('the guest back in the audience', 20_000, async () =>
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
  await live.eventually('the recording playlist', 10_000, async () =>
    (await fetch(recordingUrl)).ok ? true : null,
  );
  await live.eventually('the recording to play', 30_000, async () => {
    if ((await viewer.state()) !== 'recording') return null;
    const before = await viewer.playback();
    if (before.paused)
      await viewer.page.getByRole('button', { name: /^Play/ }).first().click({ timeout: 2000 });
    await new Promise((resolve) => setTimeout(resolve, 1000));
    return (await viewer.playback()).currentTime > before.currentTime + 0.3 ? true : null;
  });
  expect(await viewer.sameDocument()).toBe(true);
});
