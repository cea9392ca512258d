import type { PersonQuality } from '@rostrum/contracts';
import { NETWORK } from '../../lib/messages.ts';
import { describeNumbers } from '../../lib/network-words.ts';
import classes from './quality.module.css';

/** The numbers behind somebody's word, for whoever wants to know more. `name` is isolated. */
export function NetworkNumbers({
  name,
  quality,
}: {
  readonly name: string;
  readonly quality: PersonQuality;
}) {
  return (
    <p className={classes.numbers}>
      <strong>{NETWORK.en.of(name, quality.word, quality.badly)}</strong>
      {describeNumbers(quality).map((line) => (
        <span key={line}>
          {line}
          <br />
        </span>
      ))}
    </p>
  );
}
