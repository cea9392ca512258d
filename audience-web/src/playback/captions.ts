import type { Line } from './search.ts';

/** Above the controls, counted in lines from the picture's lower edge. */
const ABOVE_CONTROLS = -4;

export interface Captions {
  /** Whatever order the file has them in. */
  readonly lines: readonly Line[];
  show(on: boolean): void;
}

/**
 * Puts a WebVTT file beside the picture; the browser reads and shows it. Fetched first, since a track of another origin would need the
 * whole video to be fetched by its rules. Rejects when it cannot be had or read.
 */
export async function loadCaptions(
  video: HTMLVideoElement,
  file: { readonly url: string; readonly language: string; readonly label: string },
  signal: AbortSignal,
): Promise<Captions> {
  const response = await fetch(file.url, { signal });
  if (!response.ok) throw new Error(`captions: ${response.status}`);
  const url = URL.createObjectURL(new Blob([await response.text()], { type: 'text/vtt' }));
  const element = document.createElement('track');
  element.kind = 'captions';
  element.srclang = file.language;
  element.label = file.label;
  signal.addEventListener('abort', () => element.remove());
  try {
    await new Promise<void>((resolve, reject) => {
      element.addEventListener('load', () => resolve());
      element.addEventListener('error', () => reject(new Error('captions: no WebVTT')));
      signal.addEventListener('abort', () => reject(signal.reason));
      element.src = url;
      video.append(element);
      // Only what is not disabled is loaded.
      element.track.mode = 'hidden';
    });
  } finally {
    URL.revokeObjectURL(url);
  }
  const cues = [...(element.track.cues ?? [])].filter((cue): cue is VTTCue => cue instanceof VTTCue);
  for (const cue of cues) if (cue.line === 'auto') cue.line = ABOVE_CONTROLS;
  return {
    lines: cues.flatMap((cue): Line[] => {
      const text = (cue.getCueAsHTML().textContent ?? '').replace(/\s+/g, ' ').trim();
      return text === '' ? [] : [{ startS: cue.startTime, text, from: 'captions' }];
    }),
    show(on) {
      element.track.mode = on ? 'showing' : 'hidden';
    },
  };
}
