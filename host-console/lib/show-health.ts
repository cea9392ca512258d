import type { NodeHealth, RecordingTrouble, ShedLoad, ShowHealth } from '@rostrum/contracts';
import { HEALTH, type Language, wording } from './messages.ts';

/** What is said of a show in trouble. */
export interface HealthLine {
  readonly text: string;
  /** Since when, where how long it lasts is worth knowing. */
  readonly sinceUnixMs: number | null;
}

/** The renditions with a picture, largest first. */
const RENDITIONS = ['720p', '480p', '240p'] as const satisfies readonly ShedLoad[];

/** The worst that troubles a show, in plain words; null when nothing does. */
export function describeHealth(health: ShowHealth, language: Language = 'en'): HealthLine | null {
  const words = HEALTH[language];
  const { goingLive, broadcaster, stage, shed, picture, recording } = health;
  const line = (text: string, sinceUnixMs: number | null = null): HealthLine => ({ text, sinceUnixMs });
  if (goingLive?.is === 'starting') return line(words.starting, goingLive.sinceUnixMs);
  if (goingLive?.is === 'failed') {
    return line(words.notStarted(wording(goLiveProblem(goingLive.code), language).title));
  }
  if (broadcaster.is === 'lost') return line(words.broadcasterLost);
  if (picture?.is === 'failing') return line(words.pictureFails, picture.sinceUnixMs);
  if (stage.is === 'lost') return line(words.stageLost);
  if (broadcaster.is === 'late') return line(words.broadcasterLate, broadcaster.sinceUnixMs);
  if (stage.is === 'late') return line(words.stageLate, stage.sinceUnixMs);
  const withheld = describeWithheld(health.withheld, language);
  if (withheld) return line(withheld);
  const unrecorded = recording && describeRecording(recording, language);
  if (unrecorded) return unrecorded;
  const less = describeShed(shed, language);
  if (less) return line(less);
  if (busy(broadcaster)) return line(words.broadcasterBusy);
  if (busy(stage)) return line(words.stageBusy);
  return null;
}

/** What stands in the way of recording, and what is to be done. */
export function describeRecording(trouble: RecordingTrouble, language: Language = 'en'): HealthLine {
  const words = HEALTH[language];
  switch (trouble.is) {
    case 'failing':
      return { text: words.recordingFails, sinceUnixMs: trouble.sinceUnixMs };
    case 'full':
      return { text: words.diskFull(trouble.usedPercent), sinceUnixMs: null };
    case 'low':
      return { text: words.diskLow(trouble.usedPercent), sinceUnixMs: null };
    case 'unpublished':
      return { text: words.unpublished(trouble.problem, trouble.behindMinutes), sinceUnixMs: null };
  }
}

/** What the picture goes without; null: nothing that anybody sees. */
export function describeShed(shed: readonly ShedLoad[], language: Language = 'en'): string | null {
  const words = HEALTH[language];
  const off = RENDITIONS.filter((name) => shed.includes(name));
  const left = RENDITIONS.filter((name) => !shed.includes(name));
  const slow = shed.includes('half-rate');
  if (left.length === 0) return words.soundOnly;
  if (off.length === 0) return slow ? words.halfRate : shed.length > 0 ? words.smallCameras : null;
  if (left.length === 1) return words.only(left[0] ?? '', slow);
  return words.off(off, slow);
}

const KINDS = {
  camera: 'camera',
  mic: 'microphone',
  screen: 'screen',
  screenAudio: "screen's sound",
} as const satisfies Record<ShowHealth['withheld'][number]['source'], string>;

/** Who is on the stage and not in the broadcast; null: nobody. */
function describeWithheld(withheld: ShowHealth['withheld'], language: Language): string | null {
  const [first, ...others] = withheld;
  if (!first) return null;
  return HEALTH[language].withheld(`${first.name}'s ${KINDS[first.source]}`, first.reason, others.length);
}

/** The broadcaster's limit is not the stage's. */
export const goLiveProblem = (code: string): string => (code === 'limit-reached' ? 'broadcaster-full' : code);

const busy = (node: NodeHealth): boolean => node.is === 'here' && node.busy;
