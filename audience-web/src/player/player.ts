import type { ProfileName } from '@rostrum/contracts/profile';
import { createStore, type Store } from '@rostrum/room-client/store';
import { keepIn } from '../room/keep.ts';
import type { Engine, EngineEvents, QualityChoice } from './engine.ts';
import { createFreezeFrame } from './freeze-frame.ts';
import { createLatencyKeeper } from './latency-keeper.ts';
import { createNativeEngine, nativeHlsSupported } from './native-engine.ts';
import type { Remedy, Trouble } from './recovery.ts';
import { createRepair } from './repair.ts';
import { createStallWatch } from './stall-watch.ts';
import { tuningFor } from './tuning.ts';

export type PlayerStatus = 'loading' | 'playing' | 'paused' | 'recovering' | 'finished' | 'unsupported';

export interface PlayerState {
  readonly status: PlayerStatus;
  readonly muted: boolean;
  /** The browser let it start only without sound: one press is needed. */
  readonly needsTap: boolean;
  /** 0 to 1. */
  readonly volume: number;
  readonly choices: readonly QualityChoice[];
  /** Wanted quality: `auto`, `audio` or a choice's id. */
  readonly quality: string;
  readonly playingHeight: number | null;
  /** Follows the live edge; false after a pause or a step back. */
  readonly following: boolean;
  /** Live: the show has ended; what plays is what is left of it. */
  readonly over: boolean;
  /** Capture to screen by programme date and the corrected clock; null while unknown. */
  readonly latencyMs: number | null;
  readonly positionS: number;
  readonly durationS: number;
  /** Live: how far behind the place where one follows, in whole seconds; 0 there. */
  readonly behindS: number;
  /** Live: how far one can go back from there, in whole seconds. */
  readonly windowS: number;
  /** Programme time of the picture, to the second; null while unknown. */
  readonly dateUnixMs: number | null;
  /** How often playback ran dry since it first started. */
  readonly stalls: number;
  readonly firstFrame: boolean;
  readonly rate: number;
}

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
  /** Recordings: where to begin, programme time. */
  readonly startAtUnixMs?: number;
}

const TICK_MS = 250;
/** A longer hole between two ticks means that the machine slept or the tab was frozen. */
const SLEPT_MS = 5000;
/** From the oldest segment: it leaves the playlist while one still looks at it. */
const MARGIN_S = 10;
const keep = keepIn(() => sessionStorage);

