import {
  NEW_NETWORK,
  type NetworkState,
  nextNetwork,
  type PersonQuality,
  type QualityReport,
  type SeenNetwork,
  uploadPicture,
  verdictOf,
} from '@rostrum/contracts';

/** What is known of one person's network: their own word, what the SFU sees, and what follows. */
export interface KnownPerson {
  readonly said: { readonly report: QualityReport; readonly atMs: number } | null;
  readonly seen: { readonly network: SeenNetwork; readonly atMs: number } | null;
  readonly network: NetworkState;
  readonly quality: PersonQuality;
}

/** Both sources smooth what they say, so worse is believed at once. */
const PACE = { riseMs: 0, fallMs: 10_000 } as const;
/** What is older says nothing any more. */
export const STALE_MS = 16_000;

const SILENT: QualityReport = {
  send: {
    loss: null,
    roundTripMs: null,
    jitterMs: null,
    bitrate: 0,
    availableBitrate: null,
    layers: null,
    limitedBy: 'none',
    codec: null,
  },
  receive: {
    loss: null,
    roundTripMs: null,
    jitterMs: null,
    bitrate: 0,
    concealed: null,
    freezes: 0,
    layer: null,
    codec: null,
  },
  relay: null,
};

type News = { readonly said: QualityReport } | { readonly seen: SeenNetwork };

/** With what was said or seen now; `nowMs` is monotonic. */
export function learn(personId: string, before: KnownPerson | null, news: News, nowMs: number): KnownPerson {
  const fresh = <T extends { readonly atMs: number }>(known: T | null | undefined): T | null =>
    known && nowMs - known.atMs < STALE_MS ? known : null;
  const said = 'said' in news ? { report: news.said, atMs: nowMs } : fresh(before?.said);
  const seen = 'seen' in news ? { network: news.seen, atMs: nowMs } : fresh(before?.seen);
  const { send, receive, relay } = merge(said?.report ?? SILENT, seen?.network ?? null);
  const network = nextNetwork(
    before?.network ?? NEW_NETWORK,
    {
      uploadLoss: send.loss,
      // A page cannot tell its own loss from another's upload.
      downloadLoss: seen?.network.receive?.loss ?? null,
      uploadPicture: uploadPicture(send.layers, send.limitedBy),
      downloadPicture: seen?.network.receive?.picture ?? 'whole',
      roundTripMs: greater(send.roundTripMs, receive.roundTripMs),
      processorLimited: send.limitedBy === 'cpu',
    },
    nowMs,
    PACE,
  );
  return { said, seen, network, quality: { personId, ...verdictOf(network), send, receive, relay } };
}

export const isStale = ({ said, seen }: KnownPerson, nowMs: number): boolean =>
  [said, seen].every((known) => known === null || nowMs - known.atMs >= STALE_MS);

/**
 * The SFU counts what is lost on each way by itself. On the way up a page only repeats what it was told, maybe sooner; on the
 * way down the SFU's count stands before the page's.
 */
function merge({ send, receive, relay }: QualityReport, seen: SeenNetwork | null): QualityReport {
  return {
    send: {
      ...send,
      loss: greater(send.loss, seen?.send?.loss ?? null),
      bitrate: seen?.send?.bitrate ?? send.bitrate,
    },
    receive: {
      ...receive,
      loss: seen?.receive ? seen.receive.loss : receive.loss,
      roundTripMs: greater(receive.roundTripMs, seen?.receive?.roundTripMs ?? null),
      bitrate: seen?.receive?.bitrate ?? receive.bitrate,
    },
    relay,
  };
}

function greater(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.max(a, b);
}
