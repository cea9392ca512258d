import type { PersonQuality, QualityReport } from '@rostrum/contracts';

/** Of somebody with a camera on a good network. */
export const FINE_REPORT: QualityReport = {
  send: {
    loss: 0,
    roundTripMs: 20,
    jitterMs: 2,
    bitrate: 2_000_000,
    availableBitrate: 3_000_000,
    layers: { sent: 3, of: 3 },
    limitedBy: 'none',
    codec: 'VP8',
  },
  receive: {
    loss: 0,
    roundTripMs: 20,
    jitterMs: 2,
    bitrate: 2_000_000,
    concealed: 0,
    freezes: 0,
    layer: 2,
    codec: 'VP8',
  },
  relay: null,
};

interface Change {
  readonly send?: Partial<PersonQuality['send']>;
  readonly receive?: Partial<PersonQuality['receive']>;
  readonly relay?: QualityReport['relay'];
}

export const reportWith = ({ send = {}, receive = {}, relay = null }: Change): QualityReport => ({
  send: { ...FINE_REPORT.send, ...send },
  receive: { ...FINE_REPORT.receive, ...receive },
  relay,
});
