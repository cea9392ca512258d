/** Which picture stands for a recording. Pure. */

/** Not the very first: that is often a holding slide, or somebody who finds the button. */
const AFTER_MS = 8000;

/** Files of one picture, relative to the channel's folder: the init segment, and a segment that begins with it. */
export interface PosterFrame {
  readonly init: string;
  readonly segment: string;
}

/**
 * By the lines of an I-frame playlist, in order. The first picture so far into what is played, else the last there is; null: there
 * is none.
 */
export function posterFrame(pieces: readonly string[], afterMs: number = AFTER_MS): PosterFrame | null {
  let init: string | undefined;
  let frame: PosterFrame | null = null;
  let playedMs = 0;
  for (const piece of pieces) {
    init = nameIn(/#EXT-X-MAP:URI="([^"]*)"/.exec(piece)?.[1]) ?? init;
    const segment = nameIn(piece.split('\n').find((line) => line !== '' && !line.startsWith('#')));
    if (init !== undefined && segment !== undefined) frame = { init, segment };
    if (playedMs >= afterMs) break;
    playedMs += Number(/#EXTINF:([\d.]+)/.exec(piece)?.[1] ?? 0) * 1000;
  }
  return frame;
}

/** Of whatever address: the file's name below the channel's folder. */
const nameIn = (uri: string | undefined): string | undefined =>
  /([A-Za-z0-9_-]+\/e\d+\/[a-z]+\d*\.mp4)$/.exec(uri ?? '')?.[1];
