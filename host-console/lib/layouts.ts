import type { LayoutName } from '@rostrum/contracts';

/** The five layouts in the order of the picker and its keys 1 to 5. */
export const LAYOUTS: readonly { readonly name: LayoutName; readonly label: string }[] = [
  { name: 'spotlight', label: 'Spotlight' },
  { name: 'grid', label: 'Grid' },
  { name: 'side-by-side', label: 'Side by side' },
  { name: 'screen-speaker', label: 'Screen + speaker' },
  { name: 'picture-in-picture', label: 'Picture in picture' },
];
