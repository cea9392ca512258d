import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { type House, openHouse } from './testing/house.ts';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'rostrum-adopt-'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

async function live(house: House): Promise<string> {
  const webinarId = await house.webinar();
  const claim = await house.store.events.claim(webinarId);
  if (!claim) throw new Error('the webinar is there');
  const event = { type: 'webinar.wentLive', channelId: webinarId, originUrl: 'http://origin.test' } as const;
  await house.store.events.append({
    webinarId,
    epoch: claim.epoch,
    expectedSeq: 1,
    events: [{ atUnixMs: 1, event }],
  });
  return webinarId;
}

test('a webinar whose log is damaged keeps no other from being taken up at the start', async () => {
  const first = await openHouse({ dataDir });
  const [damaged, whole] = [await live(first), await live(first)];
  await first.close(true);
  const database = new Database(join(dataDir, 'rostrum.sqlite'));
  database.prepare('delete from events where webinar_id = ? and seq = 2').run(damaged);
  database.close();
  const second = await openHouse({ dataDir });
  expect(second.mediaPlane.of('adopt')).toEqual([[whole]]);
  await second.close(true);
});
