/** hls-parser in strict mode: throws for what it holds to be wrong in a playlist. */
import { parse, setOptions, types } from 'hls-parser';

setOptions({ strictMode: true });

/**
 * Parses a media playlist. hls-parser counts segments where the specification counts time: it wants no PART tags before
 * the last three segments, but three target durations are more than three segments when these are shorter than a target
 * duration. Those tags are taken out before; all other checks stand.
 */
export function strictParse(text: string): types.MediaPlaylist {
  const blocks = text.split(/(?<=^#EXTINF:.*\n.*\n)/m);
  const kept = blocks.map((block, i) =>
    i < blocks.length - 3 ? block.replace(/^#EXT-X-PART:.*\n/gm, '') : block,
  );
  const playlist = parse(kept.join(''));
  if (!(playlist instanceof types.MediaPlaylist)) throw new Error('not a media playlist');
  return playlist;
}
