/** What happens when, while tracks and scenes of a show are played once more. Pure; times are ms from the new picture's beginning. */
import type { Scene } from '@rostrum/contracts/scene';
import type { Manifest, ManifestTake, ManifestTrack } from '../manifest.ts';
import type { SceneEntry } from '../scene-log.ts';

/** One person's camera, microphone or screen, from when it came to when it went. */
export interface PlannedTake {
  readonly personId: string;
  readonly source: ManifestTrack['source'];
  readonly codec: ManifestTake['codec'];
  readonly fromMs: number;
  readonly toMs: number;
  readonly chunks: readonly { readonly file: string; readonly fromMs: number; readonly toMs: number }[];
}

export interface Plan {
  /** The first one is that of the beginning. */
  readonly scenes: readonly { readonly atMs: number; readonly scene: Scene }[];
  readonly takes: readonly PlannedTake[];
  readonly durationMs: number;
}

export class PlanError extends Error {}

/**
 * From the first track's beginning to the last one's end. `without`: ids or names of people, whose tracks are left out; where the scene
 * has them, it has their name card, as it has of everybody of whom there are no tracks.
 * @throws PlanError in words for who asked
 */
export function planOf(manifest: Manifest, scenes: readonly SceneEntry[], without: readonly string[]): Plan {
  const left = new Set(without.map((who) => personOf(manifest, who)));
  const tracks = manifest.tracks.filter(({ personId }) => !left.has(personId));
  const all = manifest.tracks.flatMap(({ takes }) => takes);
  if (all.length === 0) throw new PlanError('there are no tracks of it');
  const first = scenes.findLast(({ atUnixMs }) => atUnixMs <= manifest.startUnixMs) ?? scenes[0];
  if (!first) throw new PlanError('its scenes were not kept beside its tracks');
  const durationMs = Math.max(...all.map(({ toMs }) => toMs));
  const later = scenes
    .map(({ atUnixMs, scene }) => ({ atMs: atUnixMs - manifest.startUnixMs, scene }))
    .filter(({ atMs, scene }) => atMs > 0 && atMs < durationMs && scene !== first.scene);
  return {
    scenes: [{ atMs: 0, scene: first.scene }, ...later],
    takes: tracks.flatMap(({ personId, source, takes }) =>
      takes.map(({ codec, fromMs, toMs, chunks }) => ({
        personId,
        source,
        codec,
        fromMs,
        toMs,
        chunks: chunks.map((chunk) => ({ file: chunk.file, fromMs: chunk.fromMs, toMs: chunk.toMs })),
      })),
    ),
    durationMs,
  };
}

function personOf({ tracks }: Manifest, who: string): string {
  const known = tracks.find(({ personId }) => personId === who);
  if (known) return known.personId;
  const named = new Set(tracks.flatMap(({ personId, name }) => (name === who ? [personId] : [])));
  const [one, ...others] = named;
  if (one === undefined) throw new PlanError(`there are no tracks of ${who}`);
  if (others.length > 0)
    throw new PlanError(
      `${who} is the name of several people: say which by their ids, ${[...named].join(', ')}`,
    );
  return one;
}
