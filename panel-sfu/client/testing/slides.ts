/** Pages of small text, the same wherever they are drawn, and how near a picture comes to one. */

export const SLIDE = { width: 1920, height: 1080 } as const;
const LINE_PX = 30;
const WORDS =
  'revenue margin of the quarter grew by plan against forecast net cost per seat under review'.split(' ');

/** The same numbers for the same seed. */
function numbers(seed: number): () => number {
  let state = seed * 7919 + 1;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state / 2 ** 32;
  };
}

export function drawSlide(
  context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D,
  page: number,
): void {
  const next = numbers(page);
  context.fillStyle = 'white';
  context.fillRect(0, 0, SLIDE.width, SLIDE.height);
  context.font = '17px sans-serif';
  for (let y = 2 * LINE_PX; y < SLIDE.height - LINE_PX; y += LINE_PX) {
    // One line in six is in colour.
    context.fillStyle = next() < 1 / 6 ? '#b3261e' : '#1c1b1f';
    const words = Array.from({ length: 26 }, () => {
      const word = WORDS[Math.floor(next() * WORDS.length)] ?? '';
      return next() < 0.2 ? String(Math.floor(next() * 100_000)) : word;
    });
    context.fillText(words.join(' '), 60, y, SLIDE.width - 120);
  }
}

/** A screen that shows one page, and flips to another; a picture each 1/15 s. */
export function slideScreen(): { readonly track: MediaStreamTrack; flip(page: number): void } {
  const canvas = document.createElement('canvas');
  Object.assign(canvas, SLIDE);
  const context = canvas.getContext('2d', { alpha: false });
  const [track] = canvas.captureStream(0).getVideoTracks() as CanvasCaptureMediaStreamTrack[];
  if (!context || !track) throw new Error('the canvas gives no track');
  drawSlide(context, 0);
  const timer = setInterval(() => {
    if (track.readyState === 'ended') return clearInterval(timer);
    // Of a canvas on which nothing is drawn there is no new picture.
    context.fillStyle = 'white';
    context.fillRect(0, 0, 1, 1);
    track.requestFrame();
  }, 1000 / 15);
  return { track, flip: (page) => drawSlide(context, page) };
}

const pixelsOf = (draw: (context: OffscreenCanvasRenderingContext2D) => void): Uint8ClampedArray => {
  const context = new OffscreenCanvas(SLIDE.width, SLIDE.height).getContext('2d', { alpha: false });
  if (!context) throw new Error('no canvas');
  draw(context);
  return context.getImageData(0, 0, SLIDE.width, SLIDE.height).data;
};
let drawn: { page: number; pixels: Uint8ClampedArray } | null = null;

/** Brightness times 1000. */
const luma = (pixels: Uint8ClampedArray, at: number): number =>
  299 * (pixels[at] ?? 0) + 587 * (pixels[at + 1] ?? 0) + 114 * (pixels[at + 2] ?? 0);

/**
 * What is seen, held against a page as it was drawn: brightness of the text's pixels and their surroundings.
 * @returns `psnrDb`, of the whole; `ssim`, the mean over blocks of 8x8 pixels
 */
export function likeness(
  video: HTMLVideoElement,
  page: number,
): { psnrDb: number; ssim: number; width: number } {
  if (drawn?.page !== page) drawn = { page, pixels: pixelsOf((context) => drawSlide(context, page)) };
  const a = drawn.pixels;
  const b = pixelsOf((context) => context.drawImage(video, 0, 0, SLIDE.width, SLIDE.height));
  let squares = 0;
  let ssim = 0;
  let blocks = 0;
  for (let y = 0; y < SLIDE.height; y += 8) {
    for (let x = 0; x < SLIDE.width; x += 8) {
      let [sumA, sumB, sumAA, sumBB, sumAB] = [0, 0, 0, 0, 0];
      for (let i = 0; i < 64; i += 1) {
        const at = 4 * ((y + (i >> 3)) * SLIDE.width + x + (i & 7));
        const [p, q] = [luma(a, at) / 1000, luma(b, at) / 1000];
        sumA += p;
        sumB += q;
        sumAA += p * p;
        sumBB += q * q;
        sumAB += p * q;
      }
      squares += sumAA + sumBB - 2 * sumAB;
      const [meanA, meanB] = [sumA / 64, sumB / 64];
      const [varA, varB] = [sumAA / 64 - meanA * meanA, sumBB / 64 - meanB * meanB];
      const covariance = sumAB / 64 - meanA * meanB;
      ssim +=
        ((2 * meanA * meanB + 6.5025) * (2 * covariance + 58.5225)) /
        ((meanA * meanA + meanB * meanB + 6.5025) * (varA + varB + 58.5225));
      blocks += 1;
    }
  }
  const error = squares / (blocks * 64);
  return {
    psnrDb: error === 0 ? 99 : 10 * Math.log10((255 * 255) / error),
    ssim: ssim / blocks,
    width: video.videoWidth,
  };
}
