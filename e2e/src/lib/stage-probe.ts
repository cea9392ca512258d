import { type Picture, readClock } from './clock.ts';
import { tonesIn } from './tones.ts';

/** Runs inside a panelist's page and looks at what they see and hear of the others: pixels and samples. */
export interface StageProbe {
  /** The picture of a person's tile as it is now; null where there is none yet. */
  tile(personId: string, source: 'camera' | 'screen'): Tile | null;
  /** How far each tone stands out of all the others' sound together, dB. */
  tones(frequenciesHz: readonly number[]): Promise<number[]>;
}

export interface Tile {
  readonly nowUnixMs: number;
  /** The clock in the picture; null where none is readable. */
  readonly reading: number | null;
  readonly width: number;
  readonly height: number;
}

declare global {
  interface Window {
    stageProbe: StageProbe;
  }
}

let ear: AudioContext | null = null;

function pictureOf(video: HTMLVideoElement): Picture {
  const canvas = document.createElement('canvas');
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('no 2d canvas');
  context.drawImage(video, 0, 0);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

window.stageProbe = {
  tile(personId, source) {
    const screen = source === 'screen' ? '[data-screen]' : ':not([data-screen])';
    const video = document.querySelector<HTMLVideoElement>(
      `figure[data-person="${personId}"]${screen} video`,
    );
    if (!video || video.videoWidth === 0) return null;
    const picture = pictureOf(video);
    const { width, height } = picture;
    return {
      nowUnixMs: Date.now(),
      reading: readClock(picture, { x: 0, y: 0, width, height }),
      width,
      height,
    };
  },

  async tones(frequenciesHz) {
    ear ??= new AudioContext({ sampleRate: 48_000 });
    await ear.resume();
    const all = new GainNode(ear);
    for (const audio of document.querySelectorAll('audio')) {
      if (audio.paused || !(audio.srcObject instanceof MediaStream)) continue;
      ear.createMediaStreamSource(audio.srcObject).connect(all);
    }
    return tonesIn(all, frequenciesHz);
  },
};
