import { beepDetector } from './beep-detector.ts';
import { type Area, readClock } from './clock.ts';
import { tonesIn } from './tones.ts';

/**
 * Runs inside the watch page (bundled into an init script) and looks at what the viewer sees and hears: the pixels of the
 * <video> and the sound that leaves it. It touches nothing of the page's own code.
 */
export interface Probe {
  /** The clocks in the picture as it is now, at areas in canvas pixels (1280x720); null where none is readable. */
  clocks(areas: readonly Area[]): Clocks;
  /** How far each tone stands out of the sound around it, dB, over the last 0.7 s. */
  tones(frequenciesHz: readonly number[]): Promise<number[]>;
  /** Milliseconds by which each beep came after its flash, over `durationMs`. The page's CSP has to be off. */
  lipSync(area: Area, durationMs: number): Promise<number[]>;
  playback(): {
    readonly currentTime: number;
    readonly paused: boolean;
    readonly width: number;
    readonly totalFrames: number;
    readonly muted: boolean;
  };
}

export interface Clocks {
  readonly nowUnixMs: number;
  readonly readings: (number | null)[];
  /** By the programme date of the picture shown: since it came to the compositor. null while unknown. */
  readonly sinceMixMs: number | null;
  /** What is buffered ahead of the picture shown, ms. */
  readonly bufferMs: number;
  /** How the page plays, by its own word (audience-web/README.md). */
  readonly page: {
    readonly state: string;
    readonly level: string;
    readonly stalls: number;
    readonly rate: number;
  };
}

declare global {
  interface Window {
    probe: Probe;
  }
}

/** `window.rostrum` of the watch page. */
interface PageProbe {
  readonly state: string;
  readonly level: string;
  readonly stalls: number;
  playingDateUnixMs(): number | null;
}

const CANVAS = { width: 1280, height: 720 };

function video(): HTMLVideoElement {
  const element = document.querySelector('video');
  if (!element) throw new Error('the page shows no video');
  return element;
}

const picture = document.createElement('canvas');
picture.width = CANVAS.width;
picture.height = CANVAS.height;

interface Ear {
  readonly context: AudioContext;
  readonly source: MediaElementAudioSourceNode;
}
const ears = new WeakMap<HTMLVideoElement, Ear>();

/** An element's sound can be tapped once, and for good. */
async function listen(): Promise<Ear> {
  const element = video();
  const known = ears.get(element);
  if (known) return known;
  const context = new AudioContext({ sampleRate: 48_000 });
  await context.resume();
  const source = context.createMediaElementSource(element);
  source.connect(context.destination);
  const ear = { context, source };
  ears.set(element, ear);
  return ear;
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function firstRises(levels: readonly { atMs: number; on: boolean }[]): number[] {
  return levels.flatMap((level, i) => (level.on && i > 0 && !levels[i - 1]?.on ? [level.atMs] : []));
}

window.probe = {
  clocks(areas) {
    const element = video();
    const context = picture.getContext('2d', { willReadFrequently: true });
    if (!context) throw new Error('no 2d canvas');
    context.drawImage(element, 0, 0, CANVAS.width, CANVAS.height);
    const nowUnixMs = Date.now();
    const { data } = context.getImageData(0, 0, CANVAS.width, CANVAS.height);
    // The page's own word (audience-web/README.md); other pages have none.
    const { rostrum } = window as { rostrum?: PageProbe };
    const dateUnixMs = rostrum?.playingDateUnixMs() ?? null;
    const { buffered, currentTime } = element;
    return {
      nowUnixMs,
      readings: areas.map((area) => readClock({ ...CANVAS, data }, area)),
      sinceMixMs: dateUnixMs === null ? null : nowUnixMs - dateUnixMs,
      bufferMs: buffered.length === 0 ? 0 : (buffered.end(buffered.length - 1) - currentTime) * 1000,
      page: {
        state: rostrum?.state ?? '',
        level: rostrum?.level ?? '',
        stalls: rostrum?.stalls ?? 0,
        rate: element.playbackRate,
      },
    };
  },

  async tones(frequenciesHz) {
    const { source } = await listen();
    return tonesIn(source, frequenciesHz);
  },

  async lipSync(area, durationMs) {
    const { context, source } = await listen();
    const element = video();
    const flashes: { atMs: number; on: boolean }[] = [];
    const small = document.createElement('canvas');
    small.width = 8;
    small.height = 4;
    const draw = small.getContext('2d', { willReadFrequently: true });
    if (!draw) throw new Error('no 2d canvas');
    const endMs = performance.now() + durationMs;

    const onFrame = (_now: number, frame: VideoFrameCallbackMetadata): void => {
      const scale = { x: element.videoWidth / CANVAS.width, y: element.videoHeight / CANVAS.height };
      const lower = { y: area.y + area.height * 0.55, height: area.height * 0.4 };
      draw.drawImage(
        element,
        area.x * scale.x,
        lower.y * scale.y,
        area.width * scale.x,
        lower.height * scale.y,
        0,
        0,
        8,
        4,
      );
      const { data } = draw.getImageData(0, 0, 8, 4);
      const mean = data.reduce((sum, value, i) => (i % 4 === 3 ? sum : sum + value), 0) / (8 * 4 * 3);
      flashes.push({ atMs: frame.expectedDisplayTime, on: mean > 225 });
      if (performance.now() < endMs) element.requestVideoFrameCallback(onFrame);
    };
    element.requestVideoFrameCallback(onFrame);

    // 1 kHz against everything. The element hands its sound over as if it were heard at once and keeps its picture to
    // that, so what counts is when a block was taken from it, not when the loudspeaker plays it.
    const module = URL.createObjectURL(new Blob([beepDetector], { type: 'text/javascript' }));
    await context.audioWorklet.addModule(module);
    URL.revokeObjectURL(module);
    const band = context.createBiquadFilter();
    band.type = 'bandpass';
    band.frequency.value = 1000;
    band.Q.value = 4;
    const detector = new AudioWorkletNode(context, 'beep-detector', { numberOfOutputs: 0 });
    const beepsS: number[] = [];
    detector.port.onmessage = ({ data }: MessageEvent<number>) => beepsS.push(data);
    // Looking at the clock can only be late: the least difference is the nearest to the truth.
    let pageAheadMs = Number.POSITIVE_INFINITY;
    const watch = setInterval(() => {
      pageAheadMs = Math.min(pageAheadMs, performance.now() - context.currentTime * 1000);
    }, 15);
    source.connect(band).connect(detector);
    await wait(durationMs);
    clearInterval(watch);
    source.disconnect(band);
    band.disconnect();

    const beepStarts = beepsS.map((atS) => atS * 1000 + pageAheadMs);
    return firstRises(flashes).flatMap((flash) => {
      const nearest = beepStarts.toSorted((a, b) => Math.abs(a - flash) - Math.abs(b - flash))[0];
      return nearest === undefined || Math.abs(nearest - flash) > 1000 ? [] : [nearest - flash];
    });
  },

  playback() {
    const element = video();
    return {
      currentTime: element.currentTime,
      paused: element.paused,
      width: element.videoWidth,
      totalFrames: element.getVideoPlaybackQuality().totalVideoFrames,
      muted: element.muted,
    };
  },
};
