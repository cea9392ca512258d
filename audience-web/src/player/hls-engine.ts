import { SHEDDING_HEADER } from '@rostrum/contracts/playlist-headers';
import { keepIn } from '@rostrum/room-client/keep';
import Hls, { type ErrorData, type HlsConfig, type LevelDetails } from 'hls.js/light';
import { createEdgeClock } from './edge-clock.ts';
import type { Engine, EngineEvents, QualityChoice } from './engine.ts';
import { initialHeldReloads, observeReload } from './held-reloads.ts';
import { createPartHints, hintedPartLoader } from './hinted-part-loader.ts';
import { createLastPartsWatch, ROUNDING_S } from './last-parts.ts';
import { createLevelChoice, type LevelChoice } from './level-choice.ts';
import { programmeDateAt, timeOfDate } from './programme-time.ts';
import type { Trouble } from './recovery.ts';
import type { Tuning } from './tuning.ts';

export interface HlsEngineOptions {
  readonly video: HTMLVideoElement;
  readonly url: string;
  readonly kind: 'live' | 'recording';
  readonly tuning: Tuning;
  /** First guess at the network, bit/s, so that the first picture is already the right one. */
  readonly bandwidthGuess: number;
  readonly quality: string;
  readonly events: EngineEvents;
}

/** The newest listed part may be on its way, and one before it into the buffer. */
const NEAR_PARTS = 2.5;

/** How often it is looked whether an ended channel has been loaded to its end. */
const LOOK_AT_END_MS = 300;

/** How much hls.js 1.7.4 lets a segment lack before it counts as incomplete (its fragment tracker). */
const HLS_BUFFER_PADDING_S = 0.2;

/** An edge older than this tells nothing of where the edge is now. */
const EDGE_STALE_MS = 3000;

const retries = (maxNumRetry: number, retryDelayMs: number, maxRetryDelayMs: number) => ({
  maxNumRetry,
  retryDelayMs,
  maxRetryDelayMs,
  backoff: 'linear' as const,
});

