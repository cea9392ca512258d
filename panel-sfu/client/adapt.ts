import { CAMERA_LAYERS } from '@rostrum/contracts/camera-layers';

/**
 * What of the video goes over a network that cannot take it all: a layer less at 5 % loss; the smallest alone at 15 %, and
 * sound alone where that is still too much. Back when it has been well for a while, a longer while each time it fell again:
 * one layer, and those above it as soon as that has gone well. Both ways on their own, so that an upload that is weaker than
 * the rest shows as that. Pure: times come with the samples.
 */
export interface Packets {
  readonly lost: number;
  /** Lost or not; 0: nothing is known. */
  readonly of: number;
}

/** One second or so of a session. */
export interface NetworkSample {
  readonly nowMs: number;
  readonly sent: Packets;
  /** By stream. */
  readonly received: ReadonlyMap<string, Packets>;
  /** Bit/s; null where the browser does not say. */
  readonly availableSendBitrate: number | null;
  /** The browser says that it sends less of the camera than it should, for want of bandwidth. */
  readonly shortOfBandwidth: boolean;
}

export interface Direction<Why> {
  /** Layers of the camera, from the lowest up, that go over it; 0: sound alone. */
  readonly layers: number;
  /** Why they are not all there; null when they are. */
  readonly why: Why | null;
}

/** What is done about the network now. */
export interface NetworkState {
  /** Fewer layers here than in `receive`: the upload is the weak part. */
  readonly send: Direction<'loss' | 'bandwidth'>;
  readonly receive: Direction<'loss'>;
}

export const ALL_LAYERS: number = CAMERA_LAYERS.length;
export const ADAPT = {
  lessAt: 0.05,
  /** The smallest layer, and of that nothing. */
  leastAt: 0.15,
  /** Between this and `lessAt` it stays as it is. */
  wellBelow: 0.02,
  /** So many samples are judged together, and none before a change with those after it. */
  window: 3,
  /** It has to be sure before it is sound alone: of the smallest layer there are few packets, so up to so many samples are taken. */
  longWindow: 10,
  /** Fewer packets than this in a window say nothing of loss. */
  fewestPackets: 20,
  /**
   * So many samples in a row short of bandwidth, with an estimate that does not rise by `rises`. The browser itself
   * sends less at once, and more as soon as it can: to take a layer from it keeps it from trying in vain, which costs
   * the sound, and must not come while it is still on its way up.
   */
  shortFor: 10,
  rises: 1.1,
  firstWaitMs: 5000,
  longestWaitMs: 60_000,
  /** Everything went over it for so long: what was before is forgotten. */
  forgetAfterMs: 60_000,
  /** Bit/s that so many layers need: those below in full, and of the highest what makes it worth sending. */
  needs: [0, 60_000, 300_000, 1_200_000],
} as const;

type Streams = ReadonlyMap<string, Packets>;

interface Ladder<Why> extends Direction<Why> {
  /** Since the last change, at most `longWindow` of them. */
  readonly seen: readonly Streams[];
  /** Samples in a row that were short of bandwidth, and the estimate at the first and at the last of them, bit/s. */
  readonly short: { readonly samples: number; readonly first: number; readonly last: number };
  readonly wellSinceMs: number | null;
  /** So long it has to be well before one layer more is tried. */
  readonly waitMs: number;
  /** A layer more was tried; if it falls again, the next try waits longer. */
  readonly tried: boolean;
  /** It has gone well since, so the next one does not wait. */
  readonly climbing: boolean;
  /** It has fallen, and nothing was told since: reports are late, and the next one is still of what was before. */
  readonly settling: boolean;
}

export interface Adaptation {
  readonly send: Ladder<'loss' | 'bandwidth'>;
  readonly receive: Ladder<'loss'>;
}

const NOT_SHORT = { samples: 0, first: 0, last: 0 } as const;
const UNSEEN = { seen: [], short: NOT_SHORT, wellSinceMs: null, climbing: false, settling: false } as const;
const ALL = {
  ...UNSEEN,
  layers: ALL_LAYERS,
  why: null,
  waitMs: ADAPT.firstWaitMs,
  tried: false,
} as const;

/** Nothing left out, as it begins. */
export const WHOLE: Adaptation = { send: ALL, receive: ALL };

export const networkOf = ({ send, receive }: Adaptation): NetworkState => ({
  send: { layers: send.layers, why: send.why },
  receive: { layers: receive.layers, why: receive.why },
});

export function adapt(before: Adaptation, sample: NetworkSample): Adaptation {
  const { nowMs, sent, received } = sample;
  return {
    send: climb(before.send, new Map([['all', sent]]), shortageOf(before.send, sample), nowMs),
    receive: climb(before.receive, received, NOT_SHORT, nowMs) as Ladder<'loss'>,
  };
}

function shortageOf(
  { layers, short }: Adaptation['send'],
  { shortOfBandwidth, availableSendBitrate: bitrate }: NetworkSample,
): Ladder<string>['short'] {
  if (!shortOfBandwidth || bitrate === null || bitrate >= (ADAPT.needs[layers] ?? 0)) return NOT_SHORT;
  if (short.samples === 0 || bitrate > short.first * ADAPT.rises) {
    return { samples: 1, first: bitrate, last: bitrate };
  }
  return { samples: short.samples + 1, first: short.first, last: bitrate };
}

/** What was seen so far is of another network, or of none: it is judged anew, and what is left out stays so meanwhile. */
export const unseen = ({ send, receive }: Adaptation): Adaptation => ({
  send: { ...send, ...UNSEEN },
  receive: { ...receive, ...UNSEEN },
});

type Verdict = 'hopeless' | 'lossy' | 'short' | 'well' | 'tight' | 'soSo';

