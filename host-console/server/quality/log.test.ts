import { Writable } from 'node:stream';
import { type QualityReport, QualityRow } from '@rostrum/contracts';
import { pino } from 'pino';
import type { Store } from '../store/index.ts';
import { sqlitePlace } from '../testing/database-places.ts';
import { FINE_REPORT, reportWith } from '../testing/quality-report.ts';
import { QUALITY_WRITE_MS, QualityLog } from './log.ts';
import { type KnownPerson, learn } from './person.ts';
import { rowOf, rowsOf } from './rows.ts';

const AT = { atUnixMs: 1, webinarId: 'webinar-1' };

/** The events of each report's rows, by direction. */
function eventsOf(...reports: readonly QualityReport[]): string[] {
  let known: KnownPerson | null = null;
  return reports.map((said, i) => {
    const now: KnownPerson = learn('bo-1', known, { said }, i * 5000);
    const rows = rowsOf(known, now, AT);
    known = now;
    return rows.map(({ direction, event }) => `${direction} ${event ?? '-'}`).join(', ');
  });
}

const calm = 'send -, receive -';

describe('rows of the quality log', () => {
  test('carry the numbers of a direction, and nothing that says where somebody is', () => {
    const said = reportWith({ send: { loss: 0.02, roundTripMs: 31 }, relay: 'tcp' });
    const rows = rowsOf(null, learn('bo-1', null, { said }, 0), AT);
    for (const row of rows) expect(QualityRow.parse(row)).toEqual(row);
    expect(rows[0]).toEqual({
      ...AT,
      personId: 'bo-1',
      direction: 'send',
      packetLoss: 0.02,
      roundTripMs: 31,
      jitterMs: 2,
      codec: 'VP8',
      layer: 2,
      relay: 'tcp',
      event: 'relayed',
    });
  });

  test.each<[string, QualityReport[], string[]]>([
    ['nothing happens', [FINE_REPORT, FINE_REPORT], [calm, calm]],
    [
      'an alert is raised once, and again only after it was over',
      [reportWith({ send: { loss: 0.07 } }), reportWith({ send: { loss: 0.09 } })],
      ['send loss-alert, receive -', calm],
    ],
    [
      'a layer fewer is sent, and another one comes',
      [FINE_REPORT, reportWith({ send: { layers: { sent: 2, of: 3 } }, receive: { layer: 0 } })],
      [calm, 'send layer, receive layer'],
    ],
    [
      'the way goes through a relay and back',
      [FINE_REPORT, reportWith({ relay: 'udp' }), reportWith({ relay: 'udp' }), FINE_REPORT],
      [calm, 'send relayed, receive -', calm, 'send direct, receive -'],
    ],
    [
      'two things at once are two rows',
      [FINE_REPORT, reportWith({ send: { loss: 0.3, layers: { sent: 1, of: 3 } } })],
      [calm, 'send loss-alert, send layer, receive -'],
    ],
  ])('%s', (_, reports, expected) => {
    expect(eventsOf(...reports)).toEqual(expected);
  });

  test('loss on the way down is the SFU’s to say', () => {
    const receive = { loss: 0.2, roundTripMs: 20, bitrate: 1, picture: 'whole' } as const;
    const before = learn('bo-1', null, { said: FINE_REPORT }, 0);
    const now = learn('bo-1', before, { seen: { personId: 'bo-1', send: null, receive } }, 0);
    expect(rowsOf(before, now, AT).map(({ direction, event }) => [direction, event])).toEqual([
      ['send', null],
      ['receive', 'loss-alert'],
    ]);
  });

  test('what happens before anything is known has no numbers', () => {
    const row = rowOf('bo-1', null, 'ice-restart', AT);
    expect(QualityRow.parse(row)).toEqual(row);
    expect(row).toMatchObject({ direction: null, packetLoss: null, event: 'ice-restart' });
  });
});

describe('the quality log', () => {
  const place = sqlitePlace();
  let store: Store;
  const clock = { nowMs: () => clock.ms, nowUnixMs: () => clock.ms, ms: 0 };
  const row = (n: number, webinarId = 'webinar-1') => ({
    ...rowOf('bo-1', null, 'disconnect', { ...AT, webinarId }),
    atUnixMs: n,
  });
  const times = async (log: QualityLog) => (await log.rows('webinar-1')).map(({ atUnixMs }) => atUnixMs);
  let failing = false;
  const made = (said: string[] = []): QualityLog =>
    new QualityLog({
      clock,
      kept: {
        rows: (webinarId) => store.quality.rows(webinarId),
        write: (rows) =>
          failing ? Promise.reject(new Error('the disk is full')) : store.quality.write(rows),
      },
      logger: pino(
        { name: 'quality' },
        new Writable({
          write(chunk, _, done) {
            said.push(String(chunk));
            done();
          },
        }),
      ),
    });
  beforeEach(async () => {
    store = await place.open();
    await store.quality.forget(1e15);
  });
  afterEach(() => store.close());
  afterAll(() => place.remove());

  test('is read in the order in which it happened, with what was added last, of one webinar alone', async () => {
    const log = made();
    log.add([row(1), row(2), row(2, 'webinar-2')]);
    log.add(Array.from({ length: 1200 }, (_, n) => row(3 + Math.floor(n / 3))));
    const read = await times(log);
    expect(read).toHaveLength(1202);
    expect(read).toEqual(read.toSorted((a, b) => a - b));
    expect(await log.rows('webinar-2')).toEqual([row(2, 'webinar-2')]);
  });

  test('is written by itself at its pace, and is there after the process', async () => {
    const log = made();
    log.add([row(1)]);
    log.tick();
    expect(await store.quality.rows('webinar-1')).toEqual([]);
    clock.ms += QUALITY_WRITE_MS;
    log.tick();
    await log.close();
    expect(await times(made())).toEqual([1]);
  });

  test('what cannot be written waits, and is written when that can be', async () => {
    const log = made();
    failing = true;
    log.add([row(1)]);
    await expect(log.rows('webinar-1')).rejects.toThrow('the disk is full');
    log.add([row(2)]);
    failing = false;
    expect(await times(log)).toEqual([1, 2]);
  });

  test('says what happens as lines of JSON under its name, and the rest where details are wanted', () => {
    const said: string[] = [];
    made(said).add([row(7), { ...row(8), event: null }]);
    expect(said.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ name: 'quality', event: 'disconnect', atUnixMs: 7, personId: 'bo-1' }),
    ]);
  });
});
