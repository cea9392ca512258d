import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { systemClock } from '../ports.ts';
import { openStore } from '../store/index.ts';
import { peekState } from './peek.ts';
import { WebinarRegistry } from './registry.ts';

test('who only looks sees what is in the log, and whoever writes it goes on', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rostrum-peek-'));
  const logger = pino({ level: 'silent' });
  const shared = { clock: systemClock, logger };
  const store = await openStore({ databaseUrl: null, dataDir: folder }, logger);
  try {
    const webinarId = 'webinar1';
    const look = () => peekState({ ...shared, store, webinarId });
    expect(await look()).toBeNull();
    await store.events.create(webinarId, {
      atUnixMs: 1_800_000_000_000,
      event: { type: 'webinar.created', title: 'T', startsAtUnixMs: null, profile: 'fast' },
    });
    const lost: string[] = [];
    const registry = new WebinarRegistry({
      ...shared,
      store,
      // A snapshot every few events: what is looked at is one of those and what follows it.
      snapshots: { everyEvents: 5, logKeepMs: 0 },
      events: { committed: () => undefined, lost: (id) => lost.push(id) },
    });
    const actor = await registry.get(webinarId);
    for (let i = 0; i < 12; i += 1) {
      await actor?.submit(() => [
        { type: 'recording.marked', markId: `mark-${i}`, title: 'M', atUnixMs: 1_800_000_000_000 + i },
      ]);
      expect(await look()).toEqual(actor?.state);
    }
    await registry.settled();
    expect(lost).toEqual([]);
  } finally {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  }
});
