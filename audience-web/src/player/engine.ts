import type { Remedy, Trouble } from './recovery.ts';

/** A choice in the quality menu. `audio` is sound alone; `auto` lets the engine choose. */
export interface QualityChoice {
  readonly id: string;
  /** Picture height in lines; null for sound alone. */
  readonly height: number | null;
}

/** What an engine tells the player. */
export interface EngineEvents {
  /** Choices became known, or the one being played changed. */
  onQuality(): void;
  onTrouble(trouble: Trouble, detail: string): void;
  /** The media element was given a new source: it must be told to play again. */
  onNewSource(): void;
}

/**
 * What plays: hls.js where the browser has Media Source Extensions, else the browser itself. One engine lives as long as
 * one playlist is watched; `remedy` may throw away and remake whatever is inside it.
 */
export interface Engine {
  choices(): readonly QualityChoice[];
  /** Id of what is wanted: `auto` or one of the choices. */
  chosen(): string;
  choose(id: string): void;
  /** Height now decoded, null when unknown or sound alone. */
  playingHeight(): number | null;
  /** Live edge on the element's timeline; null for a recording, before the first playlist, or when none came lately. */
  edgeMs(nowMs: number): number | null;
  /** The origin leaves work out because its machine is too slow (docs/overload.md). */
  sheds(): boolean;
  /** False where a proxy takes away what makes the origin hold a playlist request (`held-reloads.ts`). */
  reloadsHeld(): boolean;
  /** True once the playlist has an end. */
  finished(): boolean;
  /** That end on the element's timeline; null while there is none, or none is known. */
  endS(): number | null;
  /** End of what the playlist has, though it may grow, on the element's timeline; null before the first. */
  listedS(): number | null;
  /** Oldest moment on the element's timeline that can still be played; null for a recording and before the first playlist. */
  earliestS(): number | null;
  programmeDateUnixMs(): number | null;
  /** The place of a programme date on the element's timeline, or what comes next after it; null where the playlist has neither. */
  timeOfDateS(dateUnixMs: number): number | null;
  remedy(remedy: Exclude<Remedy, 'jump'>): void;
  destroy(): void;
}
