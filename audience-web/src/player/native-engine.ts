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
  load();
  return {
    choices: () => [],
    chosen: () => 'auto',
    choose: () => undefined,
    playingHeight: () => video.videoHeight || null,
    edgeMs: () => null,
    earliestS: () => (video.seekable.length > 0 ? video.seekable.start(0) : null),
    timeOfDateS: () => null,
    finished: () => Number.isFinite(video.duration),
    programmeDateUnixMs() {
      const startUnixMs = (video as DatedMedia).getStartDate?.().getTime() ?? Number.NaN;
      return Number.isNaN(startUnixMs) ? null : startUnixMs + video.currentTime * 1000;
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