function judge({ layers, seen, short }: Ladder<string>): Verdict {
  const { loss } = lossOf(seen.slice(-ADAPT.window));
  // A limit that was not there before shows at once, and all that is sent beyond it is lost.
  if (layers > 1 && lossOf(seen.slice(-1)).loss >= ADAPT.leastAt) return 'hopeless';
  if (loss >= ADAPT.lessAt && hasPassed(seen)) return 'soSo';
  if (loss >= ADAPT.leastAt && (layers > 1 || isSurely(seen, ADAPT.leastAt))) return 'hopeless';
  if (loss >= ADAPT.lessAt) return 'lossy';
  if (short.samples >= ADAPT.shortFor) return 'short';
  if (loss >= ADAPT.wellBelow) return 'soSo';
  return short.samples > 0 ? 'tight' : 'well';
}

/** Share of how many packets. */
interface Loss {
  readonly loss: number;
  readonly of: number;
}
const NOT_KNOWN: Loss = { loss: 0, of: 0 };

/**
 * What at least three quarters of the packets' streams lose: a loss of one's own shows in all of them, and one that a
 * sender has on their way up in theirs alone. Unknown is well, since after a while it is tried.
 */
function lossOf(seen: readonly Streams[]): Loss {
  const ids = new Set(seen.flatMap((streams) => [...streams.keys()]));
  const streams = [...ids]
    .map((id) => {
      const of = seen.reduce((sum, each) => sum + (each.get(id)?.of ?? 0), 0);
      const lost = seen.reduce((sum, each) => sum + (each.get(id)?.lost ?? 0), 0);
      // Late reports can tell of more than was sent since the last ones.
      return { of, loss: Math.min(1, Math.max(0, lost) / Math.max(1, of)) };
    })
    .sort((a, b) => a.loss - b.loss);
  const total = streams.reduce((sum, { of }) => sum + of, 0);
  if (total < ADAPT.fewestPackets) return NOT_KNOWN;
  let least = 0;
  for (const stream of streams) {
    least += stream.of;
    if (least >= total / 4) return stream;
  }
  return NOT_KNOWN;
}

/** By two standard deviations of as many packets that get lost each by itself, of late or over a longer while. */
function isSurely(seen: readonly Streams[], atLeast: number): boolean {
  const whiles = seen.map((_, from) => seen.slice(from)).filter(({ length }) => length >= ADAPT.window);
  return whiles.map(lossOf).some(({ loss, of }) => {
    const deviation = Math.sqrt((loss * (1 - loss)) / Math.max(1, of));
    return loss - 2 * deviation >= atLeast;
  });
}

/** Nothing, or next to it, was lost in the latest sample that knows. */
function hasPassed(seen: readonly Streams[]): boolean {
  const known = seen.map((streams) => [...streams.values()]).filter((all) => all.some(({ of }) => of > 0));
  const latest = known.at(-1) ?? [];
  const sumOf = (what: keyof Packets): number => latest.reduce((sum, packets) => sum + packets[what], 0);
  return sumOf('lost') < ADAPT.wellBelow * sumOf('of');
}

function climb(
  before: Ladder<'loss' | 'bandwidth'>,
  now: Streams,
  short: Ladder<string>['short'],
  nowMs: number,
): Ladder<'loss' | 'bandwidth'> {
  if (before.settling && [...now.values()].some(({ of }) => of > 0)) {
    return { ...before, short, settling: false, seen: [] };
  }
  const seen = [...before.seen, now].slice(-ADAPT.longWindow);
  const ladder = { ...before, seen, short };
  if (seen.length < ADAPT.window) return ladder;
  const { layers } = ladder;
  const unwell = { ...ladder, wellSinceMs: null };
  switch (judge(ladder)) {
    case 'hopeless':
      if (layers === 0) return unwell;
      return fall(ladder, layers > 1 ? 1 : 0, 'loss');
    case 'lossy':
      return layers > 1 ? fall(ladder, layers - 1, 'loss') : unwell;
    case 'short':
      return layers > 0 ? fall(ladder, fitting(layers, short.last), 'bandwidth') : unwell;
    case 'tight':
      return unwell;
    case 'soSo':
      return { ...unwell, climbing: false };
    case 'well':
      return rise({ ...ladder, wellSinceMs: ladder.wellSinceMs ?? nowMs }, nowMs);
  }
}

/** Fewer layers than `layers`, as many as `bitrate` takes; the last one goes by itself. */
function fitting(layers: number, bitrate: number): number {
  const fit = ADAPT.needs.findLastIndex((need, count) => count < layers && need <= bitrate);
  return layers > 1 ? Math.max(1, fit) : 0;
}

function fall<Why>(ladder: Ladder<Why>, layers: number, why: Why): Ladder<Why> {
  return {
    ...UNSEEN,
    layers,
    why,
    waitMs: ladder.tried ? Math.min(ADAPT.longestWaitMs, ladder.waitMs * 2) : ladder.waitMs,
    tried: false,
    settling: true,
  };
}

function rise<Why>(ladder: Ladder<Why>, nowMs: number): Ladder<Why> {
  const wellForMs = nowMs - (ladder.wellSinceMs ?? nowMs);
  if (ladder.layers === ALL_LAYERS) {
    return wellForMs < ADAPT.forgetAfterMs ? ladder : { ...ladder, waitMs: ADAPT.firstWaitMs, tried: false };
  }
  if (!ladder.climbing && wellForMs < ladder.waitMs) return ladder;
  const layers = ladder.layers + 1;
  return {
    ...ladder,
    ...UNSEEN,
    layers,
    why: layers === ALL_LAYERS ? null : ladder.why,
    tried: true,
    climbing: true,
  };
}
