import type { PictureLeft, SeenNetwork } from '@rostrum/contracts';
import type { types } from 'mediasoup';

type Seen = Omit<SeenNetwork, 'personId'>;

type WatchedTransport = Pick<types.WebRtcTransport, 'getStats'>;
interface WatchedStream {
  readonly kind: types.MediaKind;
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
 * than the reports of the pictures sum up to.
 */
export class NetworkWatch {
  #leftBefore: PictureLeft = 'whole';
  readonly #sent = new ReportedLoss();
  readonly #received = new ReportedLoss();

  /** A question to the worker for each transport, each picture and one sound. Something that closes meanwhile is not there. */
  async look(
    send: WatchedTransport | null,
    recv: WatchedTransport | null,
    producers: readonly WatchedProducer[],
    consumers: readonly WatchedConsumer[],
  ): Promise<Seen> {
    const flowing = consumers.filter((c) => !c.paused && !c.producerPaused);
    // A consumer of sound is there longest.
    const timing = flowing.find((c) => c.kind === 'audio') ?? flowing[0] ?? null;
    const [sent, received, timed, lostUp, lostDown] = await Promise.all([
      statsOf(send),
      statsOf(recv),
      statsOf(timing),
      picturesOf(producers.filter((p) => !p.paused)).then((reports) =>
        this.#sent.take(reports, 'inbound-rtp'),
      ),
      picturesOf(flowing).then((reports) => this.#received.take(reports, 'outbound-rtp')),
    ]);
    const left = pictureLeft(flowing.filter((c) => c.type === 'simulcast').map(layersOf));
    // Who has just come, or asks for more, is given a moment to get it.
    const picture = better(left, this.#leftBefore);
    this.#leftBefore = left;
    return {
      send: directionOf(sent, 'rtpPacketLossReceived', 'rtpRecvBitrate', lostUp),
      receive: withMore(directionOf(received, 'rtpPacketLossSent', 'rtpSendBitrate', lostDown), {
        roundTripMs: numberIn(timed, 'roundTripTime'),
        picture,
      }),
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

/**
 * Of sound there is none: what is sent again comes in the same stream, so its reports say less than was lost. Those of a
 * receiver also have in them what the sender's way up lost.
 */
async function picturesOf(streams: readonly WatchedStream[]): Promise<Stats[]> {
  const pictures = streams.filter(({ kind }) => kind === 'video');
  const all = await Promise.all(pictures.map((each) => each.getStats().catch(() => [])));
  return all.flat() as Stats[];
}

/** What RTCP reports sum up to, from look to look. */
class ReportedLoss {
  #before: ReadonlyMap<unknown, { readonly lost: number; readonly of: number }> = new Map();

  /** @returns share of the packets since the look before; null: too few to say */
  take(reports: readonly Stats[], type: 'inbound-rtp' | 'outbound-rtp'): number | null {
    const own = reports.filter((report) => report.type === type);
    const now = new Map(
      own.map((r) => [
        r.ssrc,
        { lost: numberIn(r, 'packetsLost') ?? 0, of: numberIn(r, 'packetCount') ?? 0 },
      ]),
    );
    let lost = 0;
    let of = 0;
    for (const [ssrc, stream] of now) {
      const before = this.#before.get(ssrc);
      if (!before) continue;
      lost += stream.lost - before.lost;
      of += Math.max(0, stream.of - before.of);
    }
    this.#before = now;
    return of < FEWEST_PACKETS ? null : Math.max(0, lost) / of;
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
