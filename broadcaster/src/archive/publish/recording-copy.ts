/** The recording as far as it is in the bucket: the same lines as the origin's, from the same journal. Pure. */
import type { LatencyProfile, Rendition } from '@rostrum/contracts/profile';
import { MULTIVARIANT_NAME, Recording } from '../../packager/index.ts';
import type { JournalEntry } from '../journal.ts';
import { fromEntry } from '../recovery.ts';

/** Each copy is all of it, so that a longer one goes up less often: what goes up a second stays the same. */
const LEAST_INTERVAL_MS = 30_000;
const SHARE_OF_ITS_LENGTH = 1 / 60;

export class RecordingCopy {
  readonly #recording: Recording;
  #told = { segments: 0, atMs: Number.NEGATIVE_INFINITY };

  constructor(channelId: string, profile: LatencyProfile, ladder: readonly Rendition[]) {
    this.#recording = new Recording(ladder, profile, channelId);
  }

  /** In the journal's order, each once its file is in the bucket. */
  published(entry: JournalEntry): void {
    if (entry.type === 'init') this.#recording.setCodecs(entry.rendition, entry.codecs);
    if (entry.type === 'segment') this.#recording.add(entry.rendition, fromEntry(entry));
  }

  /** There is more of it than was told, and that is long enough ago. */
  isDue(nowMs: number): boolean {
    const { segmentCount, durationMs } = this.#recording;
    const intervalMs = Math.max(LEAST_INTERVAL_MS, durationMs * SHARE_OF_ITS_LENGTH);
    return segmentCount > this.#told.segments && nowMs - this.#told.atMs >= intervalMs;
  }

  /** To be put now: names and texts, the multivariant one last, since it names the others. */
  tell(nowMs: number): { readonly name: string; readonly text: string }[] {
    this.#told = { segments: this.#recording.segmentCount, atMs: nowMs };
    const media = this.#recording.playlists.map((playlist) => {
      return { name: playlist.name, text: playlist.text('EVENT') };
    });
    const text = this.#recording.multivariant('EVENT');
    return text === undefined ? [] : [...media, { name: MULTIVARIANT_NAME, text }];
  }
}
