import { FONT_FAMILY } from '@rostrum/contracts/cards';

let context: CanvasRenderingContext2D | null = null;

/** How wide the browser would draw a line in the picture's font, pixels. */
export function textWidth(text: string, sizePx: number, weight: number): number {
  context ??= document.createElement('canvas').getContext('2d');
  if (!context) return text.length * sizePx * 0.58;
  context.font = `${weight} ${sizePx}px ${FONT_FAMILY}`;
  return Math.ceil(context.measureText(text).width);
}
