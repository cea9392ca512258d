/** Playlists of recordings as earlier versions wrote them. Pure. */
import { mediaBase } from '@rostrum/contracts/media-urls';

const SEGMENT = /^[A-Za-z0-9_-]{1,32}\/e\d+\/s\d+\.mp4$/gm;
const INIT = /(?<=URI=")[A-Za-z0-9_-]{1,32}\/e\d+\/init\.mp4(?=")/g;

/** As it would be written today: media have their one address. Those named beside the playlist are so no more; others stay as they are. */
export function withMediaInPlace(playlist: string, channelId: string): string {
  const moved = (name: string): string => mediaBase(channelId) + name;
  return playlist.replace(SEGMENT, moved).replace(INIT, moved);
}
