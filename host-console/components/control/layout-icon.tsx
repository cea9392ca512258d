import type { LayoutName } from '@rostrum/contracts';

type Box = readonly [x: number, y: number, width: number, height: number, strong?: boolean];

/** Each layout in 32 x 18, drawn as the picture will be. */
const BOXES: Record<LayoutName, readonly Box[]> = {
  spotlight: [[0, 0, 32, 18, true]],
  grid: [
    [0, 0, 15, 8],
    [17, 0, 15, 8],
    [0, 10, 15, 8],
    [17, 10, 15, 8],
  ],
  'side-by-side': [
    [0, 4, 15, 10],
    [17, 4, 15, 10],
  ],
  'screen-speaker': [
    [0, 1, 22, 16, true],
    [24, 6, 8, 6],
  ],
  'picture-in-picture': [
    [0, 0, 32, 18, true],
    [21, 10, 9, 6],
  ],
};

export function LayoutIcon({ layout }: { readonly layout: LayoutName }) {
  return (
    <svg viewBox="-1 -1 34 20" width="44" height="26" aria-hidden="true">
      {BOXES[layout].map(([x, y, width, height, strong]) => (
        <rect
          key={`${x} ${y}`}
          x={x}
          y={y}
          width={width}
          height={height}
          rx="1.5"
          fill={strong ? 'currentColor' : 'var(--icon-fill, var(--surface))'}
          fillOpacity={strong ? 0.28 : 1}
          stroke="currentColor"
          strokeWidth="1.4"
        />
      ))}
    </svg>
  );
}
