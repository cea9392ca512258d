import type { PictureLeft, SeenNetwork } from '@rostrum/contracts';
import type { types } from 'mediasoup';

type Seen = Omit<SeenNetwork, 'personId'>;

type WatchedTransport = Pick<types.WebRtcTransport, 'getStats'>;
interface WatchedStream {
  getStats(): Promise<readonly object[]>;
}
type WatchedProducer = WatchedStream & Pick<types.Producer, 'paused'>;
type WatchedConsumer = Pick<
  types.Consumer,
  'kind' | 'type' | 'paused' | 'producerPaused' | 'preferredLayers' | 'currentLayers' | 'score' | 'getStats'
>;

/**
 * What the SFU sees of one person's network. Loss is that of transport-wide sequence numbers, which count on each way by
 * itself: what another person's upload lost is not in it. But ten times a second they take what was overtaken for lost, and
 * never take it back: where packets overtake each other that is a tenth and more, while nothing is missing. So no more counts
 * than the reports of the pictures sum up to. And on the way down it is the pictures that are counted so: where sound alone
 * flows the last count stands for good, and what had to be sent again of it counts instead.
 */
export class NetworkWatch {
  #leftBefore: PictureLeft = 'whole';
  readonly #sent = new Share('packetsLost');
  readonly #received = new Share('packetsLost');
  readonly #resent = new Share('packetsRetransmitted');

  /** A question to the worker for each transport and each stream. Something that closes meanwhile is not there. */
  async look(
    send: WatchedTransport | null,
    recv: WatchedTransport | null,
    producers: readonly WatchedProducer[],
    consumers: readonly WatchedConsumer[],
  ): Promise<Seen> {
    const flowing = consumers.filter((c) => !c.paused && !c.producerPaused);
    const [sent, received, up, down] = await Promise.all([
      statsOf(send),
      statsOf(recv),
      reportsOf(producers.filter((p) => !p.paused)),
      reportsOf(flowing),
    ]);
    const sentTo = (kind: types.MediaKind): Stats[] =>
      down.filter((r) => r.type === 'outbound-rtp' && r.kind === kind);
    const [pictures, sounds] = [sentTo('video'), sentTo('audio')];
    // Of sound what its reports miss says nothing: what is sent again comes in the same stream.
    const lostUp = this.#sent.take(up.filter((r) => r.type === 'inbound-rtp' && r.kind === 'video'));
    const lostDown = this.#received.take(pictures);
    const resent = this.#resent.take(sounds);
    const left = pictureLeft(flowing.filter((c) => c.type === 'simulcast').map(layersOf));
    // Who has just come, or asks for more, is given a moment to get it.
    const picture = better(left, this.#leftBefore);
    this.#leftBefore = left;
    return {
      send: directionOf(sent, 'rtpPacketLossReceived', 'rtpRecvBitrate', lostUp),
      receive: withMore(
        lostDown === null && resent !== null
          ? directionOf(received && { ...received, resent }, 'resent', 'rtpSendBitrate', null)
          : directionOf(received, 'rtpPacketLossSent', 'rtpSendBitrate', lostDown),
        {
          // A consumer of sound is there longest.
          roundTripMs: numberIn(sounds[0] ?? pictures[0] ?? null, 'roundTripTime'),
          picture,
        },
      ),
    };
  }
}

/** Spatial layers of one picture: the one that was asked for, the one that comes (-1: none), and how well each is sent. */
export interface PictureLayers {
  readonly wanted: number;
  readonly current: number;
  /** 0: it is not sent at all. */
  readonly scores: readonly number[];
}

/** What somebody's network leaves of their pictures. A layer that its sender does not send is not held against them. */
export function pictureLeft(pictures: readonly PictureLayers[]): PictureLeft {
  const left = pictures.map(({ wanted, current, scores }): PictureLeft => {
    const best = scores.findLastIndex((score, layer) => layer <= wanted && score > 0);
    if (current >= best) return 'whole';
    return current < 0 ? 'least' : 'smaller';
  });
  return left.find((l) => l === 'least') ?? left.find((l) => l === 'smaller') ?? 'whole';
}

const ORDER: readonly PictureLeft[] = ['whole', 'smaller', 'least'];
const better = (a: PictureLeft, b: PictureLeft): PictureLeft => (ORDER.indexOf(a) < ORDER.indexOf(b) ? a : b);

function layersOf({ preferredLayers, currentLayers, score }: WatchedConsumer): PictureLayers {
  const scores = score.producerScores;
  return {
    wanted: preferredLayers?.spatialLayer ?? scores.length - 1,
    current: currentLayers?.spatialLayer ?? -1,
    scores,
  };
}

type Stats = Readonly<Record<string, unknown>>;

async function statsOf(of: { getStats(): Promise<readonly object[]> } | null): Promise<Stats | null> {
  const [own] = (await of?.getStats().catch(() => [])) ?? [];
  return (own as Stats | undefined) ?? null;
}

async function reportsOf(streams: readonly WatchedStream[]): Promise<Stats[]> {
  const all = await Promise.all(streams.map((each) => each.getStats().catch(() => [])));
  return all.flat() as Stats[];
}

/** Of the packets of some streams, from look to look: how many are counted as `what`. */
class Share {
  readonly #what: 'packetsLost' | 'packetsRetransmitted';
  #before: ReadonlyMap<unknown, { readonly counted: number; readonly of: number }> = new Map();

  constructor(what: 'packetsLost' | 'packetsRetransmitted') {
    this.#what = what;
  }

  /** @returns null: too few to say */
  take(reports: readonly Stats[]): number | null {
    const now = new Map(
      reports.map((r) => [
        r.ssrc,
        { counted: numberIn(r, this.#what) ?? 0, of: numberIn(r, 'packetCount') ?? 0 },
      ]),
    );
    let counted = 0;
    let of = 0;
    for (const [ssrc, stream] of now) {
      const before = this.#before.get(ssrc);
      if (!before) continue;
      counted += stream.counted - before.counted;
      of += Math.max(0, stream.of - before.of);
    }
    this.#before = now;
    return of < FEWEST_PACKETS ? null : Math.max(0, counted) / of;
  }
}
const FEWEST_PACKETS = 50;

/** null: next to nothing flows, so the last loss that was measured is an old one. */
function directionOf(
  stats: Stats | null,
  loss: string,
  rate: string,
  atMost: number | null,
): { readonly loss: number; readonly bitrate: number } | null {
  const [lost, bitrate] = [numberIn(stats, loss), numberIn(stats, rate)];
  if (lost === null || bitrate === null || bitrate < LEAST_BITRATE) return null;
  return { loss: Math.min(1, lost, atMost ?? 1), bitrate };
}
/** Below it packets are too few to make a share of: a muted microphone's comfort noise. */
const LEAST_BITRATE = 8000;

const withMore = <A extends object, B extends object>(a: A | null, b: B): (A & B) | null =>
  a && { ...a, ...b };

function numberIn(stats: Stats | null, key: string): number | null {
  const value = stats?.[key];
  return typeof value === 'number' && value >= 0 ? value : null;
}
