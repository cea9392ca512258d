/** Recordings and their media: of channels that are over from files, of those that grow from what is shown. */
import { stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { PROFILES } from '@rostrum/contracts/profile';
import { downloadOf } from '../download/names.ts';
import {
  ABOUT_NAME,
  MULTIVARIANT_NAME,
  parseMediaName,
  playedNames,
  withMediaInPlace,
} from '../packager/index.ts';
import { sendDownload } from './downloads.ts';
import type { FileSender } from './files.ts';
import type { GrowingRecording } from './growing-recording.ts';
import type { OriginOptions, OriginRequest, OriginResponse } from './interface.ts';
import { KeptFiles } from './kept-files.ts';
import { MEDIA_TYPE } from './live-channel.ts';
import { mediaHeaders, PLAYLIST_TYPE, type Responder, type SharedBody } from './responder.ts';

/** What lies beside a recording's playlists: what is told of it, its poster, captions. */
const BESIDE_NAME = /^(?:about\.json|poster\.jpg|[A-Za-z0-9_-]{1,64}\.vtt)$/;
const PLAYLIST_NAME = /^[A-Za-z0-9_-]{1,32}\.m3u8$/;
/** Of recordings, which have no profile any more: one object, so that what is made of it is made once. */
const PLAYLIST_HEADERS = mediaHeaders('recording-playlist', PROFILES.standard, PLAYLIST_TYPE);
/** While it grows: its end is seen within a second, by way of an edge too (P10). */
const GROWING_HEADERS = mediaHeaders('playlist-at-once', PROFILES.standard, PLAYLIST_TYPE);
const MEDIA_HEADERS = mediaHeaders('media', PROFILES.standard, MEDIA_TYPE);
/** What lies beside a recording's playlists may be written anew, as they are: caches ask for it as often. */
const BESIDE_HEADERS = new Map(
  Object.entries({
    '.json': 'application/json',
    '.jpg': 'image/jpeg',
    '.vtt': 'text/vtt; charset=utf-8',
  }).map(([type, contentType]) => [
    type,
    {
      over: mediaHeaders('recording-playlist', PROFILES.standard, contentType),
      growing: mediaHeaders('playlist-at-once', PROFILES.standard, contentType),
    },
  ]),
);

export interface RecordedOptions extends Pick<OriginOptions, 'archiveDir' | 'hasEnded' | 'logger'> {
  readonly responder: Responder;
  readonly files: FileSender;
  /** Of a channel that is served; undefined: it is not. */
  readonly growing: (channelId: string) => GrowingRecording | undefined;
}

export class Recorded {
  readonly #options: RecordedOptions;
  readonly #kept = new KeptFiles(() => performance.now());
  /** Of a playlist: the media that it plays. */
  readonly #played = new WeakMap<SharedBody, ReadonlySet<string>>();

  constructor(options: RecordedOptions) {
    this.#options = options;
  }

  /** `/recordings/<channelId>/<name>`, of which `isMedia` does not hold. */
  handle(request: OriginRequest, response: OriginResponse, channelId: string, name: string): void {
    const { responder, files } = this.#options;
    const download = downloadOf(name);
    if (download !== undefined) {
      sendDownload(files, request, response, this.#pathOf(channelId), download);
      return;
    }
    const beside = BESIDE_NAME.test(name) ? BESIDE_HEADERS.get(extname(name)) : undefined;
    if (!beside && !PLAYLIST_NAME.test(name)) {
      responder.error(response, 'recording', 404, 'not-found');
      return;
    }
    const growing = this.#growing(channelId, name);
    const over = growing === 'over';
    const playlist = over ? PLAYLIST_HEADERS : GROWING_HEADERS;
    const headers = beside ? beside[over ? 'over' : 'growing'] : playlist;
    const found = over ? this.#ofFiles(channelId, name, beside !== undefined) : growing;
    this.#answer(response, channelId, Promise.resolve(found), (body) => {
      if (body) responder.shared(request, response, 'recording', body, headers);
      else responder.error(response, 'recording', 404, 'not-found');
    });
  }

  /** What pages are told of a recording; undefined: nothing is. Rejects with the file system's error. */
  async about(channelId: string): Promise<SharedBody | undefined> {
    const growing = this.#growing(channelId, ABOUT_NAME);
    return growing === 'over' ? this.#ofFiles(channelId, ABOUT_NAME, true) : growing;
  }

  /** Media of a channel that is not served here any more, or not yet. */
  media(request: OriginRequest, response: OriginResponse, channelId: string, name: string): void {
    const { responder } = this.#options;
    this.#answer(response, channelId, this.#stateOf(channelId, name), (state) => {
      if (state === 'played') this.send(request, response, channelId, name);
      else if (state === 'none') responder.error(response, 'recording', 404, 'not-found');
      // A file may have been cut short by a crash, and caches would keep it so: whoever takes the channel up again knows.
      else responder.error(response, 'recording', 503, 'not-running');
    });
  }

  /** A file of a channel, or a slice of it as if it were one. @param name that `isMedia` holds for */
  send(
    request: OriginRequest,
    response: OriginResponse,
    channelId: string,
    name: string,
    slice?: { readonly start: number; readonly length: number },
  ): void {
    const path = join(this.#pathOf(channelId), name);
    const answer = { path, slice, metricClass: 'recording', headers: MEDIA_HEADERS } as const;
    this.#options.files.send(request, response, answer);
  }

  #growing(channelId: string, name: string): ReturnType<GrowingRecording['get']> {
    const served = this.#options.growing(channelId);
    return served ? served.get(name) : 'over';
  }

  #answer<T>(response: OriginResponse, channelId: string, found: Promise<T>, say: (found: T) => void): void {
    const { responder, logger } = this.#options;
    found
      .then((it) => {
        if (!response.destroyed) say(it);
      })
      .catch((error: unknown) => {
        logger.error({ err: error, channelId }, 'recording could not be read');
        responder.error(response, 'recording', 500, 'internal');
      });
  }

  /**
   * `begun`: it is not over, and somebody may take it up. Its playlists are written last of all; of what is cut and of what is for
   * nobody they name nothing.
   */
  async #stateOf(channelId: string, name: string): Promise<'played' | 'begun' | 'none'> {
    const multivariant = await this.#playlistOf(channelId, MULTIVARIANT_NAME);
    if (multivariant) {
      for (const playlist of this.#namesIn(multivariant)) {
        const media = await this.#playlistOf(channelId, playlist);
        if (media && this.#namesIn(media).has(name)) return 'played';
      }
      return 'none';
    }
    const folder = await stat(this.#pathOf(channelId)).catch(() => null);
    return folder && !(await this.#options.hasEnded?.(channelId)) ? 'begun' : 'none';
  }

  #namesIn(body: SharedBody): ReadonlySet<string> {
    const known = this.#played.get(body);
    if (known) return known;
    const names = playedNames(body.plain.toString());
    this.#played.set(body, names);
    return names;
  }

  #playlistOf(channelId: string, name: string): Promise<SharedBody | undefined> {
    return this.#kept.get(join(this.#pathOf(channelId), name), (bytes) =>
      Buffer.from(withMediaInPlace(bytes.toString(), channelId)),
    );
  }

  /** What lies beside is there with the playlists alone: of a recording that is for nobody there is no picture either. */
  async #ofFiles(channelId: string, name: string, beside: boolean): Promise<SharedBody | undefined> {
    if (!beside) return this.#playlistOf(channelId, name);
    if (!(await this.#playlistOf(channelId, MULTIVARIANT_NAME))) return undefined;
    return this.#kept.get(join(this.#pathOf(channelId), name));
  }

  #pathOf(channelId: string): string {
    return join(this.#options.archiveDir, channelId);
  }
}

/** Of media that lie on disk, which parts do not. */
export function isMedia(name: string): boolean {
  const media = parseMediaName(name);
  return media !== undefined && media.kind !== 'part';
}
