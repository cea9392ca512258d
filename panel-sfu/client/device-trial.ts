import { createStore, type Store } from '@rostrum/room-client/store';
import { setOutput } from './sound.ts';

/** Hearing the speaker, and hearing and seeing oneself as others will. */
export type TrialState =
  | { readonly is: 'idle' }
  | { readonly is: 'sounding' }
  | { readonly is: 'recording' }
  /** An object URL, good until the next state. */
  | { readonly is: 'playing'; readonly url: string }
  | { readonly is: 'failed' };

export interface DeviceTrial {
  readonly state: Store<{ readonly now: TrialState }>;
  /** Two notes out of the output; null: the system's own. */
  sound(outputId: string | null): Promise<void>;
  /** Three seconds of these tracks, to be played at the URL of the state that follows. */
  record(tracks: readonly MediaStreamTrack[]): Promise<void>;
  /** The recording was played, or nobody wants it any more. */
  done(): void;
}

export const RECORDING_MS = 3000;
const NOTES_HZ = [523.25, 659.25];
const NOTE_S = 0.45;

/** One trial at a time; another one waits for no end of the first. Never throws. */
export function createTrial(): DeviceTrial {
  const store = createStore<{ readonly now: TrialState }>({ now: { is: 'idle' } });
  let stopped = new AbortController();

  const become = (now: TrialState): void => {
    const before = store.get().now;
    if (before.is === 'playing') URL.revokeObjectURL(before.url);
    store.set({ now });
  };
  const attempt = async (during: TrialState, run: (signal: AbortSignal) => Promise<TrialState>) => {
    stopped.abort();
    const mine = new AbortController();
    stopped = mine;
    become(during);
    try {
      const after = await run(mine.signal);
      if (!mine.signal.aborted) become(after);
      else if (after.is === 'playing') URL.revokeObjectURL(after.url);
    } catch (error) {
      console.info('rostrum devices: the trial failed', error);
      if (!mine.signal.aborted) become({ is: 'failed' });
    }
  };

  return {
    state: store,
    sound: (outputId) =>
      attempt({ is: 'sounding' }, async (signal) => {
        await playNotes(outputId, signal);
        return { is: 'idle' };
      }),
    record: (tracks) =>
      attempt({ is: 'recording' }, async (signal) => {
        const blob = await recordMoment(tracks, signal);
        return { is: 'playing', url: URL.createObjectURL(blob) };
      }),
    done() {
      stopped.abort();
      become({ is: 'idle' });
    },
  };
}

const ended = (target: EventTarget, name: string, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    target.addEventListener(name, () => resolve(), { once: true });
    signal.addEventListener('abort', () => resolve(), { once: true });
  });

async function playNotes(outputId: string | null, signal: AbortSignal): Promise<void> {
  const context = new AudioContext();
  try {
    const out = context.createMediaStreamDestination();
    const element = new Audio();
    element.srcObject = out.stream;
    await setOutput(element, outputId);
    await Promise.all([context.resume(), element.play()]);
    let last: OscillatorNode | null = null;
    for (const [i, hz] of NOTES_HZ.entries()) {
      const startS = context.currentTime + i * NOTE_S;
      const note = new OscillatorNode(context, { frequency: hz });
      const level = new GainNode(context, { gain: 0 });
      // Soft at both ends, or it clicks.
      level.gain.setValueAtTime(0, startS);
      level.gain.linearRampToValueAtTime(0.25, startS + 0.03);
      level.gain.linearRampToValueAtTime(0, startS + NOTE_S);
      note.connect(level).connect(out);
      note.start(startS);
      note.stop(startS + NOTE_S);
      last = note;
    }
    if (last) await ended(last, 'ended', signal);
    element.pause();
  } finally {
    await context.close();
  }
}

async function recordMoment(tracks: readonly MediaStreamTrack[], signal: AbortSignal): Promise<Blob> {
  const recorder = new MediaRecorder(new MediaStream([...tracks]));
  const chunks: Blob[] = [];
  recorder.addEventListener('dataavailable', ({ data }) => chunks.push(data));
  const over = ended(recorder, 'stop', signal);
  recorder.start();
  const timer = setTimeout(() => recorder.stop(), RECORDING_MS);
  await over;
  clearTimeout(timer);
  if (recorder.state !== 'inactive') recorder.stop();
  return new Blob(chunks, { type: recorder.mimeType });
}
