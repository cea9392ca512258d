import { locale, t } from '../messages.ts';
import { countdownParts, formatMoment } from '../player/format.ts';
import { useNow } from './use-store.ts';

const when = new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'short' });

/** Before the start. `serverOffsetMs` corrects this device's clock. */
export function Countdown(props: {
  readonly title: string;
  readonly startsAtUnixMs: number | null;
  readonly serverOffsetMs: number;
}) {
  const now = useNow(500) + props.serverOffsetMs;
  const { startsAtUnixMs } = props;
  const at = startsAtUnixMs === null ? '' : formatMoment(when, startsAtUnixMs);
  const waiting = startsAtUnixMs !== null && at !== '' && startsAtUnixMs > now;
  return (
    <section class="screen countdown">
      <div class="screen-inner">
        <p class="eyebrow">{waiting ? t.countdown.startsIn : t.countdown.startsSoon}</p>
        <p class="screen-title">
          <bdi>{props.title}</bdi>
        </p>
        {waiting ? (
          <>
            <Clock left={countdownParts(startsAtUnixMs, now)} />
            <p class="muted">{t.countdown.startsAt(at)}</p>
          </>
        ) : (
          <p class="muted">{t.countdown.startsSoonText}</p>
        )}
      </div>
    </section>
  );
}

function Clock({ left }: { left: ReturnType<typeof countdownParts> }) {
  const parts = [
    ...(left.days > 0 ? [{ value: left.days, label: t.countdown.days }] : []),
    { value: left.hours, label: t.countdown.hours },
    { value: left.minutes, label: t.countdown.minutes },
    { value: left.seconds, label: t.countdown.seconds },
  ];
  // A timer role is silent by default: a reader is not told every second, but can ask.
  return (
    <div class="countdown-clock" role="timer">
      {parts.map(({ value, label }) => (
        <span key={label} class="countdown-part">
          <strong>{String(value).padStart(2, '0')}</strong> <span>{label}</span>
        </span>
      ))}
    </div>
  );
}
