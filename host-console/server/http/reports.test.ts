import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AttendanceSummary, ParticipantPage } from '@rostrum/contracts';
import Papa from 'papaparse';
import { Client, type House, openHouse, tokenOf } from '../testing/house.ts';

const ownerTokenOf = (ownerUrl: string): string => new URL(ownerUrl).hash.slice('#t='.length);
const get = (url: string, path: string, token: string): Promise<Response> =>
  fetch(`${url}/api/webinars/${path}`, { headers: { authorization: `Bearer ${token}` } });
const tableOf = (csv: string): Record<string, string>[] =>
  Papa.parse<Record<string, string>>(csv.trimEnd(), { header: true }).data;

describe('over a house', () => {
  let house: House;
  let webinarId: string;
  let owner: string;
  let nowMs: number;
  const T0 = Date.UTC(2027, 2, 28, 17);
  const MIN = 60_000;

  beforeEach(async () => {
    house = await openHouse();
    owner = ownerTokenOf(await house.coordinator.service.ownerUrl());
    webinarId = await house.webinar('Große Zahlen');
    nowMs = T0;
  });
  afterEach(() => house.close());

  const stay = async (personId: string, name: string, from: number, to: number, role = 'attendee') => {
    const id = `stay-${nowMs++}`;
    const row = { stayId: id, webinarId, personId, name, role: role as 'attendee' };
    const on = { device: 'phone', browser: 'safari', region: 'DE', node: null } as const;
    const times = { joinedUnixMs: T0 + from * MIN, leftUnixMs: T0 + to * MIN };
    await house.store.stays.write('writer-1', T0, [{ ...row, ...on, ...times }]);
  };

  test('participants come in pages that a cursor leads through, and are found by a part of their name', async () => {
    for (let at = 0; at < 7; at += 1) await stay(`person-${at}`, `Person ${at}`, at < 3 ? 1 : at, 10);
    const seen: string[] = [];
    let cursor = '';
    let pages = 0;
    do {
      const answer = await get(house.url, `${webinarId}/participants?limit=3${cursor}`, owner);
      const page = ParticipantPage.parse(await answer.json());
      seen.push(...page.participants.map((p) => p.personId));
      cursor = page.next ? `&cursor=${page.next}` : '';
      pages += 1;
    } while (cursor);
    expect([pages, seen]).toEqual([3, Array.from({ length: 7 }, (_, at) => `person-${at}`)]);

    const found = await get(house.url, `${webinarId}/participants?search=N%204`, owner);
    expect(ParticipantPage.parse(await found.json()).participants).toMatchObject([
      { name: 'Person 4', presentMs: 6 * MIN, presentLiveMs: 0, leftUnixMs: T0 + 10 * MIN },
    ]);
    for (const wrong of ['limit=0', 'limit=501', 'cursor=xyz', `cursor=${btoa('[1]')}`]) {
      const refused = await get(house.url, `${webinarId}/participants?${wrong}`, owner);
      expect([wrong, refused.status]).toEqual([wrong, 400]);
    }
    expect((await get(house.url, 'no-such-webinar/participants', owner)).status).toBe(404);
  });

  test('the summary counts attendees, and not crew and stage', async () => {
    await stay('bo-1', 'Bo', 0, 10);
    await stay('cy-1', 'Cy', 5, 25);
    await stay('host-1', 'Hedy', 0, 60, 'host');
    const answer = await get(house.url, `${webinarId}/attendance`, owner);
    expect(AttendanceSummary.parse(await answer.json())).toEqual({
      ...{ title: 'Große Zahlen', phase: 'scheduled', liveUnixMs: null, endedUnixMs: null },
      ...{ attendees: 2, others: 1, averageMs: 15 * MIN, averageLiveMs: 0 },
      peak: { attendees: 2, atUnixMs: T0 + 5 * MIN },
    });
  });

  test('the table has who was there, once or by session, is saved under the title, and no name in it is a formula', async () => {
    await stay('bo-1', '=HYPERLINK("http://evil.test","Bo")', 0, 10);
    await stay('bo-1', '=HYPERLINK("http://evil.test","Bo")', 20, 25);
    await stay('zoe-1', 'Zoë', 1, 2);
    const answer = await get(house.url, `${webinarId}/participants.csv`, owner);
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(answer.headers.get('content-disposition')).toBe(
      `attachment; filename="Gro_e Zahlen participants.csv"; filename*=UTF-8''Gro%C3%9Fe%20Zahlen%20participants.csv`,
    );
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    expect(tableOf(bytes.toString('utf8').slice(1))).toEqual([
      {
        ...{ name: `'=HYPERLINK("http://evil.test","Bo")`, role: 'attendee', 'person id': 'bo-1' },
        ...{ joined: '2027-03-28T17:00:00.000Z', left: '2027-03-28T17:25:00.000Z' },
        ...{ minutes: '15', 'minutes live': '0', sessions: '2' },
        ...{ device: 'phone', browser: 'safari', country: 'DE', node: '' },
      },
      expect.objectContaining({ name: 'Zoë', minutes: '1', sessions: '1' }),
    ]);
    const sessions = await get(house.url, `${webinarId}/participants.csv?each=session&bom=0`, owner);
    expect(tableOf(await sessions.text()).map((row) => [row['person id'], row.left])).toEqual([
      ['bo-1', '2027-03-28T17:10:00.000Z'],
      ['bo-1', '2027-03-28T17:25:00.000Z'],
      ['zoe-1', '2027-03-28T17:02:00.000Z'],
    ]);
    const quality = await get(house.url, `${webinarId}/quality.csv?bom=0`, owner);
    expect(await quality.text()).toMatch(/^at,person id,direction,event,packet loss,/);
  });
});

