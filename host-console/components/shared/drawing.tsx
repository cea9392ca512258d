import { FONT_FAMILY, type Shape } from '@rostrum/contracts/cards';
import type { Rect } from '@rostrum/contracts/layout';

/**
 * Shapes of the picture as an image with one name. `view` is what of the canvas it shows.
 * @param label what a screen reader is told; null: nothing
 */
export function Drawing({
  shapes,
  view,
  label,
}: {
  readonly shapes: readonly Shape[];
  readonly view: Rect;
  readonly label: string | null;
}) {
  const viewBox = `${view.x} ${view.y} ${view.width} ${view.height}`;
  const content = shapes.map((shape, i) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: shapes have no identity but their place in the drawing
    <ShapeElement key={i} shape={shape} />
  ));
  if (label === null)
    return (
      <svg viewBox={viewBox} aria-hidden="true">
        {content}
      </svg>
    );
  return (
    <svg viewBox={viewBox} role="img" aria-label={label}>
      {content}
    </svg>
  );
}

function ShapeElement({ shape }: { readonly shape: Shape }) {
  switch (shape.kind) {
    case 'rect':
      return (
        <rect
          x={shape.x}
          y={shape.y}
          width={shape.width}
          height={shape.height}
          rx={shape.radius}
          fill={shape.fill}
          fillOpacity={shape.fillOpacity}
          stroke={shape.stroke}
          strokeOpacity={shape.strokeOpacity}
        />
      );
    case 'circle':
      return <circle cx={shape.cx} cy={shape.cy} r={shape.radius} fill={shape.fill} />;
    case 'text':
      return (
        <text
          x={shape.x}
          y={shape.y}
          fontFamily={FONT_FAMILY}
          fontSize={shape.size}
          fontWeight={shape.weight}
          fill={shape.fill}
          textAnchor={shape.anchor === 'left' ? 'start' : 'middle'}
          style={shape.tabular ? { fontVariantNumeric: 'tabular-nums' } : undefined}
        >
          {shape.text}
        </text>
      );
  }
}