/** Playback by hls.js (light build: no alternate audio, captions or DRM, none of which a channel has). */
export function createHlsEngine(options: HlsEngineOptions): Engine & { bandwidthEstimate(): number } {
  const { video, kind, tuning, events } = options;
  const edge = createEdgeClock();
  const hints = createPartHints();
  let hls: Hls | null = null;
  let details: LevelDetails | null = null;
  let edgeCc = 0;
  let reloads = initialHeldReloads;
  /** Once a source: what a start that fails needs next is no longer known. */
  let startFetched = false;
  /** What the origin leaves out because its machine is too slow. */
  let shed: readonly string[] = [];
  let edgeSeenAtMs = Number.NEGATIVE_INFINITY;
  let chosen = options.quality;
  let audioUrl: string | null = null;
  let videoChoices: QualityChoice[] = [];
  let bandwidth = options.bandwidthGuess;
  const partsPerSegment = Math.ceil(tuning.profile.segmentMs / tuning.profile.partMs);
  const newChoice = (firstGuess: number): LevelChoice =>
    createLevelChoice({
      firstGuess,
      partsPerSegment,
      partS: tuning.profile.partMs / 1000,
      isLeftOut: (height) => shed.includes(`${height}p`),
    });
  const debug = keepIn(() => localStorage).read('debug');
  let choice = newChoice(bandwidth);

  const targetMs = (): number => (reloads.held ? tuning.rate.targetMs : tuning.polledTargetMs);

  const config = (): Partial<HlsConfig> => ({
    // For looking into a viewer's trouble: localStorage['rostrum.debug'] = 'hls'.
    debug: debug === 'hls',
    lowLatencyMode: kind === 'live',
    ...(kind === 'live' ? { liveSyncDuration: targetMs() / 1000 } : {}),
    // Latency is ours to keep (rate-control.ts): hls.js must neither hurry nor fall back a second on each stall.
    maxLiveSyncPlaybackRate: 1,
    liveSyncOnStallIncrease: 0,
    liveDurationInfinity: true,
    // The default 0.25 s would let the look-up step over a whole part of 0.2 s.
    maxFragLookUpTolerance: kind === 'live' ? Math.min(0.25, tuning.profile.partMs / 4000) : 0.25,
    maxBufferLength: 20,
    // Live the browser does it, when it has no more room: hls.js 1.7 loses parts where it trims (docs/found-in-others.md).
    backBufferLength: kind === 'live' ? Number.POSITIVE_INFINITY : 60,
    detectStallWithCurrentTimeMs: 600,
    // fMP4 passes through untouched; a worker would only add a hop (and need its own file).
    enableWorker: false,
    capLevelToPlayerSize: true,
    testBandwidth: false,
    // A rendition that failed once is not failed for good.
    errorPenaltyExpireMs: 10_000,
    abrEwmaDefaultEstimate: bandwidth,
    enableDateRangeMetadataCues: false,
    enableEmsgMetadataCues: false,
    enableID3MetadataCues: false,
    manifestLoadPolicy: {
      default: { maxTimeToFirstByteMs: 5000, maxLoadTimeMs: 10_000, timeoutRetry: null, errorRetry: null },
    },
    playlistLoadPolicy: {
      default: {
        // A held request may take three target durations before the origin's 503 (LL15).
        maxTimeToFirstByteMs: tuning.profile.targetDurationS * 3000 + 4000,
        maxLoadTimeMs: tuning.profile.targetDurationS * 3000 + 8000,
        timeoutRetry: retries(1, 0, 0),
        // A channel's first seconds hold parts but no whole segment, which hls.js calls empty: ask on, stay on the level.
        errorRetry: retries(10, 250, 500),
      },
    },
    fragLoadPolicy: {
      default: {
        maxTimeToFirstByteMs: 8000,
        maxLoadTimeMs: 30_000,
        timeoutRetry: retries(1, 0, 0),
        errorRetry: retries(3, 200, 1000),
      },
    },
    ...(kind === 'live'
      ? {
          fLoader: hintedPartLoader(hints, Hls.DefaultConfig.loader, (transfer) => choice.observe(transfer)),
          abrController: choice.controller,
        }
      : {}),
  });

  const troubleOf = (data: ErrorData): Trouble => {
    if (data.details === 'manifestIncompatibleCodecsError') return 'unsupported';
    if (data.details.startsWith('manifest')) return 'multivariant';
    if (data.type === 'networkError') return 'network';
    return data.type === 'mediaError' || data.type === 'muxError' ? 'decode' : 'unsupported';
  };

  /** The hinted part of the level that is being loaded, and only where playback is near enough to want it. */
  const prefetch = (level: LevelDetails): void => {
    // 'plain' is for measuring what this saves.
    if (!level.live || debug === 'plain') return;
    const started = video.readyState > 0;
    if (!started && !startFetched) {
      const urls = startUrls(level, targetMs() / 1000);
      for (const url of urls) hints.prefetch(url);
      startFetched = urls.length > 0;
    }
    // While listed parts are still to be fetched, what is not even listed would only keep them waiting.
    const near = level.edge - bufferedUntil(video) <= NEAR_PARTS * tuning.profile.partMs * 1e-3;
    const uri = level.preloadHint?.TYPE === 'PART' ? level.preloadHint.URI : undefined;
    // Where parts come slower than they are made, one more at the same time only makes them all later.
    if (uri !== undefined && !video.paused && (near || !started) && hints.underWay() < 2) {
      hints.prefetch(new URL(uri, level.url).href);
    }
  };

  /** A jump to where nothing is buffered, near the edge: its parts are asked for together, too. */
  const prefetchForJump = (): void => {
    if (!details?.live || debug === 'plain') return;
    const { currentTime } = video;
    if (isBuffered(video.buffered, currentTime)) return;
    for (const url of startUrls(details, details.edge - currentTime)) hints.prefetch(url);
  };

  const applyChoice = (instance: Hls): void => {
    const index = instance.levels.findIndex((level) => String(level.height) === chosen);
    // Live it is ours to do, since what was chosen may not be made for a while. Neither way flushes anything: with half a second
    // buffered the next part is soon enough.
    if (kind === 'live') choice.prefer(index < 0 ? null : index);
    else instance.loadLevel = chosen === 'auto' ? -1 : index;
  };

  let lookingAtEnd: ReturnType<typeof setInterval> | undefined;
  const lookAtEnd = (instance: Hls): void => {
    const forgotten = createLastPartsWatch();
    lookingAtEnd ??= setInterval(() => {
      const last = details?.fragments.at(-1);
      if (details === null || last === undefined) return;
      if (!forgotten(bufferedUntil(video), { startS: last.start, endS: details.edge })) return;
      // Whole, from its key frame: after a new start the browser takes no other part. And anew: a segment that lacks less than its
      // padding counts as loaded for hls.js.
      instance.lowLatencyMode = false;
      instance.stopLoad();
      const startOffset = last.start - HLS_BUFFER_PADDING_S - ROUNDING_S;
      instance.trigger(Hls.Events.BUFFER_FLUSHING, {
        startOffset,
        endOffset: Number.POSITIVE_INFINITY,
        type: null,
      });
      instance.startLoad(-1);
    }, LOOK_AT_END_MS);
  };
  const stopLooking = (): void => {
    clearInterval(lookingAtEnd);
    lookingAtEnd = undefined;
  };

  const build = (): void => {
    stopLooking();
    if (hls) {
      bandwidth = hls.bandwidthEstimate || bandwidth;
      hls.destroy();
    }
    hints.clear();
    choice = newChoice(bandwidth);
    startFetched = false;
    edge.reset();
    details = null;
    const instance = new Hls(config());
    hls = instance;

    instance.on(Hls.Events.MANIFEST_LOADED, (_event, data) => {
      const alone = data.levels.find((level) => !level.height && !level.videoCodec);
      if (alone && data.levels.length > 1) audioUrl = alone.url;
    });
    instance.on(Hls.Events.MANIFEST_PARSED, () => {
      if (chosen !== 'audio') {
        videoChoices = instance.levels
          .map((level) => ({ id: String(level.height), height: level.height }))
          .reverse();
        applyChoice(instance);
      }
      events.onQuality();
    });
    // What was asked for ahead of another rendition only takes the network from this one.
    instance.on(Hls.Events.LEVEL_SWITCHING, () => hints.clear());
    instance.on(Hls.Events.FRAG_BUFFERED, (_event, { frag, part }) => {
      // Browsers round a buffer's end down. hls.js 1.7 allows for that by this time, which it does not set for segments that
      // came in parts: without it a rendition it switches to begins with the segment it has just completed.
      if (part && !Number.isFinite(frag.endDTS)) frag.endDTS = frag.end;
    });
    // All of an ended channel is in the buffer.
    instance.on(Hls.Events.BUFFER_EOS, stopLooking);
    instance.on(Hls.Events.LEVEL_SWITCHED, () => events.onQuality());
    instance.on(Hls.Events.LEVEL_LOADED, (_event, data) => {
      shed = headerOf(data.networkDetails, SHEDDING_HEADER)?.split(' ') ?? [];
      const { msn, part } = data.deliveryDirectives ?? {};
      if (kind === 'live' && data.details.live && msn !== undefined && part !== undefined) {
        const { lastPartSn, lastPartIndex } = data.details;
        reloads = observeReload(reloads, { msn, part }, { msn: lastPartSn, part: lastPartIndex });
        instance.config.liveSyncDuration = targetMs() / 1000;
      }
      // Before hls.js makes its own first requests of it.
      if (video.readyState === 0) prefetch(data.details);
    });
    instance.on(Hls.Events.LEVEL_UPDATED, (_event, data) => {
      details = data.details;
      choice.listed(data.level, data.details.partList?.at(-1)?.gap === true);
      if (!data.details.live) {
        if (kind === 'live') lookAtEnd(instance);
        return;
      }
      // What came before a restart of the encoder says nothing of where the edge is after it.
      const cc = (data.details.fragmentHint ?? data.details.fragments.at(-1))?.cc ?? 0;
      if (cc !== edgeCc) edge.reset();
      edgeCc = cc;
      if (data.details.advanced) {
        const now = performance.now();
        edgeSeenAtMs = now;
        edge.observe(now, data.details.edge * 1000);
      }
      prefetch(data.details);
    });
    instance.on(Hls.Events.ERROR, (_event, data) => {
      if (data.fatal) events.onTrouble(troubleOf(data), data.details);
    });

    instance.loadSource(chosen === 'audio' && audioUrl !== null ? audioUrl : options.url);
    instance.attachMedia(video);
    events.onNewSource();
  };

  build();
  if (kind === 'live') video.addEventListener('seeking', prefetchForJump);

  return {
    choices: () => (audioUrl === null ? videoChoices : [...videoChoices, { id: 'audio', height: null }]),
    chosen: () => chosen,
    choose(id) {
      const newSource = (id === 'audio') !== (chosen === 'audio');
      chosen = id;
      if (newSource) build();
      else if (hls) applyChoice(hls);
      events.onQuality();
    },
    playingHeight: () => (chosen === 'audio' ? null : (hls?.levels[hls.currentLevel]?.height ?? null)),
    edgeMs: (nowMs) =>
      details?.live === true && nowMs - edgeSeenAtMs < EDGE_STALE_MS ? edge.edgeAtMs(nowMs) : null,
    sheds: () => shed.length > 0,
    reloadsHeld: () => reloads.held,
    earliestS: () => (kind === 'live' && details !== null ? details.fragmentStart : null),
    timeOfDateS: (dateUnixMs) => (details ? timeOfDate(details.fragments, dateUnixMs) : null),
    finished: () => details !== null && !details.live,
    listedS: () => details?.edge ?? null,
    endS: () => (details !== null && !details.live ? details.edge : null),
    programmeDateUnixMs() {
      if (!details) return null;
      const hint = details.fragmentHint;
      return programmeDateAt(hint ? [...details.fragments, hint] : details.fragments, video.currentTime);
    },
    remedy(remedy) {
      switch (remedy) {
        case 'reload':
          hls?.stopLoad();
          hls?.startLoad(-1);
          return;
        case 'recover-media':
          hls?.recoverMediaError();
          events.onNewSource();
          return;
        case 'rebuild':
          build();
      }
    },
    destroy() {
      stopLooking();
      video.removeEventListener('seeking', prefetchForJump);
      hints.clear();
      hls?.destroy();
      hls = null;
    },
    bandwidthEstimate: () => hls?.bandwidthEstimate ?? bandwidth,
  };
}

