import { useState } from 'preact/hooks';
import { countdownParts } from '../player/format.ts';
import { useNow } from '../ui/use-store.ts';
import { playNotes } from './sound-check.ts';
import { w } from './words.ts';

/** Below the holding slide, for who waits. `untilUnixMs`: null where no start was said. */
export function Lobby(props: { readonly untilUnixMs: number | null; readonly serverOffsetMs: number }) {
  const now = useNow(500) + props.serverOffsetMs;
  const { untilUnixMs } = props;
  const waits = untilUnixMs !== null && untilUnixMs > now;
  return (
    <div class="lobby">
      <p class="lobby-when" role="timer">
        {waits ? w.startsIn(clockOf(untilUnixMs, now)) : w.startsSoon}
      </p>
      <p class="muted">{w.stays}</p>
      <SoundCheck />
    </div>
  );
}

function SoundCheck() {
  const [step, setStep] = useState<'idle' | 'playing' | 'played' | 'blocked'>('idle');
  const play = async (): Promise<void> => {
    setStep('playing');
    try {
      await playNotes();
      setStep('played');
    } catch {
      setStep('blocked');
    }
  };
  return (
    <div class="lobby-sound">
      <button
        type="button"
        class="button small"
        aria-disabled={step === 'playing'}
        onClick={() => {
          if (step !== 'playing') void play();
        }}
      >
        {step === 'idle' ? w.check : w.again}
      </button>
      <span class="muted" role="status">
        {step === 'playing' && w.listen}
        {step === 'played' && w.silent}
        {step === 'blocked' && w.blocked}
      </span>
    </div>
  );
}

/** `1:02:03`, or `2:03` within the hour; days as hours. */
function clockOf(untilUnixMs: number, nowUnixMs: number): string {
  const { days, hours, minutes, seconds } = countdownParts(untilUnixMs, nowUnixMs);
  const all = days * 24 + hours;
  const two = (n: number): string => String(n).padStart(2, '0');
  return all > 0 ? `${all}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}
