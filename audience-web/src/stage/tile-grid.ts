export interface TileRect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const GAP = 12;
const ASPECT = 16 / 9;

/** `count` equal 16:9 tiles in CSS pixels, as large as the area lets them be, whatever its shape; the last row centred. */
export function tileGrid(
  count: number,
  area: { readonly width: number; readonly height: number },
): TileRect[] {
  const sized = Array.from({ length: count }, (_, i) => {
    const columns = i + 1;
    const rows = Math.ceil(count / columns);
    const width = Math.min(
      (area.width - GAP * (columns - 1)) / columns,
      ((area.height - GAP * (rows - 1)) / rows) * ASPECT,
    );
    return { columns, rows, width: Math.max(0, Math.floor(width)) };
  });
  const best = sized.reduce((a, b) => (b.width > a.width ? b : a), { columns: 1, rows: 1, width: 0 });
  const { columns, rows, width } = best;
  const height = Math.floor(width / ASPECT);
  const top = (area.height - rows * height - GAP * (rows - 1)) / 2;
  return Array.from({ length: count }, (_, i) => {
    const row = Math.floor(i / columns);
    const inRow = row === rows - 1 ? count - row * columns : columns;
    const left = (area.width - inRow * width - GAP * (inRow - 1)) / 2;
    return { x: left + (i % columns) * (width + GAP), y: top + row * (height + GAP), width, height };
  });
}
