/** What keys mean in a recording, where they mean something else than in a live channel. Pure. */

export type KeyAction =
  | { readonly do: 'step'; readonly seconds: number }
  /** To a share of the whole. */
  | { readonly do: 'jump'; readonly share: number }
  | { readonly do: 'speed'; readonly by: -1 | 1 }
  | { readonly do: 'chapter'; readonly to: 'next' | 'previous' }
  | { readonly do: 'captions' };

export const SPEEDS: readonly number[] = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2];

/** @param key in lower case; null: it means what it means everywhere */
export function keyAction(key: string): KeyAction | null {
  if (/^[0-9]$/.test(key)) return { do: 'jump', share: Number(key) / 10 };
  switch (key) {
    case 'j':
      return { do: 'step', seconds: -10 };
    case 'l':
      return { do: 'step', seconds: 10 };
    case '<':
      return { do: 'speed', by: -1 };
    case '>':
      return { do: 'speed', by: 1 };
    case 'n':
      return { do: 'chapter', to: 'next' };
    case 'p':
      return { do: 'chapter', to: 'previous' };
    case 'c':
      return { do: 'captions' };
    default:
      return null;
  }
}

/** The next speed up or down; the same at the end. */
export function speedAfter(rate: number, by: -1 | 1): number {
  const found = by > 0 ? SPEEDS.find((speed) => speed > rate) : SPEEDS.findLast((speed) => speed < rate);
  return found ?? rate;
}
