import { AUDIO_SAMPLE_RATE, CANVAS, FRAME_RATE } from '@rostrum/contracts/profile';

/**
 * Colours of the whole chain: limited range, BT.601 matrix, BT.709 transfer and primaries. That is what browsers put
 * into VP8 and H.264 without saying so; keeping it end to end (it is signalled in the coded output) saves a colour
 * conversion per source and frame.
 */
export const COLORIMETRY = '2:4:5:1';

/** A still or a tile in the mix's format, of any frame rate. */
export const rawCaps = (width: number, height: number): string =>
  `video/x-raw,format=I420,width=${width},height=${height},pixel-aspect-ratio=1/1,colorimetry=${COLORIMETRY}`;

export const CANVAS_CAPS = rawCaps(CANVAS.width, CANVAS.height);
export const MIX_CAPS = `${CANVAS_CAPS},framerate=${FRAME_RATE}/1`;
export const AUDIO_CAPS = `audio/x-raw,format=F32LE,rate=${AUDIO_SAMPLE_RATE},channels=2,layout=interleaved`;
