import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CONSENT_WORDS } from '@rostrum/contracts/consent-words';
import type { Page } from 'playwright-core';
import { type OpenPanelist, openPanelist } from './lib/browser.ts';
import { LiveShow, OPENING_DEADLINE_MS } from './lib/live-show.ts';
import { joinStage } from './lib/show.ts';
import { drawnCamera } from './lib/synthetic-media.ts';
import type { Viewer } from './lib/viewer.ts';

/** Whoever comes on the stage of a webinar is asked whether they may be recorded, and what follows from what they say. */

const SHOTS = process.env.ROSTRUM_SHOTS;
const words = CONSENT_WORDS.en;
let live: LiveShow;
let pia: OpenPanelist;
let piaId: string;
let vera: Viewer | undefined;

const shot = async (page: Page, name: string): Promise<void> => {
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/${name}.png` });
};
const consentOf = (personId: string) =>
  live.show.host.view().people.find((p) => p.personId === personId)?.consent ?? null;
/** What is asked is answered one by one: both answers are waited for. */
const says = (what: string, personId: string, answer: 'given' | 'refused'): Promise<unknown> =>
  live.show.host.until(what, () => {
    const consent = consentOf(personId);
    return consent?.recording === answer && consent.tracks === answer;
  });
const refused = (what: string, personId: string): Promise<unknown> => says(what, personId, 'refused');
const onAir = (): string[] => live.show.host.view().scene?.onAir.map((p) => p.personId) ?? [];
const takeOnAir = (personId: string): Promise<unknown> =>
  live.show.host.command('air:set', { personId, onAir: true });

/** Folders of tracks on disk. */
async function tracksKept(): Promise<Set<string>> {
  const folder = join(live.system.home, 'data/channels', live.show.webinar.webinarId, 'tracks');
  const there = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return new Set(there.flatMap((one) => (one.isDirectory() ? [one.name] : [])));
}

beforeAll(async () => {
  live = await LiveShow.open({ title: 'Consent', cast: [drawnCamera('Ada', 255)], direction: 'manual' });
  const link = await live.system.api.createLink(live.show.webinar.webinarId, {
    role: 'panelist',
    name: 'Pia',
  });
  piaId = link.personId;
  pia = await openPanelist(live.browser, link.url, drawnCamera('Pia', 150));
}, OPENING_DEADLINE_MS);

afterAll(async () => {
  await vera?.close();
  await pia?.close();
  await live?.close();
}, 60_000);

test('who joins has agreed to the recording, and to nothing that was not asked', async () => {
  expect(consentOf(live.panelist(0).personId)).toEqual({ recording: 'given', tracks: 'open' });
});

test('who joins without being recorded is on the stage, and on air once they agree', async () => {
  const { host } = live.show;
  await host.command('tracks:set', { record: true });
  const { page } = pia;
  await page.getByText(words.asked.recorded).waitFor();
  await page.getByLabel(words.asked.tracks).waitFor();
  await shot(page, 'device-check');
  await page.getByRole('button', { name: words.joinUnrecorded }).click();
  await page.getByText(words.unrecorded).waitFor();
  await shot(page, 'unrecorded');
  await refused('the refusal', piaId);
  await expect(takeOnAir(piaId)).rejects.toThrow('no-consent');
  await page.getByRole('button', { name: words.agree }).click();
  await host.until('the consent', () => consentOf(piaId)?.recording === 'given');
  await takeOnAir(piaId);
  await host.until('Pia on air', () => onAir().includes(piaId));
}, 60_000);

test('who takes it back leaves the air at once, and may ask for what was kept to be deleted', async () => {
  const { host } = live.show;
  const { page } = pia;
  await page.getByRole('button', { name: 'Recorded' }).click();
  await page.getByLabel(words.keepTracks).click();
  await host.until('the consent', () => consentOf(piaId)?.tracks === 'given');
  await page.getByLabel(words.keepTracks).click();
  await page.getByRole('button', { name: words.erase }).click();
  await page.getByText(words.erasing).waitFor();
  await shot(page, 'recorded-sign');
  await page.getByLabel(words.record).click();
  await host.until('Pia off air', () => !onAir().includes(piaId));
  await refused('that both are taken back', piaId);
}, 60_000);

test('the crew sees who has not agreed, and asks for tracks of those who are there', async () => {
  const context = await live.browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  const violations: string[] = [];
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) violations.push(message.text());
  });
  await page.goto(live.show.hostUrl);
  await page.getByText('Does not want to be recorded').waitFor();
  expect(await page.getByLabel('Pia on air').isDisabled()).toBe(true);
  await shot(page, 'control-room');
  await context.close();
  // Nothing of our own pages is refused by their policy.
  expect(violations).toEqual([]);
}, 60_000);

test('a guest is asked as well, before they join, and can take it back', async () => {
  const { host } = live.show;
  vera = await live.watch({ media: drawnCamera('Vera', 40, { pilotHz: 700 }) });
  const { page } = vera;
  await page.getByRole('button', { name: 'Raise hand', exact: true }).click();
  const { hands } = await host.until('the hand', (v) => v.hands.length > 0);
  const veraId = hands[0]?.personId ?? '';
  await host.command('hand:accept', { personId: veraId });
  await page.getByText(words.asked.recorded).waitFor();
  await page.getByLabel(words.asked.tracks).check();
  await shot(page, 'guest-check');
  await page.getByRole('button', { name: 'Join the stage', exact: true }).click();
  await page.getByRole('button', { name: 'Leave the stage' }).waitFor();
  await says('the consent', veraId, 'given');
  await page.getByText(words.asked.recorded).click();
  await page.getByLabel(words.record).waitFor();
  await shot(page, 'guest-held');
  await live.eventually('tracks of Vera', 20_000, async () => {
    const kept = await tracksKept();
    return kept.has(`${veraId}-camera`) && kept.has(`${veraId}-mic`) ? true : null;
  });
  // Ada was never asked: she came before the webinar kept any.
  expect([...(await tracksKept())].filter((name) => name.startsWith(live.panelist(0).personId))).toEqual([]);
  // The box shows what the coordinator has, a moment after the click.
  await page.getByLabel(words.record).click();
  await host.until('the refusal', () => consentOf(veraId)?.recording === 'refused');
  await shot(page, 'guest-unrecorded');
}, 90_000);

test('who comes once more is asked once more', async () => {
  const { page } = pia;
  await page.reload();
  await page.getByText(words.asked.recorded).waitFor();
  await joinStage(pia);
  await live.show.host.until('the consent', () => consentOf(piaId)?.recording === 'given');
}, 60_000);
