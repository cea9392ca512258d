import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WebinarEvent } from '@rostrum/contracts';
import { pino } from 'pino';
import { openStore, type Store } from '../store/index.ts';
import { RecordingRule } from './recording-rule.ts';
import { WebinarRegistry } from './registry.ts';

const DAY_MS = 86_400_000;
const logger = pino({ level: 'silent' });
let folder: string;
let store: Store;
let registry: WebinarRegistry;
let nowUnixMs = 100 * DAY_MS;
const clock = { nowUnixMs: () => nowUnixMs, nowMs: () => 0 };

beforeEach(async () => {
  nowUnixMs = 100 * DAY_MS;
  folder = mkdtempSync(join(tmpdir(), 'rostrum-rule-'));
  store = await openStore({ dataDir: folder, databaseUrl: null }, logger);
  registry = new WebinarRegistry({ store, clock, logger, events: { committed() {}, lost() {} } });
});
afterEach(async () => {
  await registry.settled();
  await store.close();
  rmSync(folder, { recursive: true });
});

async function ended(webinarId: string, atUnixMs: number, recorded: boolean): Promise<void> {
  const event = { type: 'webinar.created', title: 'T', startsAtUnixMs: null, profile: 'fast' } as const;
  await store.events.create(webinarId, { atUnixMs: 1, event });
  const claim = await store.events.claim(webinarId);
  const events: WebinarEvent[] = [
    { type: 'webinar.wentLive', channelId: webinarId, originUrl: 'http://origin.test' },
    { type: 'webinar.ended', recording: 'pending' },
    { type: 'webinar.recordingSettled', recorded },
  ];
  await store.events.append({
    ...{ webinarId, epoch: claim?.epoch ?? 0, expectedSeq: 1 },
    events: events.map((one) => ({ atUnixMs, event: one })),
  });
}
const recordingOf = async (webinarId: string) => (await store.webinars.find(webinarId))?.recording;

test('a recording goes once its webinar ended longer ago than recordings are kept, and no other', async () => {
  await ended('old-one', 60 * DAY_MS, true);
  await ended('old-unrecorded', 60 * DAY_MS, false);
  await ended('new-one', 80 * DAY_MS, true);
  const rule = new RecordingRule({
    ...{ webinars: store.webinars, clock, logger, keepMs: 30 * DAY_MS },
    submit: async (webinarId, decision) => (await registry.get(webinarId))?.submit(decision),
  });
  await rule.look();
  expect(await Promise.all(['old-one', 'old-unrecorded', 'new-one'].map(recordingOf))).toEqual([
    'deleting',
    'none',
    'ready',
  ]);
  nowUnixMs += 11 * DAY_MS;
  await rule.look();
  expect(await recordingOf('new-one')).toBe('deleting');
});

test('what cannot be deleted now is at the next look', async () => {
  await ended('old-one', 60 * DAY_MS, true);
  let away = true;
  const rule = new RecordingRule({
    ...{ webinars: store.webinars, clock, logger, keepMs: 30 * DAY_MS },
    async submit(webinarId, decision) {
      if (away) throw new Error('away');
      return (await registry.get(webinarId))?.submit(decision);
    },
  });
  await rule.look();
  expect(await recordingOf('old-one')).toBe('ready');
  away = false;
  await rule.look();
  expect(await recordingOf('old-one')).toBe('deleting');
});
