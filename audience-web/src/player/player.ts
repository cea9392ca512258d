import type { ProfileName } from '@rostrum/contracts/profile';
import { keepIn } from '@rostrum/room-client/keep';
import { createStore, type Store } from '@rostrum/room-client/store';
import type { Engine, EngineEvents } from './engine.ts';
import { createFreezeFrame } from './freeze-frame.ts';
import { createLatencyKeeper } from './latency-keeper.ts';
import { createNativeEngine, nativeHlsSupported } from './native-engine.ts';
import type { PlayerEffect, PlayerEvent, Seen } from './player-events.ts';
import { step } from './player-machine.ts';
import { initialPlayer, type PlayerState, type Return, shown } from './player-state.ts';
import { createRepair } from './repair.ts';
import { tuningFor } from './tuning.ts';

export interface Player {
  readonly state: Store<PlayerState>;
  play(): void;
  pause(): void;
  goLive(): void;
  /** Seconds, relative; in a live stream a step back leaves the edge, a step past it returns there. */
  seekBy(seconds: number): void;
  seekTo(positionS: number): void;
  /** Live: seconds behind the place where one follows; less than one returns there. */
  seekToBehind(behindS: number): void;
  setMuted(muted: boolean): void;
  setVolume(volume: number): void;
  /** Recordings only: 0.5 to 2. */
  setSpeed(speed: number): void;
  chooseQuality(id: string): void;
  programmeDateUnixMs(): number | null;
  /** Bit/s that the network seems good for; null while nothing was measured. */
  throughput(): number | null;
  destroy(): void;
}

export interface PlayerOptions {
  readonly video: HTMLVideoElement;
  /** Takes the last picture while a source is rebuilt. */
  readonly canvas: HTMLCanvasElement;
  readonly url: string;
  readonly kind: 'live' | 'recording';
  readonly profile: ProfileName;
  /** Add to `Date.now()` for the service's clock. */
  readonly serverOffsetMs: () => number;
  readonly onFirstFrame: () => void;
  /** false: waits for `play()`. */
  readonly autoPlay: boolean;
  /** Recordings: where to begin; without it, at the beginning. */
  readonly startAt?: Return;
}

const TICK_MS = 250;
const finite = (seconds: number): number => (Number.isFinite(seconds) ? seconds : 0);
const keep = keepIn(() => sessionStorage);

/**
 * Plays one playlist in one video element until `destroy`. Recovers by itself; never throws. `player-machine.ts` decides;
 * this tells it what happens and does what it says.
 */
