import type { ErrorCode, Result } from '@rostrum/contracts/errors';
import type { MediaSource, Speakers } from '@rostrum/contracts/media';
import type { NetworkVerdict } from '@rostrum/contracts/network-verdict';
import type { NetworkState } from './adapt.ts';

export type { MediaSource, NetworkState };

/** What this person sends. */
export interface LocalTrack {
  readonly track: MediaStreamTrack;
  /** null while it is not (yet) sent: not joined, or joining again. */
  readonly producerId: string | null;
  /** Muted, or camera off: nothing is sent. */
  readonly paused: boolean;
  /** Why it cannot be sent (`media-unsupported`, `limit-reached`...); null when nothing is wrong. */
  readonly problem: ErrorCode | null;
}

/** What somebody else sends. One per person and source, listed as soon as the stage knows of it. */
export interface RemoteTrack {
  readonly personId: string;
  readonly source: MediaSource;
  readonly producerId: string;
  /** null until it is received, and while a video is over the limit of 12. */
  readonly track: MediaStreamTrack | null;
  /** The sender muted it or turned the camera off. */
  readonly paused: boolean;
  /** The simulcast layer now received; null: none (hidden, or no bandwidth), or unknown as yet. */
  readonly spatialLayer: number | null;
  /** Why it cannot be received (`media-unsupported`: no codec in common); null when nothing is wrong. */
  readonly problem: ErrorCode | null;
}

export type StageStatus = 'idle' | 'joining' | 'joined' | 'rejoining' | { readonly failed: ErrorCode };

export interface StageState {
  readonly status: StageStatus;
  readonly camera: LocalTrack | null;
  readonly mic: LocalTrack | null;
  readonly screen: LocalTrack | null;
  readonly screenAudio: LocalTrack | null;
  readonly micMuted: boolean;
  readonly cameraOff: boolean;
  /** Who of the crew muted this person: nothing of them is heard until that is lifted. */
  readonly mutedBy: string | null;
  readonly remotes: readonly RemoteTrack[];
  readonly speakers: Speakers;
  /** What of the video is left out for the network's sake, each way, and why; null while not joined. */
  readonly network: NetworkState | null;
  /** Of the network between this browser and the SFU: the coordinator's word, or what is measured here; null while not joined. */
  readonly quality: NetworkVerdict | null;
}

/**
 * A person's media. Tracks given to it stay the caller's: it never stops them, except those of `shareScreen`,
 * which it stops in `stopScreen`. It rejoins by itself, with the same tracks, after whatever ended the media.
 */
export interface StageClient {
  getState(): StageState;
  subscribe(listener: () => void): () => void;
  /**
   * For somebody who is about to join: connects to the media server and sends and receives nothing, so that the join is
   * quicker. It is given back after some minutes; call it again with each sign that somebody is there.
   */
  prepare(): void;
  /**
   * Connects to the stage. Answers how the first attempt went; a failure that can pass is retried in the
   * background (status `rejoining`), one that cannot leaves `{failed: code}`. With `unlessElsewhere` it fails as
   * `conflict` while this person stands on the stage in another window; without it that one is replaced.
   */
  join(tracks?: {
    readonly camera?: MediaStreamTrack | null;
    readonly mic?: MediaStreamTrack | null;
    readonly unlessElsewhere?: boolean;
  }): Promise<Result<null>>;
  /** Ends all media, keeps the local tracks for a later `join`. */
  leave(): Promise<void>;
  /** Sends this camera, or another one in the place of the last without a gap; null ends it. */
  setCamera(track: MediaStreamTrack | null): void;
  setMic(track: MediaStreamTrack | null): void;
  /** Unmuting lifts the crew's mute first, where the webinar lets this person; where it does not, nothing happens. */
  setMicMuted(muted: boolean): void;
  setCameraOff(off: boolean): void;
  /** Shares a stream of `getDisplayMedia`, its sound too; ends by itself when the browser's own button ends it. */
  shareScreen(stream: MediaStream): void;
  stopScreen(): void;
  /**
   * Says how tall a video is shown, in device pixels; null: not visible, then nothing is sent for it. A video no tile
   * was ever shown for is not received.
   */
  showTile(personId: string, source: 'camera' | 'screen', tileHeightDevicePx: number | null): void;
  /** `leave`, and deaf to the room from then on. Idempotent. */
  close(): void;
}