/** Plays one playlist in one video element until `destroy`. Recovers by itself; never throws. */
export function createPlayer(options: PlayerOptions): Player {
  const { video, kind, profile } = options;
  const tuning = tuningFor(profile);
  const store = createStore<PlayerState>({
    status: options.autoPlay ? 'loading' : 'paused',
    muted: video.muted,
    needsTap: false,
    volume: video.volume,
    choices: [],
    quality: 'auto',
    playingHeight: null,
    following: kind === 'live',
    over: false,
    latencyMs: null,
    positionS: 0,
    durationS: 0,
    behindS: 0,
    windowS: 0,
    dateUnixMs: null,
    stalls: 0,
    firstFrame: false,
    rate: 1,
  });
  const freeze = createFreezeFrame(video, options.canvas);
  const stallWatch = createStallWatch(tuning.stallMs);
  const stopped = new AbortController();
  const on = (target: EventTarget, type: string, listener: () => void): void =>
    target.addEventListener(type, listener, { signal: stopped.signal });

  let engine: (Engine & { bandwidthEstimate?: () => number }) | null = null;
  let wantsToPlay = options.autoPlay;
  /** A new source has to fill its buffer first; that is no stall. */
  let sourceIsNew = true;
  let lastTickAtMs = performance.now();
  /** Where to go on once a source made anew knows of it: whoever was behind the edge stays there. */
  let returnToUnixMs: number | null = options.startAtUnixMs ?? null;
  const repair = createRepair((remedy) => apply(remedy));
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

  const tryToPlay = async (): Promise<void> => {
    if (!wantsToPlay) return;
    try {
      await video.play();
    } catch (error) {
      const name = error instanceof DOMException ? error.name : '';
      // AbortError: a new source came meanwhile, which plays by itself.
      if (name !== 'NotAllowedError' || stopped.signal.aborted) return;
      if (video.muted) {
        wantsToPlay = false;
        store.set({ status: 'paused' });
        return;
      }
      video.muted = true;
      store.set({ needsTap: true });
      await tryToPlay();
    }
  };

  const apply = (remedy: Remedy): void => {
    if (stopped.signal.aborted) return;
    const { following } = store.get();
    if (remedy === 'jump') {
      if (following) latency.jump(performance.now());
      else video.currentTime += 0.1;
    } else {
      if (remedy === 'rebuild' || remedy === 'recover-media') freeze.hold();
      const positionS = video.currentTime;
      if (kind === 'live' && remedy === 'rebuild' && !following) {
        returnToUnixMs ??= engine?.programmeDateUnixMs() ?? null;
      }
      engine?.remedy(remedy);
      if (kind === 'recording' && remedy === 'rebuild') resumeAt(positionS);
    }
    void tryToPlay();
  };

  const resumeAt = (positionS: number): void => {
    const resume = (): void => {
      video.currentTime = positionS;
    };
    video.addEventListener('loadedmetadata', resume, { once: true, signal: stopped.signal });
  };

  const onTrouble = (trouble: Trouble, detail: string): void => {
    if (wantsToPlay && store.get().status !== 'finished') {
      store.set({ status: store.get().firstFrame ? 'recovering' : 'loading' });
    }
    repair.trouble(trouble, detail);
  };

  const events: EngineEvents = {
    onQuality: () => {
      if (engine)
        store.set({
          choices: engine.choices(),
          quality: engine.chosen(),
          playingHeight: engine.playingHeight(),
        });
    },
    onTrouble,
    onNewSource: () => {
      sourceIsNew = true;
      stallWatch.reset();
      void tryToPlay();
    },
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
      store.set({ status: 'unsupported' });
    }
  };
  const startOrRetry = (): void => {
    start().catch((error: unknown) => {
      // The player's own file did not arrive: ask again, as for any other part of the show.
      console.warn('rostrum player: could not load', error);
      if (!stopped.signal.aborted) setTimeout(startOrRetry, 1000);
    });
  };

  /** Where one follows, on the element's timeline, or all ends; null while the edge is unknown. */
  const liveS = (nowMs: number): number | null => {
    const endS = engine?.endS() ?? null;
    if (endS !== null) return endS;
    const edgeMs = engine?.edgeMs(nowMs) ?? null;
    return edgeMs === null ? null : (edgeMs - targetMs()) / 1000;
  };

  const goBack = (toS: number): void => {
    store.set({ following: false });
    video.currentTime = Math.max(toS, (engine?.earliestS() ?? 0) + MARGIN_S);
    showPosition(performance.now());
  };

  const showPosition = (nowMs: number): void => {
    const live = liveS(nowMs);
    const earliest = engine?.earliestS() ?? null;
    if (live !== null && earliest !== null) {
      store.set({
        behindS: store.get().following ? 0 : Math.max(0, Math.round(live - video.currentTime)),
        windowS: Math.max(0, Math.floor(live - earliest - MARGIN_S)),
      });
    }
    const dateUnixMs = engine?.programmeDateUnixMs() ?? null;
    store.set({ dateUnixMs: dateUnixMs === null ? null : Math.floor(dateUnixMs / 1000) * 1000 });
  };

  const returnToDate = (): void => {
    if (returnToUnixMs === null || video.readyState === 0) return;
    const toS = engine?.timeOfDateS(returnToUnixMs) ?? null;
    if (toS === null && kind === 'live') return;
    returnToUnixMs = null;
    // Nothing was recorded after it.
    if (toS === null) store.set({ status: 'finished' });
    else if (!store.get().following) video.currentTime = toS;
  };

  const tick = (): void => {
    const nowMs = performance.now();
    const slept = nowMs - lastTickAtMs > SLEPT_MS;
    lastTickAtMs = nowMs;
    if (slept) stallWatch.reset();
    if (kind === 'live') store.set({ rate: latency.keep(nowMs, store.get().following) });
    if (engine?.finished() === true && kind === 'live' && video.ended) store.set({ status: 'finished' });
    const watching = wantsToPlay && engine !== null && !video.ended && store.get().status !== 'finished';
    if (stallWatch.check(nowMs, video.currentTime, watching && store.get().firstFrame)) {
      onTrouble('stall', `at ${video.currentTime.toFixed(2)} s`);
    }
    returnToDate();
    if (kind === 'live') {
      store.set({ over: engine?.finished() === true });
      showPosition(nowMs);
    }
    const dateUnixMs = engine?.programmeDateUnixMs() ?? null;
    store.set({
      positionS: video.currentTime,
      durationS: Number.isFinite(video.duration) ? video.duration : 0,
      latencyMs:
        kind === 'live' && dateUnixMs !== null && store.get().firstFrame
          ? Math.round(Date.now() + options.serverOffsetMs() - dateUnixMs)
          : null,
    });
  };

  const onProgress = (): void => {
    sourceIsNew = false;
    freeze.release();
    repair.moving();
    if (!store.get().firstFrame) {
      store.set({ firstFrame: true });
      options.onFirstFrame();
      tick();
    }
    if (!video.paused) store.set({ status: 'playing' });
  };

  // Before the first picture of another place is shown.
  on(video, 'loadedmetadata', returnToDate);
  on(video, 'playing', onProgress);
  on(video, 'waiting', () => {
    const asked = video.seeking || latency.seeking() || sourceIsNew;
    if (asked || store.get().status !== 'playing' || engine?.finished()) return;
    latency.stalled();
    store.set({ stalls: store.get().stalls + 1, status: 'recovering' });
  });
  on(video, 'pause', () => {
    // A pause that nobody here asked for (a headset's button, another app) is a pause all the same; a source being
    // replaced also "pauses" and is played again by onNewSource.
    if (video.ended || video.readyState === 0) return;
    if (wantsToPlay && document.visibilityState === 'visible' && video.error === null) wantsToPlay = false;
    if (!wantsToPlay) store.set({ status: 'paused', following: false });
  });
  on(video, 'play', () => {
    wantsToPlay = true;
  });
  on(video, 'volumechange', () => {
    store.set({ muted: video.muted, volume: video.volume });
    if (!video.muted) store.set({ needsTap: false });
  });
  on(video, 'ended', () => {
    if (kind === 'recording' || engine?.finished()) store.set({ status: 'finished' });
  });
  on(document, 'visibilitychange', () => {
    if (document.visibilityState === 'visible') {
      stallWatch.reset();
      void tryToPlay();
    }
  });
  on(window, 'online', () => {
    if (store.get().status === 'recovering') apply('reload');
  });
  on(window, 'pagehide', () => {
    const estimate = engine?.bandwidthEstimate?.();
    if (estimate) keep.write('bandwidth', String(Math.min(20_000_000, Math.round(estimate))));
  });

  const timer = setInterval(tick, TICK_MS);
  startOrRetry();

  const goLive = (): void => {
    store.set({ following: true, behindS: 0 });
    returnToUnixMs = null;
    latency.restart();
    const endS = engine?.endS() ?? null;
    if (endS === null) latency.jump(performance.now());
    else video.currentTime = endS;
    wantsToPlay = true;
    void tryToPlay();
  };

  return {
    state: store,
    play() {
      wantsToPlay = true;
      void tryToPlay();
    },
    pause() {
      wantsToPlay = false;
      video.pause();
      store.set({ status: 'paused', following: false });
    },
    goLive,
    seekBy(seconds) {
      const toS = video.currentTime + seconds;
      if (kind === 'recording') {
        video.currentTime = Math.min(Math.max(0, toS), video.duration || toS);
        return;
      }
      const live = liveS(performance.now());
      if (live !== null && toS > live - 0.5) goLive();
      else if (live !== null || seconds < 0) goBack(toS);
    },
    seekToBehind(behindS) {
      const live = liveS(performance.now());
      if (behindS < 1) goLive();
      else if (live !== null) goBack(live - behindS);
    },
    seekTo(positionS) {
      video.currentTime = positionS;
      if (store.get().status === 'finished') {
        wantsToPlay = true;
        store.set({ status: 'playing' });
        void tryToPlay();
      }
    },
    setMuted(muted) {
      video.muted = muted;
    },
    setVolume(volume) {
      video.volume = Math.min(1, Math.max(0, volume));
      if (volume > 0) video.muted = false;
    },
    setSpeed(speed) {
      if (kind !== 'recording') return;
      video.playbackRate = speed;
      store.set({ rate: speed });
    },
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
