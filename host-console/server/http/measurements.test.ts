import { type House, openHouse } from '../testing/house.ts';

let house: House;
beforeEach(async () => {
  house = await openHouse();
});
afterEach(async () => {
  await house.close();
});

const report = {
  v: 1,
  rendition: '720p',
  played: 58_000,
  stalls: 1,
  bsd: 700,
  msd: 900,
  ltc: 1100,
  ltc95: 1450,
  mtp: 9000,
};

/** As a page that is being left sends it: text, and no question asked before. */
const send = (body: string): Promise<Response> =>
  fetch(`${house.url}/api/measurements`, { method: 'POST', headers: { 'content-type': 'text/plain' }, body });

const metric = async (line: string): Promise<number> => {
  const text = await house.metrics.registry.metrics();
  return Number(
    text
      .split('\n')
      .find((l) => l.startsWith(`${line} `))
      ?.split(' ')[1] ?? 0,
  );
};

test('reports of viewers are added up by rendition', async () => {
  expect((await send(JSON.stringify(report))).status).toBe(200);
  expect((await send(JSON.stringify({ ...report, stalls: 2, msd: undefined, ltc: 2600 }))).status).toBe(200);
  expect((await send(JSON.stringify({ ...report, rendition: 'audio' }))).status).toBe(200);
  expect(await metric('rostrum_viewer_reports_total{rendition="720p"}')).toBe(2);
  expect(await metric('rostrum_viewer_played_seconds_total{rendition="720p"}')).toBe(116);
  expect(await metric('rostrum_viewer_stalls_total{rendition="720p"}')).toBe(3);
  expect(await metric('rostrum_viewer_stalled_seconds_total{rendition="720p"}')).toBeCloseTo(1.4);
  expect(await metric('rostrum_viewer_join_seconds_count{rendition="720p"}')).toBe(1);
  expect(await metric('rostrum_viewer_latency_median_seconds_bucket{le="1.25",rendition="720p"}')).toBe(1);
  expect(await metric('rostrum_viewer_latency_median_seconds_bucket{le="3",rendition="720p"}')).toBe(2);
  expect(await metric('rostrum_viewer_reports_total{rendition="audio"}')).toBe(1);
});

test.each([
  ['nothing', ''],
  ['no JSON', 'rendition=720p'],
  ['a rendition that is not', JSON.stringify({ ...report, rendition: '9999p' })],
  ['a number that cannot be', JSON.stringify({ ...report, played: -1 })],
  ['more than a minute can hold', JSON.stringify({ ...report, bsd: 1e9 })],
  ['something of one’s own', JSON.stringify({ ...report, personId: 'p1' })],
  ['more than a kilobyte', JSON.stringify({ ...report, pad: 'x'.repeat(1100) })],
])('[R4] %s is 400 and counts for nothing', async (_what, body) => {
  expect((await send(body)).status).toBe(400);
  expect(await metric('rostrum_viewer_reports_total{rendition="720p"}')).toBe(0);
});

test('an address that reports without end is told to stop', async () => {
  await house.close();
  const few = { burst: 3, perSecond: 0.001 };
  house = await openHouse({ apiRates: { attendees: few, other: few } });
  const answers = [];
  for (let i = 0; i < 4; i += 1) answers.push((await send(JSON.stringify(report))).status);
  expect(answers).toEqual([200, 200, 200, 429]);
});