export function createPlayer(options: PlayerOptions): Player {
  const { video, kind, profile } = options;
  const tuning = tuningFor(profile);
  let machine = initialPlayer(
    { kind, stallMs: tuning.stallMs },
    {
      autoPlay: options.autoPlay,
      startAt: options.startAt ?? null,
      muted: video.muted,
      volume: video.volume,
      nowMs: performance.now(),
    },
  );
  const store = createStore<PlayerState>(shown(machine));
  const freeze = createFreezeFrame(video, options.canvas);
  const stopped = new AbortController();
  let engine: (Engine & { bandwidthEstimate?: () => number }) | null = null;
  const repair = createRepair((remedy) => {
    if (!stopped.signal.aborted) tell({ type: 'remedy-due', remedy, seen: see() });
  });
  /** Where one follows, from the edge. */
  const targetMs = (): number =>
    engine?.reloadsHeld() === false ? tuning.polledTargetMs : tuning.rate.targetMs;
  const latency = createLatencyKeeper({
    video,
    tuning,
    edgeMs: (nowMs) => engine?.edgeMs(nowMs) ?? null,
    sheds: () => engine?.sheds() ?? false,
    targetMs,
    signal: stopped.signal,
  });

  function tell(event: PlayerEvent): void {
    const { state, effects } = step(machine, event);
    machine = state;
    store.set(shown(state));
    for (const effect of effects) carryOut(effect);
  }

  function see(): Seen {
    const nowMs = performance.now();
    const edgeMs = engine?.edgeMs(nowMs) ?? null;
    const endS = engine?.endS() ?? null;
    const { returns } = machine;
    return {
      nowMs,
      serverUnixMs: Date.now() + options.serverOffsetMs(),
      positionS: video.currentTime,
      durationS: (kind === 'recording' ? engine?.listedS() : null) ?? finite(video.duration),
      hasMetadata: video.readyState > 0,
      paused: video.paused,
      ended: video.ended,
      hasEngine: engine !== null,
      finished: engine?.finished() === true,
      endS,
      liveS: endS ?? (edgeMs === null ? null : (edgeMs - targetMs()) / 1000),
      earliestS: engine?.earliestS() ?? null,
      dateUnixMs: engine?.programmeDateUnixMs() ?? null,
      returnS: returns?.to === 'date' ? (engine?.timeOfDateS(returns.unixMs) ?? null) : null,
    };
  }

  function carryOut(effect: PlayerEffect): void {
    switch (effect.do) {
      case 'play':
        video.play().catch((error: unknown) => {
          const name = error instanceof DOMException ? error.name : '';
          // AbortError: a new source came meanwhile, which plays by itself.
          if (name !== 'NotAllowedError' || stopped.signal.aborted) return;
          tell({ type: 'refused', muted: video.muted });
        });
        return;
      case 'pause':
        video.pause();
        return;
      case 'mute':
        video.muted = true;
        return;
      case 'seek':
        video.currentTime = effect.toS;
        return;
      case 'set-rate':
        video.playbackRate = effect.rate;
        // What a source made anew begins with.
        if (kind === 'recording') video.defaultPlaybackRate = effect.rate;
        return;
      case 'hold':
        freeze.hold();
        return;
      case 'release':
        freeze.release();
        return;
      case 'remedy':
        engine?.remedy(effect.remedy);
        return;
      case 'jump-to-edge':
        latency.jump(performance.now());
        return;
      case 'forget-latency':
        latency.restart();
        return;
      case 'count-stall':
        latency.stalled();
        return;
      case 'plan-remedy':
        repair.trouble(effect.trouble, effect.detail);
        return;
      case 'call-off-push':
        repair.moving();
        return;
      case 'tell-first-frame':
        options.onFirstFrame();
        tick();
        return;
      case 'look':
        tell({ type: 'looked', seen: see() });
        return;
    }
  }

  const events: EngineEvents = {
    onQuality() {
      if (!engine) return;
      tell({
        type: 'quality',
        choices: engine.choices(),
        quality: engine.chosen(),
        playingHeight: engine.playingHeight(),
      });
    },
    onTrouble: (trouble, detail) => tell({ type: 'trouble', trouble, detail }),
    onNewSource: () => tell({ type: 'new-source' }),
  };

  const start = async (): Promise<void> => {
    const { createHlsEngine, hlsSupported } = await import('./hls-engine.ts');
    if (stopped.signal.aborted) return;
    if (hlsSupported()) {
      engine = createHlsEngine({
        video,
        url: options.url,
        kind,
        tuning,
        bandwidthGuess: Number(keep.read('bandwidth')) || 4_000_000,
        quality: 'auto',
        events,
      });
    } else if (nativeHlsSupported(video)) {
      engine = createNativeEngine({ video, url: options.url, events });
    } else {
      tell({ type: 'unsupported' });
    }
  };
  const startOrRetry = (): void => {
    start().catch((error: unknown) => {
      // The player's own file did not arrive: ask again, as for any other part of the show.
      console.warn('rostrum player: could not load', error);
      if (!stopped.signal.aborted) setTimeout(startOrRetry, 1000);
    });
  };

  function tick(): void {
    const rate = kind === 'live' ? latency.keep(performance.now(), shown(machine).following) : null;
    tell({ type: 'tick', seen: see(), rate });
  }

  const visible = (): boolean => document.visibilityState === 'visible';
  const on = (target: EventTarget, type: string, listener: () => void): void =>
    target.addEventListener(type, listener, { signal: stopped.signal });
  // Before the first picture of another place is shown.
  on(video, 'loadedmetadata', () => tell({ type: 'metadata', seen: see() }));
  on(video, 'playing', () => tell({ type: 'moves', seen: see() }));
  on(video, 'waiting', () =>
    tell({
      type: 'waits',
      seeking: video.seeking || latency.seeking(),
      finished: engine?.finished() === true,
    }),
  );
  on(video, 'pause', () =>
    tell({ type: 'paused', visible: visible(), broken: video.error !== null, seen: see() }),
  );
  on(video, 'play', () => tell({ type: 'played' }));
  on(video, 'volumechange', () => tell({ type: 'volume', muted: video.muted, volume: video.volume }));
  on(video, 'ended', () => tell({ type: 'ended', finished: engine?.finished() === true }));
  on(document, 'visibilitychange', () => visible() && tell({ type: 'visible' }));
  on(window, 'online', () => tell({ type: 'online', seen: see() }));
  on(window, 'pagehide', () => {
    const estimate = engine?.bandwidthEstimate?.();
    if (estimate) keep.write('bandwidth', String(Math.min(20_000_000, Math.round(estimate))));
  });

  const timer = setInterval(tick, TICK_MS);
  startOrRetry();

  return {
    state: store,
    play: () => tell({ type: 'play-asked' }),
    pause: () => tell({ type: 'pause-asked' }),
    goLive: () => tell({ type: 'live-asked', seen: see() }),
    seekBy: (seconds) => tell({ type: 'step-asked', seconds, seen: see() }),
    seekToBehind: (behindS) => tell({ type: 'behind-asked', behindS, seen: see() }),
    seekTo: (positionS) => tell({ type: 'seek-asked', positionS, seen: see() }),
    setMuted(muted) {
      video.muted = muted;
    },
    setVolume(volume) {
      video.volume = Math.min(1, Math.max(0, volume));
      if (volume > 0) video.muted = false;
    },
    setSpeed: (speed) => tell({ type: 'speed-asked', speed }),
    chooseQuality(id) {
      if (engine && id !== engine.chosen()) {
        if ((id === 'audio') !== (engine.chosen() === 'audio')) freeze.hold();
        engine.choose(id);
      }
    },
    programmeDateUnixMs: () => engine?.programmeDateUnixMs() ?? null,
    throughput: () => engine?.bandwidthEstimate?.() ?? null,
    destroy() {
      stopped.abort();
      clearInterval(timer);
      repair.stop();
      freeze.release();
      engine?.destroy();
      engine = null;
    },
  };
}
