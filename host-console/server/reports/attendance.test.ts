import { rmSync } from 'node:fs';
import { BlockList } from 'node:net';
import { pino } from 'pino';
import { openStore } from '../store/index.ts';
import { openHouse } from '../testing/house.ts';

const IPAD =
  'Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 Version/16.6 Mobile Safari/604.1';

test('who connects is in the report, with device and country, and without an address', async () => {
  const trustedProxies = new BlockList();
  trustedProxies.addSubnet('127.0.0.0', 8, 'ipv4');
  const house = await openHouse({ trustedProxies });
  const webinarId = await house.webinar();
  const headers = {
    'user-agent': IPAD,
    'cloudfront-viewer-country': 'AT',
    'x-forwarded-for': '203.0.113.77',
  };
  const first = await house.enter(webinarId, 'attendee', 'bo-1', headers);
  const second = await house.enter(webinarId, 'attendee', 'bo-1', headers);
  await house.enter(webinarId, 'panelist', 'ann-1', { 'cloudfront-viewer-country': '<script>' });
  first.socket.disconnect();
  second.socket.disconnect();
  await house.close(true);

  const settings = { databaseUrl: null, dataDir: house.dataDir };
  const store = await openStore(settings, pino({ level: 'silent' }));
  const page = { after: null, limit: 10, search: null };
  expect(await store.stays.attendants(webinarId, page)).toEqual([
    { personId: 'bo-1', name: 'Name of bo-1', role: 'attendee', joinedUnixMs: expect.any(Number) },
    { personId: 'ann-1', name: 'Name of ann-1', role: 'panelist', joinedUnixMs: expect.any(Number) },
  ]);
  const stays = await store.stays.stays(webinarId, null, 0);
  expect(stays).toMatchObject([
    { personId: 'bo-1', device: 'tablet', browser: 'safari', region: 'AT', leftUnixMs: expect.any(Number) },
    { personId: 'ann-1', device: 'unknown', region: null, leftUnixMs: expect.any(Number) },
  ]);
  const kept = await Promise.all(
    (['attendants', 'stays', 'stay_writers'] as const).map((table) =>
      store.database.transact((tx) => tx.selectFrom(table).selectAll().execute()),
    ),
  );
  expect(JSON.stringify(kept)).not.toContain('203.0.113');
  await store.close();
  rmSync(house.dataDir, { recursive: true });
});

test('no country is believed of who is no trusted proxy', async () => {
  const house = await openHouse();
  const webinarId = await house.webinar();
  await house.enter(webinarId, 'attendee', 'bo-1', { 'cloudfront-viewer-country': 'AT' });
  await house.close(true);
  const store = await openStore({ databaseUrl: null, dataDir: house.dataDir }, pino({ level: 'silent' }));
  expect((await store.stays.stays(webinarId, null, 0))[0]?.region).toBeNull();
  await store.close();
  rmSync(house.dataDir, { recursive: true });
});
