import type { StageState } from '@rostrum/panel-sfu/client/stage';
import { IconAntennaBars2, IconAntennaBars3, IconAntennaBars5 } from '@tabler/icons-react';
import classes from './quality.module.css';

const QUALITY = {
  good: { icon: IconAntennaBars5, label: 'Good connection' },
  fair: { icon: IconAntennaBars3, label: 'Fair connection' },
  poor: { icon: IconAntennaBars2, label: 'Poor connection' },
} as const;

/** The network between this browser and the stage, in bars and words. */
export function Quality({
  quality,
  compact = false,
}: {
  readonly quality: StageState['quality'];
  /** Bars only; the words stay for screen readers and the pointer. */
  readonly compact?: boolean;
}) {
  if (!quality) return null;
  const { icon: Icon, label } = QUALITY[quality];
  return (
    <span className={classes.quality} data-quality={quality} title={label}>
      <Icon size={20} aria-hidden /> <span className={compact ? 'visually-hidden' : undefined}>{label}</span>
    </span>
  );
}
