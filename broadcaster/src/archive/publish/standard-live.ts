/** The playlists without parts of a channel, from what of it is in the bucket. Pure. */
import { mediaBase } from '@rostrum/contracts/media-urls';
import type { LatencyProfile, Rendition } from '@rostrum/contracts/profile';
import { playlistName, renderMultivariant } from '../../packager/index.ts';
import { MULTIVARIANT_NAME } from '../../packager/names.ts';
import { renderStandardPlaylist, type StandardSegment } from '../../packager/standard-playlist.ts';
import type { JournalEntry, SegmentEntry } from '../journal.ts';

/** What a viewer can go back to here: each is written anew with every segment, so two hours would be more than the media. */
const WINDOW_MS = 300_000;

interface Window {
  readonly segments: StandardSegment[];
  discontinuitySequence: number;
  durationMs: number;
}

export class StandardLive {
  readonly #mediaBase: string;
  readonly #profile: LatencyProfile;
  readonly #ladder: readonly Rendition[];
  readonly #windows: ReadonlyMap<string, Window>;
  readonly #codecs = new Map<string, string>();
  #ended = false;

  constructor(channelId: string, profile: LatencyProfile, ladder: readonly Rendition[]) {
    this.#mediaBase = mediaBase(channelId);
    this.#profile = profile;
    this.#ladder = ladder;
    this.#windows = new Map(
      ladder.map(({ name }) => [name, { segments: [], discontinuitySequence: 0, durationMs: 0 }]),
    );
  }

  /** In the journal's order, each once its file is in the bucket. */
  published(entry: JournalEntry): void {
    if (entry.type === 'init') this.#codecs.set(entry.rendition, entry.codecs);
    if (entry.type === 'segment') this.#add(entry);
    if (entry.type === 'end') this.#ended = true;
  }

  /** Names and texts, the multivariant one last: it names the others. Empty before the first segment. */
  playlists(): { readonly name: string; readonly text: string }[] {
    const shown = this.#ladder.flatMap((rendition) => {
      const window = this.#windows.get(rendition.name);
      const codecs = this.#codecs.get(rendition.name);
      return window && codecs !== undefined && window.segments.length > 0
        ? [{ rendition, window, codecs }]
        : [];
    });
    if (shown.length === 0) return [];
    const media = shown.map(({ rendition: { name }, window: { segments, discontinuitySequence } }) => ({
      name: playlistName(name),
      text: renderStandardPlaylist({
        rendition: name,
        mediaBase: this.#mediaBase,
        targetDurationS: this.#profile.targetDurationS,
        discontinuitySequence,
        segments,
        ended: this.#ended,
      }),
    }));
    // As the encoders are set, not as measured: so its text stays the same.
    const variants = shown.map(({ rendition, codecs }) => {
      return { rendition, codecs, peakBitsPerSecond: 0, averageBitsPerSecond: 0 };
    });
    return [...media, { name: MULTIVARIANT_NAME, text: renderMultivariant(variants, 'live') }];
  }

  #add({ rendition, file, ...entry }: SegmentEntry): void {
    const window = this.#windows.get(rendition);
    if (!window) return;
    const last = window.segments.at(-1);
    // A rendition that recovery filled afterwards, where players have gone on without.
    if (last && entry.msn <= last.msn) return;
    const { msn, epoch, discontinuity, programDateTimeMs, durationMs } = entry;
    if (last && msn !== last.msn + 1) this.#leave(window, window.segments.length);
    window.segments.push({
      ...{ msn, epoch, discontinuity, programDateTimeMs, durationMs },
      gap: file === undefined,
    });
    window.durationMs += durationMs;
    for (;;) {
      const [oldest] = window.segments;
      if (!oldest || window.durationMs - oldest.durationMs < WINDOW_MS) return;
      this.#leave(window, 1);
    }
  }

  #leave(window: Window, count: number): void {
    for (const segment of window.segments.splice(0, count)) {
      window.durationMs -= segment.durationMs;
      if (segment.discontinuity) window.discontinuitySequence += 1;
    }
  }
}
