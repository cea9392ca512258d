import { FONT_FAMILY } from '@rostrum/contracts/cards';
import type { Measure } from '@rostrum/contracts/lines';

let context: CanvasRenderingContext2D | null = null;

/** How wide the browser draws a line in the picture's font, pixels. */
export const textWidth: Measure = (text, size, weight) => {
  context ??= document.createElement('canvas').getContext('2d');
  // Without a canvas nothing can tell: about as wide as Latin letters are.
  if (!context) return text.length * size * 0.58;
  context.font = `${weight} ${size}px ${FONT_FAMILY}`;
  return context.measureText(text).width;
};