/**
 * What the first picture needs: the init segment, and the parts from the last keyframe before the starting point to the
 * edge. hls.js asks for them one after another, a round trip each; asked for together they take one.
 */
function startUrls(level: LevelDetails, targetS: number): string[] {
  const parts = level.partList ?? [];
  const startS = level.edge - targetS;
  const first = parts.findLastIndex((part) => part.independent && part.start <= startS + 0.01);
  if (first < 0) return [];
  const init = parts[first]?.fragment.initSegment?.url;
  return [
    ...(init === undefined ? [] : [init]),
    ...parts.slice(first).flatMap((part) => (part.gap ? [] : [part.url])),
  ];
}

/** @param answer what hls.js made the request with */
function headerOf(answer: unknown, name: string): string | null {
  if (answer instanceof Response) return answer.headers.get(name);
  if (!(answer instanceof XMLHttpRequest)) return null;
  // All at once: asked for by a name that CORS hides it complains in the console.
  return new RegExp(`^${name}: *(.*?) *$`, 'im').exec(answer.getAllResponseHeaders())?.[1] ?? null;
}

/** End of what is buffered without a hole from the playhead on; the playhead where nothing is. */
function bufferedUntil({ buffered, currentTime }: HTMLVideoElement): number {
  for (let i = 0; i < buffered.length; i += 1) {
    if (buffered.start(i) <= currentTime && currentTime <= buffered.end(i)) return buffered.end(i);
  }
  return currentTime;
}

function isBuffered(buffered: TimeRanges, timeS: number): boolean {
  for (let i = 0; i < buffered.length; i += 1) {
    if (buffered.start(i) <= timeS && timeS < buffered.end(i)) return true;
  }
  return false;
}

/** Whether this browser can play by Media Source Extensions at all. */
export const hlsSupported = (): boolean => Hls.isSupported();
