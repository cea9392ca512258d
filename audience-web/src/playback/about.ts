import type { RecordingAbout } from '@rostrum/contracts/recording';

export type Chapter = RecordingAbout['chapters'][number];
export type CaptionFile = RecordingAbout['captions'][number];
export interface Download {
  readonly rendition: string;
  readonly bytes: number;
  readonly url: string;
}

/** What the page uses of `about.json`. Addresses are whole ones. */
export interface About {
  readonly live: boolean;
  /** In order, the first at 0 where there is any. */
  readonly chapters: readonly Chapter[];
  readonly posterUrl: string | null;
  /** Those that are ready. */
  readonly downloads: readonly Download[];
  readonly captions: readonly (CaptionFile & { readonly url: string })[];
}

export const NOTHING: About = { live: false, chapters: [], posterUrl: null, downloads: [], captions: [] };

/** `about.json` lies beside the recording's playlists. */
export const aboutUrlOf = (recordingUrl: string): string => new URL('about.json', recordingUrl).href;

type Fields = Readonly<Record<string, unknown>>;
const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : {};
const listOf = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value.map(fieldsOf) : []);
const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);
/** Not negative. */
const numberOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;

/**
 * Reads `RecordingAbout` (contracts/recording.ts) by hand: its validators would be a third of this page. What is not as it should
 * be is left out. @param url of the file itself
 */
export function readAbout(value: unknown, url: string): About {
  const about = fieldsOf(value);
  const urlOf = (path: unknown): string | null => {
    const text = textOf(path);
    return text === null || !URL.canParse(text, url) ? null : safe(new URL(text, url));
  };
  return {
    live: about.live === true,
    chapters: listOf(about.chapters)
      .flatMap(({ startMs, title, kind }): Chapter[] => {
        const start = numberOf(startMs);
        const name = textOf(title)?.trim() ?? '';
        return start === null || name === ''
          ? []
          : [{ startMs: start, title: name, kind: kind as Chapter['kind'] }];
      })
      .sort((a, b) => a.startMs - b.startMs),
    posterUrl: urlOf(about.poster),
    downloads: listOf(about.downloads).flatMap(({ state, rendition, bytes, path }): Download[] => {
      const url = urlOf(path);
      const name = textOf(rendition);
      if (state !== 'ready' || url === null || name === null) return [];
      return [{ rendition: name, bytes: numberOf(bytes) ?? 0, url }];
    }),
    captions: listOf(about.captions).flatMap(({ language, label, path }) => {
      const url = urlOf(path);
      const [lang, name] = [textOf(language), textOf(label)];
      return url === null || lang === null || name === null
        ? []
        : [{ language: lang, label: name, path: String(path), url }];
    }),
  };
}

/** No script hides in an address that is shown as a link. */
const safe = (url: URL): string | null => (/^https?:$/.test(url.protocol) ? url.href : null);

/** null: there is none (of an older recording), or it cannot be had now. Never rejects. */
export async function loadAbout(recordingUrl: string, signal: AbortSignal): Promise<About | null> {
  const url = aboutUrlOf(recordingUrl);
  try {
    const response = await fetch(url, { signal });
    return response.ok ? readAbout(await response.json(), url) : null;
  } catch {
    return null;
  }
}
