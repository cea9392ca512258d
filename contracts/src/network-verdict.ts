/**
 * How somebody's network fares, in one word. Pure and free of validators: the page judges by what it measures itself, the
 * coordinator by that and by what the SFU sees.
 */

/** A page says how it fares this often, and at once when its word for it changes; an SFU says what it sees as often. */
export const QUALITY_REPORT_MS = 5000;

export const NETWORK_WORDS = [
  'fine',
  /** What they send arrives with holes, or smaller than it was meant. */
  'upload-weak',
  /** The same of what they get. */
  'download-weak',
  'both-weak',
  /** Their machine is too slow to send all it should. */
  'machine-busy',
  /** A long way round: answers come late. */
  'far-away',
] as const;
export type NetworkWord = (typeof NETWORK_WORDS)[number];

export interface NetworkVerdict {
  readonly word: NetworkWord;
  /** Hard to follow, and not only less good than it was meant. */
  readonly badly: boolean;
}

/** What want of bandwidth leaves of pictures: all they should be, a smaller one, or the smallest or none. */
export type PictureLeft = 'whole' | 'smaller' | 'least';

/** What is known of one person's network; null: nothing is. */
export interface NetworkNumbers {
  /** Shares of packets, 0 to 1. */
  readonly uploadLoss: number | null;
  readonly downloadLoss: number | null;
  readonly uploadPicture: PictureLeft;
  readonly downloadPicture: PictureLeft;
  readonly roundTripMs: number | null;
  /** The browser sends less for want of processor time. */
  readonly processorLimited: boolean;
}

/** 0: fine, 1: impaired, 2: hard to follow. */
type Level = 0 | 1 | 2;

/** Where a level begins, and, lower, where it ends again. */
interface Steps {
  readonly enter: readonly [number, number];
  readonly leave: readonly [number, number];
}
/** A share of packets from which on a way is weak. */
export const LOSS_ALERT = 0.05;
const LOSS: Steps = { enter: [LOSS_ALERT, 0.15], leave: [0.025, 0.1] };
const ROUND_TRIP_MS: Steps = { enter: [250, 500], leave: [200, 400] };
const LEVEL_OF_PICTURE: Readonly<Record<PictureLeft, Level>> = { whole: 0, smaller: 1, least: 2 };

/** For so long something has to be worse, or better, before the word changes. */
export interface Pace {
  readonly riseMs: number;
  readonly fallMs: number;
}

interface Aspect {
  readonly level: Level;
  /** Where it seems to go. */
  readonly pending: { readonly level: Level; readonly sinceMs: number } | null;
}

export interface NetworkState {
  readonly upload: Aspect;
  readonly download: Aspect;
  readonly machine: Aspect;
  readonly distance: Aspect;
}

const GOOD: Aspect = { level: 0, pending: null };
/** Of who is new. */
export const NEW_NETWORK: NetworkState = { upload: GOOD, download: GOOD, machine: GOOD, distance: GOOD };

/** `nowMs` is monotonic. What is not known counts as fine. */
export function nextNetwork(
  before: NetworkState,
  numbers: NetworkNumbers,
  nowMs: number,
  pace: Pace,
): NetworkState {
  const next = (aspect: keyof NetworkState, seen: Level): Aspect =>
    nextAspect(before[aspect], seen, nowMs, pace);
  const loss = (value: number | null, aspect: 'upload' | 'download'): Level =>
    levelOf(value ?? 0, before[aspect].level, LOSS);
  return {
    upload: next(
      'upload',
      worse(loss(numbers.uploadLoss, 'upload'), LEVEL_OF_PICTURE[numbers.uploadPicture]),
    ),
    download: next(
      'download',
      worse(loss(numbers.downloadLoss, 'download'), LEVEL_OF_PICTURE[numbers.downloadPicture]),
    ),
    machine: next('machine', numbers.processorLimited ? 1 : 0),
    distance: next('distance', levelOf(numbers.roundTripMs ?? 0, before.distance.level, ROUND_TRIP_MS)),
  };
}

/** What is lost comes before a slow machine, and that before a long way: the first can be the cause of what follows. */
export function verdictOf({ upload, download, machine, distance }: NetworkState): NetworkVerdict {
  const worst = worse(upload.level, download.level);
  if (upload.level > 0 && download.level > 0) return { word: 'both-weak', badly: worst === 2 };
  if (upload.level > 0) return { word: 'upload-weak', badly: worst === 2 };
  if (download.level > 0) return { word: 'download-weak', badly: worst === 2 };
  if (machine.level > 0) return { word: 'machine-busy', badly: machine.level === 2 };
  return { word: distance.level > 0 ? 'far-away' : 'fine', badly: distance.level === 2 };
}

/** What of the camera's `of` simulcast layers is sent, and why not all, says what others see. */
export function uploadPicture(
  layers: { readonly sent: number; readonly of: number } | null,
  limitedBy: 'none' | 'bandwidth' | 'cpu' | 'other',
): PictureLeft {
  if (limitedBy !== 'bandwidth' || layers === null || layers.sent >= layers.of) return 'whole';
  return layers.sent <= 1 && layers.of > 2 ? 'least' : 'smaller';
}

const worse = (a: Level, b: Level): Level => (a > b ? a : b);

function levelOf(value: number, before: Level, { enter, leave }: Steps): Level {
  if (value >= (before >= 2 ? leave[1] : enter[1])) return 2;
  return value >= (before >= 1 ? leave[0] : enter[0]) ? 1 : 0;
}

function nextAspect(before: Aspect, seen: Level, nowMs: number, { riseMs, fallMs }: Pace): Aspect {
  if (seen === before.level) return before.pending === null ? before : { ...before, pending: null };
  const rises = seen > before.level;
  const { pending } = before;
  const goesOn = pending !== null && rises === pending.level > before.level;
  // Of what it was meanwhile, what is nearest: a moment of something else does not decide.
  const level = !goesOn || rises === seen < pending.level ? seen : pending.level;
  const sinceMs = goesOn ? pending.sinceMs : nowMs;
  if (nowMs - sinceMs >= (rises ? riseMs : fallMs)) return { level, pending: null };
  return { level: before.level, pending: { level, sinceMs } };
}
