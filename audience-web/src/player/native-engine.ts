import type { Engine, EngineEvents } from './engine.ts';

/** Safari's own date at the start of the element's timeline (WebKit; not in the DOM typings). */
interface DatedMedia extends HTMLVideoElement {
  getStartDate?: () => Date;
}

/**
 * Playback by the browser itself (iPhones have no Media Source Extensions). It keeps its own latency and chooses its own
 * rendition, so the quality menu stays empty and the rate is left alone.
 */
export function createNativeEngine(options: {
  readonly video: HTMLVideoElement;
  readonly url: string;
  readonly events: EngineEvents;
}): Engine {
  const { video, url, events } = options;
  const load = (): void => {
    video.src = url;
    video.load();
    events.onNewSource();
  };
  const onError = (): void => {
    const code = video.error?.code;
    events.onTrouble(
      code === MediaError.MEDIA_ERR_NETWORK ? 'network' : 'decode',
      `media error ${code ?? '?'}`,
    );
  };
  video.addEventListener('error', onError);
  /** Unix ms of the timeline's zero; NaN where the browser does not tell. */
  const startUnixMs = (): number => (video as DatedMedia).getStartDate?.().getTime() ?? Number.NaN;
  load();
  return {
    choices: () => [],
    chosen: () => 'auto',
    choose: () => undefined,
    playingHeight: () => video.videoHeight || null,
    edgeMs: () => null,
    sheds: () => false,
    reloadsHeld: () => true,
    earliestS: () => (video.seekable.length > 0 ? video.seekable.start(0) : null),
    timeOfDateS(dateUnixMs) {
      const timeS = (dateUnixMs - startUnixMs()) / 1000;
      return timeS >= 0 && timeS < video.duration ? timeS : null;
    },
    finished: () => Number.isFinite(video.duration),
    listedS: () => (video.seekable.length > 0 ? video.seekable.end(0) : null),
    endS: () => (Number.isFinite(video.duration) ? video.duration : null),
    programmeDateUnixMs() {
      const zeroUnixMs = startUnixMs();
      return Number.isNaN(zeroUnixMs) ? null : zeroUnixMs + video.currentTime * 1000;
    },
    remedy: load,
    destroy() {
      video.removeEventListener('error', onError);
      video.removeAttribute('src');
      video.load();
    },
  };
}

/** True when the element plays HLS without our help. */
export const nativeHlsSupported = (video: HTMLVideoElement): boolean =>
  video.canPlayType('application/vnd.apple.mpegurl') !== '';
