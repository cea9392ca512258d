/** hls.js and Shaka Player as they come from npm, each alone on a bare page: none of our player's code is here. */
import { createReadStream } from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';

export type PlayerName = 'hls.js' | 'shaka';

export interface Watching {
  readonly url: string;
  /** 1, or faster for a recording. */
  readonly playbackRate: number;
  /** In low-latency mode. */
  readonly live: boolean;
  readonly deadlineMs: number;
  /** Where the last picture ends on the element's timeline, s. */
  readonly endS: number;
}

/** What was seen of the media element, from its first picture to `ended`, to a last picture that stands, or the deadline. */
interface Followed {
  readonly ended: boolean;
  /** The element's, at the end, s. */
  readonly durationS: number;
  readonly endedAtS: number;
  /** Length of what was played, without what was skipped, s. */
  readonly playedS: number;
  /** Wall clock minus programme time of the picture, every 250 ms while playing, ms. */
  readonly latenciesMs: readonly number[];
  /** How often the element waited for data once it played. */
  readonly waits: number;
  readonly decodedFrames: number;
}

export interface Playback extends Followed {
  readonly fatalErrors: readonly string[];
  readonly errors: readonly string[];
}

declare global {
  interface Window {
    readonly video: HTMLVideoElement;
    /** `playingDate`: programme time of the picture that is shown. */
    readonly follow: (playingDate: () => Date | null, until: Watching) => Promise<Followed>;
  }
}

const resolve = createRequire(import.meta.url).resolve;
const SCRIPTS: Readonly<Record<string, string>> = {
  '/hls.js': resolve('hls.js/dist/hls.min.js'),
  '/shaka.js': resolve('shaka-player/dist/shaka-player.compiled.js'),
};
const PAGE = '<!doctype html><title>reader</title><video muted></video>';

/** Serves the bare page and the libraries, from another origin than the channel's. */
export class PlayerPages {
  readonly #server: http.Server;

  private constructor(server: http.Server) {
    this.#server = server;
  }

  static async open(): Promise<PlayerPages> {
    const server = http.createServer((request, response) => {
      const script = SCRIPTS[request.url ?? ''];
      response.setHeader('content-type', script ? 'text/javascript' : 'text/html');
      if (script) createReadStream(script).pipe(response);
      else response.end(PAGE);
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    return new PlayerPages(server);
  }

  /** Plays to the end or the deadline in a page of its own. */
  async watch(browser: Browser, player: PlayerName, watching: Watching): Promise<Playback> {
    const base = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    const page = await browser.newPage();
    try {
      await page.addInitScript(installFollow);
      await page.goto(base);
      await page.addScriptTag({ url: player === 'hls.js' ? '/hls.js' : '/shaka.js' });
      return await page.evaluate(player === 'hls.js' ? playWithHlsJs : playWithShaka, watching);
    } finally {
      await page.close();
    }
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((closed) => this.#server.close(() => closed()));
  }
}

/** Runs in the page, before the player's script. */
function installFollow(): void {
  const follow: Window['follow'] = async (playingDate, { deadlineMs, endS }) => {
    /** The last picture stands for so long without an `ended`: there will be none. */
    const STANDS_MS = 5000;
    const { video } = window;
    const latenciesMs: number[] = [];
    let waits = 0;
    video.addEventListener('waiting', () => {
      if (video.currentTime > 0 && !video.ended) waits += 1;
    });
    const sampling = setInterval(() => {
      const date = video.paused ? null : playingDate();
      if (date) latenciesMs.push(Date.now() - date.getTime());
    }, 250);
    let standing = false;
    const ended = await new Promise<boolean>((done) => {
      video.addEventListener('ended', () => done(true), { once: true });
      setTimeout(() => done(false), deadlineMs);
      video.addEventListener('timeupdate', () => {
        if (standing || video.currentTime <= endS - 0.1) return;
        standing = true;
        setTimeout(() => done(false), STANDS_MS);
      });
    });
    clearInterval(sampling);
    let playedS = 0;
    for (let i = 0; i < video.played.length; i += 1) playedS += video.played.end(i) - video.played.start(i);
    const decodedFrames = video.getVideoPlaybackQuality().totalVideoFrames;
    const { duration: durationS, currentTime: endedAtS } = video;
    return { ended, durationS, endedAtS, playedS, latenciesMs, waits, decodedFrames };
  };
  Object.defineProperty(window, 'video', { get: () => document.querySelector('video') });
  Object.assign(window, { follow });
}

/** Runs in the page. */
async function playWithHlsJs(watching: Watching): Promise<Playback> {
  const { url, playbackRate, live } = watching;
  interface HlsError {
    readonly fatal: boolean;
    readonly details: string;
  }
  interface HlsPlayer {
    readonly playingDate: Date | null;
    on(event: 'hlsError', listener: (event: string, error: HlsError) => void): void;
    loadSource(url: string): void;
    attachMedia(video: HTMLVideoElement): void;
    destroy(): void;
  }
  const { Hls, video } = window as unknown as Window & { Hls: new (config: object) => HlsPlayer };
  const errors: string[] = [];
  const fatalErrors: string[] = [];
  const hls = new Hls({ lowLatencyMode: live });
  hls.on('hlsError', (_event, { fatal, details }) => (fatal ? fatalErrors : errors).push(details));
  const followed = window.follow(() => hls.playingDate, watching);
  hls.loadSource(url);
  hls.attachMedia(video);
  video.defaultPlaybackRate = playbackRate;
  video.playbackRate = playbackRate;
  await video.play();
  const seen = await followed;
  hls.destroy();
  return { ...seen, fatalErrors, errors };
}

/** Runs in the page. */
async function playWithShaka(watching: Watching): Promise<Playback> {
  const { url, playbackRate, live } = watching;
  interface ShakaError {
    readonly severity: number;
    readonly code: number;
    readonly data: readonly unknown[];
  }
  interface ShakaPlayer {
    attach(video: HTMLVideoElement): Promise<void>;
    configure(config: object): boolean;
    load(url: string): Promise<void>;
    isLive(): boolean;
    retryStreaming(delayS: number): boolean;
    getPlayheadTimeAsDate(): Date | null;
    addEventListener(type: 'error', listener: (event: { readonly detail: ShakaError }) => void): void;
    destroy(): Promise<void>;
  }
  const { shaka, video } = window as unknown as Window & { shaka: { Player: new () => ShakaPlayer } };
  const errors: string[] = [];
  const fatalErrors: string[] = [];
  const player = new shaka.Player();
  player.addEventListener('error', ({ detail: { severity, code, data } }) => {
    // An abandoned hint, 404 of its address (1001: BAD_HTTP_STATUS), is asked for again below, whatever it is called here.
    const goesOn = code === 1001 && data[1] === 404;
    (severity === 2 && !goesOn ? fatalErrors : errors).push(`${code} ${JSON.stringify(data)}`);
  });
  await player.attach(video);
  player.configure({
    streaming: {
      lowLatencyMode: live,
      // What an abandoned hint answers, 404, is no reason to give up, nor to change the rendition (docs/found-in-others.md).
      maxDisabledTime: 0,
      failureCallback: () => player.retryStreaming(0.1),
    },
  });
  await player.load(url);
  const followed = window.follow(() => (player.isLive() ? player.getPlayheadTimeAsDate() : null), watching);
  video.playbackRate = playbackRate;
  await video.play();
  const seen = await followed;
  await player.destroy();
  return { ...seen, fatalErrors, errors };
}
