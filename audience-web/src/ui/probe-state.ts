import { useEffect } from 'preact/hooks';
import type { Player } from '../player/player.ts';
import { type Probe, probe } from './probe.ts';

/** Keeps `window.rostrum` in step with what is shown. */
export function ProbeState({ player, state }: { player: Player | null; state: Probe['state'] }) {
  useEffect(() => {
    const update = (): void => {
      const s = player?.state.get();
      probe.stalls = s?.stalls ?? 0;
      probe.level =
        s === undefined ? '' : s.quality === 'audio' ? 'audio' : s.playingHeight ? `${s.playingHeight}p` : '';
      if (state !== 'playing' || s === undefined) probe.state = state === 'playing' ? 'joining' : state;
      else if (!s.firstFrame) probe.state = 'joining';
      else
        probe.state =
          s.status === 'recovering' ? 'recovering' : s.status === 'finished' ? 'ended' : 'playing';
    };
    update();
    probe.latencyMs = () => player?.state.get().latencyMs ?? null;
    probe.playingDateUnixMs = () => player?.programmeDateUnixMs() ?? null;
    return player?.state.subscribe(update);
  }, [player, state]);
  return null;
}
