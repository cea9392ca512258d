import type { NetworkVerdict, NetworkWord } from '@rostrum/contracts/network-verdict';
import type { RemoteTrack, StageState } from './stage-types.ts';

/**
 * Why somebody's picture is not seen as it should be. `codec`: this browser cannot decode what they send; `sound-alone`: this
 * person's network takes no pictures; `own-network`, `their-network`: nothing new comes, and that one's is known to be weak;
 * `still`: nothing new comes; `none`: nothing came, or not yet.
 */
export type NoPicture = 'codec' | 'sound-alone' | 'own-network' | 'their-network' | 'still' | 'none';

/** What else is known of it. */
export interface PictureSight extends Pick<StageState, 'network' | 'quality'> {
  /** Of who sends it; null: nobody tells. */
  readonly theirs: NetworkVerdict | null;
  /** No new frame for a while (`still.ts`). */
  readonly still: boolean;
}

const weak = (quality: NetworkVerdict | null, way: NetworkWord): boolean =>
  quality !== null && (quality.word === way || quality.word === 'both-weak');

/** null: it is seen, or nobody means to send it. */
export function noPicture(
  remote: Pick<RemoteTrack, 'track' | 'paused' | 'problem'> | null,
  { network, quality, theirs, still }: PictureSight,
): NoPicture | null {
  if (remote === null || remote.paused) return null;
  if (remote.problem !== null) return remote.problem === 'media-unsupported' ? 'codec' : 'none';
  if (network?.receive.layers === 0) return 'sound-alone';
  if (remote.track !== null && !still) return null;
  if (weak(quality, 'download-weak')) return 'own-network';
  if (weak(theirs, 'upload-weak')) return 'their-network';
  return remote.track === null ? 'none' : 'still';
}
