import { type RefObject, useEffect, useId } from 'react';
import type { TileDemand, TileSource } from './tile-demand.ts';

/** Tells the stage how tall this element shows a video, in device pixels, and that it does not while out of sight. */
export function useTileDemand(
  ref: RefObject<HTMLElement | null>,
  tiles: TileDemand,
  personId: string,
  source: TileSource,
  enabled: boolean,
): void {
  const key = useId();
  useEffect(() => {
    const element = ref.current;
    if (!element || !enabled) return;
    let visible = false;
    let heightPx = 0;
    const tell = (): void => {
      const shown = visible && heightPx > 0;
      tiles.set(key, personId, source, shown ? Math.round(heightPx * devicePixelRatio) : null);
    };
    const resize = new ResizeObserver(([entry]) => {
      heightPx = entry?.contentRect.height ?? 0;
      tell();
    });
    const sight = new IntersectionObserver(([entry]) => {
      visible = entry?.isIntersecting ?? false;
      tell();
    });
    resize.observe(element);
    sight.observe(element);
    return () => {
      resize.disconnect();
      sight.disconnect();
      tiles.set(key, personId, source, null);
    };
  }, [ref, tiles, key, personId, source, enabled]);
}
