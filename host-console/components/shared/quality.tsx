import type { NetworkVerdict } from '@rostrum/contracts/network-verdict';
import { IconAntennaBars2, IconAntennaBars3, IconAntennaBars5 } from '@tabler/icons-react';
import { NETWORK } from '../../lib/messages.ts';
import classes from './quality.module.css';

const words = NETWORK.en;

const iconOf = ({ word, badly }: NetworkVerdict) =>
  word === 'fine' ? IconAntennaBars5 : badly ? IconAntennaBars2 : IconAntennaBars3;

/** One's own network, in bars and words. */
export function Quality({
  quality,
  compact = false,
}: {
  readonly quality: NetworkVerdict | null;
  /** Bars only; the words stay for screen readers and the pointer. */
  readonly compact?: boolean;
}) {
  if (!quality) return null;
  const Icon = iconOf(quality);
  const label = words.own[quality.word];
  return (
    <span className={classes.quality} data-quality={gradeOf(quality)} title={label} role="status">
      <Icon size={20} aria-hidden /> <span className={compact ? 'visually-hidden' : undefined}>{label}</span>
    </span>
  );
}

/** Somebody else's network, where it troubles them: in two words. Nothing while it is fine. */
export function NetworkMark({ quality, name }: { readonly quality: NetworkVerdict; readonly name: string }) {
  if (quality.word === 'fine') return null;
  const Icon = iconOf(quality);
  return (
    <span
      className={classes.mark}
      data-quality={gradeOf(quality)}
      title={words.of(name, quality.word, quality.badly)}
    >
      <Icon size={14} aria-hidden />
      <span aria-hidden>{words.short[quality.word]}</span>
      <span className="visually-hidden">{words.of(name, quality.word, quality.badly)}</span>
    </span>
  );
}

const gradeOf = ({ word, badly }: NetworkVerdict): string =>
  word === 'fine' ? 'good' : badly ? 'poor' : 'fair';
