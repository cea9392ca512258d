/**
 * Tells when hls.js has forgotten the end: where ENDLIST comes while it plays the last segment by parts, it takes that
 * segment for loaded and never asks for the parts it lacks (docs/found-in-others.md). Pure but for what it remembers. To be asked
 * until hls.js says that it has reached the end (`BUFFER_EOS`).
 */

/** Buffers end a little before what the playlist says: browsers round. */
export const ROUNDING_S = 0.05;

export interface EndOfPlaylist {
  /** Where the last segment begins and ends, s. */
  readonly startS: number;
  readonly endS: number;
}

/** @returns to be called a few times a second; true when the buffer has ended inside of the last segment since the last call */
export function createLastPartsWatch(): (bufferedUntilS: number, last: EndOfPlaylist) => boolean {
  let before: number | null = null;
  return (bufferedUntilS, { startS, endS }) => {
    // How much is missing is no measure: an end may be shorter than the rounding.
    const inside = bufferedUntilS > startS + ROUNDING_S && bufferedUntilS < endS;
    const forgotten = inside && before === bufferedUntilS;
    // What loads it again gets its time, too.
    before = inside && !forgotten ? bufferedUntilS : null;
    return forgotten;
  };
}
