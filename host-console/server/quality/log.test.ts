import { Writable } from 'node:stream';
import { type QualityReport, QualityRow } from '@rostrum/contracts';
import { pino } from 'pino';
import { FINE_REPORT, reportWith } from '../testing/quality-report.ts';
import { QualityLog } from './log.ts';
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
  const clock = { nowMs: () => clock.ms, nowUnixMs: () => clock.ms, ms: 0 };
  const limits = { rowsOfWebinar: 20, rows: 50, keepMs: 1000 };
  const row = (n: number) => ({ ...rowOf('bo-1', null, 'disconnect', AT), atUnixMs: n });
  const made = (said: string[] = []): QualityLog =>
    new QualityLog({
      clock,
      limits,
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

  test('keeps the last rows of a webinar', () => {
    const log = made();
    for (let n = 0; n < 200; n += 1) log.add('webinar-1', [row(n)]);
    const kept = log.rows('webinar-1').map(({ atUnixMs }) => atUnixMs);
    expect(kept).toEqual(Array.from({ length: 20 }, (_, i) => 180 + i));
  });

  test('keeps so many of all, those of the webinars that were quiet for longest not', () => {
    const log = made();
    for (const webinarId of ['webinar-1', 'webinar-2', 'webinar-3', 'webinar-1']) {
      for (let n = 0; n < 18; n += 1) log.add(webinarId, [row(n)]);
    }
    expect(['webinar-1', 'webinar-2', 'webinar-3'].map((id) => log.rows(id).length)).toEqual([18, 0, 18]);
  });

  test('forgets a webinar that was quiet for long enough', () => {
    const log = made();
    log.add('webinar-1', [row(1)]);
    clock.ms += 500;
    log.add('webinar-2', [row(1)]);
    clock.ms += 500;
    log.tick();
    expect([log.rows('webinar-1').length, log.rows('webinar-2').length]).toEqual([0, 1]);
  });

  test('writes what happens as lines of JSON under its name, and the rest where details are wanted', () => {
    const said: string[] = [];
    const log = made(said);
    log.add('webinar-1', [row(7), { ...row(8), event: null }]);
    expect(said.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ name: 'quality', event: 'disconnect', atUnixMs: 7, personId: 'bo-1' }),
    ]);
  });
});
