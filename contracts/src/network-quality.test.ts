import { QualityReport } from './network-quality.ts';

const REPORT: QualityReport = {
  send: {
    loss: 0.01,
    roundTripMs: 20,
    jitterMs: 3,
    bitrate: 2_000_000,
    availableBitrate: null,
    layers: { sent: 3, of: 3 },
    limitedBy: 'none',
    codec: 'VP8',
  },
  receive: {
    loss: null,
    roundTripMs: 20,
    jitterMs: null,
    bitrate: 0,
    concealed: null,
    freezes: 0,
    layer: null,
    codec: null,
  },
  relay: null,
};

describe('a report on one’s own network', () => {
  test('is taken as it is where it can be true', () => {
    expect(QualityReport.parse(REPORT)).toEqual(REPORT);
  });

  test('whose numbers cannot be is brought within bounds', () => {
    const { send, receive } = QualityReport.parse({
      send: { ...REPORT.send, loss: 12, roundTripMs: 1e300, bitrate: -4, layers: { sent: 99, of: 2.4 } },
      receive: { ...REPORT.receive, concealed: -1, freezes: 1e9, layer: 7 },
      relay: 'tls',
    });
    expect(send).toMatchObject({ loss: 1, roundTripMs: 60_000, bitrate: 0, layers: { sent: 3, of: 2 } });
    expect(receive).toMatchObject({ concealed: 0, freezes: 1000, layer: 2 });
  });

  test.each([
    ['another field', { ...REPORT, address: '192.0.2.1' }],
    ['a word for oneself', { ...REPORT, word: 'fine' }],
    ['text for a number', { ...REPORT, send: { ...REPORT.send, loss: '0.1' } }],
    ['no number', { ...REPORT, send: { ...REPORT.send, loss: Number.NaN } }],
    ['a codec there is not', { ...REPORT, send: { ...REPORT.send, codec: 'x'.repeat(9999) } }],
    ['half of it', { send: REPORT.send, relay: null }],
  ])('with %s is none', (_, report) => {
    expect(QualityReport.safeParse(report).success).toBe(false);
  });
});
