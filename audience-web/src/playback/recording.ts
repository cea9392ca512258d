import { createStore, type Store } from '@rostrum/room-client/store';
import { language } from '../messages.ts';
import { type About, loadAbout, NOTHING } from './about.ts';
import { type Captions, loadCaptions } from './captions.ts';
import type { Line } from './search.ts';
import { createThumbnails, type Thumbnails } from './thumbnails.ts';

export interface RecordingState {
  readonly about: About;
  /** `none`: there is no such file. */
  readonly captions: 'none' | 'off' | 'on' | 'failed';
  /** What was said, once it is loaded. */
  readonly said: readonly Line[];
}

/** What belongs to one recording besides its picture. Nothing of it is in the picture's way. */
export interface Recording {
  readonly state: Store<RecordingState>;
  /** Captions are shown in it. */
  attach(video: HTMLVideoElement): void;
  /** Loads what was said, for reading and searching. */
  listen(): void;
  toggleCaptions(): void;
  thumbnails(): Thumbnails | null;
  close(): void;
}

/** Chapters of what is still live come as they are made. */
const LOOK_AGAIN_MS = 15_000;

/** @param growing what is told of it changes, whatever it says itself */
export function createRecording(url: string, growing: boolean): Recording {
  const store = createStore<RecordingState>({ about: NOTHING, captions: 'none', said: [] });
  const closed = new AbortController();
  let video: HTMLVideoElement | null = null;
  let loading: Promise<Captions | null> | null = null;
  let thumbnails: Thumbnails | null | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const look = async (): Promise<void> => {
    const about = await loadAbout(url, closed.signal);
    if (closed.signal.aborted) return;
    if (about) {
      const { captions } = store.get();
      store.set({ about, captions: about.captions.length > 0 && captions === 'none' ? 'off' : captions });
    }
    if (about?.live ?? growing) timer = setTimeout(() => void look(), LOOK_AGAIN_MS);
  };
  void look();

  const captions = (): Promise<Captions | null> => {
    const files = store.get().about.captions;
    const file = files.find((one) => one.language.toLowerCase().startsWith(language)) ?? files[0];
    if (video === null || file === undefined) return Promise.resolve(null);
    loading ??= loadCaptions(video, file, closed.signal).then(
      (loaded) => {
        store.set({ said: loaded.lines });
        return loaded;
      },
      (error: unknown) => {
        if (!closed.signal.aborted) {
          console.info('rostrum: no captions', error);
          store.set({ captions: 'failed' });
        }
        loading = null;
        return null;
      },
    );
    return loading;
  };

  return {
    state: store,
    attach(element) {
      video = element;
    },
    listen: () => void captions(),
    toggleCaptions() {
      const { captions: now } = store.get();
      if (now === 'none') return;
      const on = now !== 'on';
      store.set({ captions: on ? 'on' : 'off' });
      void captions().then((loaded) => loaded?.show(store.get().captions === 'on'));
    },
    thumbnails() {
      thumbnails ??= createThumbnails(url);
      return thumbnails;
    },
    close() {
      clearTimeout(timer);
      closed.abort();
      thumbnails?.close();
    },
  };
}