test('two join, one goes and comes back, the coordinator is killed, one is there again: the table has both as they were', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'rostrum-attendance-'));
  const program = new URL('../testing/house-process.ts', import.meta.url).pathname;
  const killed = spawn(process.execPath, [program, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
  const clients: Client[] = [];
  const enter = async (url: string, webinarId: string, personId: string): Promise<Client> => {
    const token = await tokenOf(webinarId, 'attendee', personId, `Name of ${personId}`);
    const client = new Client(url, { token, personId });
    clients.push(client);
    await client.synced();
    return client;
  };
  let second: House | null = null;
  try {
    const [line] = (await once(killed.stdout, 'data')) as [Buffer];
    const { url, webinarId, ownerUrl } = JSON.parse(line.toString()) as Record<string, string> & {
      url: string;
      webinarId: string;
      ownerUrl: string;
    };
    const owner = ownerTokenOf(ownerUrl);
    const startedUnixMs = Date.now();
    const bo = await enter(url, webinarId, 'bo-1');
    await enter(url, webinarId, 'ann-1');
    bo.socket.disconnect();
    await enter(url, webinarId, 'bo-1');
    const table = async (at: string) =>
      tableOf((await (await get(at, `${webinarId}/participants.csv`, owner)).text()).replace('\ufeff', ''));
    while ((await table(url)).length < 2) await new Promise((resolve) => setTimeout(resolve, 100));
    const writtenUnixMs = Date.now();
    killed.kill('SIGKILL');
    await once(killed, 'exit');

    second = await openHouse({ dataDir });
    const back = await enter(second.url, webinarId, 'ann-1');
    back.socket.disconnect();
    await second.close(true);
    second = await openHouse({ dataDir });
    const rows = await table(second.url);
    expect(rows).toMatchObject([
      { 'person id': 'bo-1', name: 'Name of bo-1', role: 'attendee', sessions: '1' },
      { 'person id': 'ann-1', name: 'Name of ann-1', role: 'attendee', sessions: '1' },
    ]);
    const [boLeft = 0, annLeft = 0] = rows.map((row) => Date.parse(row.left ?? ''));
    // Bo was last known to be there when that was written, and not when the killed one was found out.
    expect(boLeft).toBeGreaterThanOrEqual(startedUnixMs);
    expect(boLeft).toBeLessThanOrEqual(writtenUnixMs);
    expect(annLeft).toBeGreaterThan(writtenUnixMs);
    for (const row of rows) {
      expect(Number(row['minutes live'])).toBeGreaterThan(0);
      expect(row['minutes live']).toBe(row.minutes);
    }
  } finally {
    killed.kill('SIGKILL');
    for (const client of clients) client.socket.disconnect();
    await second?.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}, 60_000);

test('a person is deleted by the owner after the show: from pages, tables and what is told to others', async () => {
  const house = await openHouse();
  try {
    const owner = ownerTokenOf(await house.coordinator.service.ownerUrl());
    const webinarId = await house.webinar();
    const log = (event: Parameters<typeof Object.keys>[0]) =>
      house.mediaPlane.words?.append(webinarId, () => [event as never]);
    await log({ type: 'webinar.wentLive', channelId: 'channel-1', originUrl: 'http://origin.test' });
    await house.enter(webinarId, 'panelist', 'zoe-1');
    const erase = () =>
      fetch(`${house.url}/api/webinars/${webinarId}/participants/zoe-1`, {
        method: 'DELETE',
        headers: { authorization: `Bearer ${owner}` },
      });
    expect((await erase()).status).toBe(409);
    await log({ type: 'webinar.ended', recording: 'none' });
    expect((await erase()).status).toBe(200);
    const host = await house.enter(webinarId, 'host', 'host-1');
    expect(JSON.stringify(host.view)).not.toContain('Name of zoe-1');
    // Nor do they come back.
    await expect(house.enter(webinarId, 'panelist', 'zoe-1')).rejects.toThrow('removed');
  } finally {
    await house.close();
  }
});
