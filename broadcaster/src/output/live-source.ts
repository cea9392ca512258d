/** The narrow view the HTTP side has of a channel. */

import type { ShedLoad } from '@rostrum/contracts/node-socket';
import type { LatencyProfile } from '@rostrum/contracts/profile';
import type { RenditionWindow } from '../packager/index.ts';

export interface LiveSource {
  readonly profile: LatencyProfile;
  /** In the order of the ladder. */
  windows(): readonly RenditionWindow[];
  /** What the compositor leaves out because its machine is too slow. The same array as long as that does not change. */
  shedding(): readonly ShedLoad[];
  /** Bytes of an init segment of this run of the process; older ones are on disk. */
  init(rendition: string, epoch: number): Uint8Array | undefined;
  /** Calls back after every change, with the renditions whose windows changed. Returns the way to stop it. */
  subscribe(listener: (changed: ReadonlySet<string>) => void): () => void;
}
