import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PERSON_NAMESPACE, PROTOCOL_VERSION } from '@rostrum/contracts';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { io } from 'socket.io-client';
import { createMediaPlane, dialledNodes } from './media/index.ts';
import { PageOrigins } from './page-origins.ts';
import { systemClock } from './ports.ts';
import { openStore, type Store } from './store/index.ts';
import { type House, openHouse, tokenOf } from './testing/house.ts';
import { BROADCASTER, NODE_TOKEN, TestNode, until } from './testing/test-node.ts';

const logger = pino({ level: 'silent' });
const DAY_MS = 86_400_000;
let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'rostrum-origins-'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

describe('a coordinator that starts anew, before any broadcaster is back', () => {
  /** With the real media side. */
  const open = (): Promise<House> =>
    openHouse({
      dataDir,
      mediaPlane: ({ io: server, wordSide }) =>
        createMediaPlane({
          nodes: dialledNodes({ io: server, nodeToken: NODE_TOKEN, logger, nowMs: systemClock.nowMs }),
          wordSide,
          iceServers: () => [],
          logger,
          ...systemClock,
          metrics: new Registry(),
        }),
    });

  async function outcome(house: House, webinarId: string, origin: string): Promise<string> {
    const token = await tokenOf(webinarId, 'attendee', 'attendee-1');
    const socket = io(`${house.url}${PERSON_NAMESPACE}`, {
      auth: { protocol: PROTOCOL_VERSION, token },
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      extraHeaders: { origin },
    });
    const came = await new Promise<string>((resolve) => {
      socket.once('connect', () => resolve('connected'));
      socket.once('connect_error', () => resolve('no connection'));
    });
    socket.disconnect();
    return came;
  }

  test('lets in the watch pages of the broadcasters there were, for webinars that are not live too, and no other page', async () => {
    const first = await open();
    const webinarId = await first.webinar();
    const node = new TestNode(
      first.url,
      { ...BROADCASTER, originUrl: 'https://live.example/base' },
      'caster1',
    );
    await until('the broadcaster', () => first.coordinator.mediaPlane.readiness().broadcasterNodes === 1);
    expect(await outcome(first, webinarId, 'https://live.example')).toBe('connected');
    node.close();
    await first.close(true);
    const second = await open();
    expect(second.coordinator.mediaPlane.readiness().broadcasterNodes).toBe(0);
    expect(await outcome(second, webinarId, 'https://live.example')).toBe('connected');
    for (const origin of [
      'https://evil.example',
      'http://live.example',
      'https://live.example:8443',
      'null',
    ]) {
      expect([origin, await outcome(second, webinarId, origin)]).toEqual([origin, 'no connection']);
    }
    const answer = await fetch(`${second.url}/api/webinars/${webinarId}/public`, {
      headers: { origin: 'https://live.example' },
    });
    await answer.arrayBuffer();
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://live.example');
    await second.close(true);
  });
});

describe('the origins of broadcasters', () => {
  let store: Store;
  let writes: number;
  let away: boolean;
  let nowUnixMs: number;
  /** As one process has them. */
  const start = async (): Promise<PageOrigins> => {
    const origins = new PageOrigins({
      kept: {
        seenSince: (since) => store.pageOrigins.seenSince(since),
        async keep(...args) {
          writes += 1;
          if (away) throw new Error('the database does not answer');
          return store.pageOrigins.keep(...args);
        },
      },
      clock: { nowMs: () => performance.now(), nowUnixMs: () => nowUnixMs },
      logger,
    });
    await origins.load();
    return origins;
  };
  const has = (origins: PageOrigins, ...of: string[]): boolean[] => of.map((origin) => origins.has(origin));

  beforeEach(async () => {
    store = await openStore({ dataDir, databaseUrl: null }, logger);
    [writes, away, nowUnixMs] = [0, false, 1_800_000_000_000];
  });
  afterEach(() => store.close());

  test('are forgotten when nobody serves there for thirty days, and written once a day at most', async () => {
    const origins = await start();
    for (const url of ['https://one.test/path', 'https://one.test', 'http://two.test:8080'])
      origins.note(url);
    await origins.close();
    expect(writes).toBe(2);
    nowUnixMs += 29 * DAY_MS;
    const later = await start();
    expect(has(later, 'https://one.test', 'http://two.test:8080')).toEqual([true, true]);
    later.note('https://one.test');
    await later.close();
    later.note('https://one.test');
    expect(writes).toBe(3);
    nowUnixMs += 2 * DAY_MS;
    expect(has(await start(), 'https://one.test', 'http://two.test:8080')).toEqual([true, false]);
  });

  test('are known at once where they cannot be written, and written when they can be', async () => {
    const origins = await start();
    away = true;
    origins.note('https://one.test');
    await until('an attempt', () => writes > 0);
    expect(has(origins, 'https://one.test', 'https://two.test')).toEqual([true, false]);
    away = false;
    origins.note('https://one.test');
    await origins.close();
    expect(has(await start(), 'https://one.test')).toEqual([true]);
  });

  test('are none where an address has none of its own: sandboxed pages of anybody have that one', async () => {
    const origins = await start();
    origins.note('file:///var/www');
    expect(origins.has('null')).toBe(false);
    await origins.close();
    expect(writes).toBe(0);
  });
});
