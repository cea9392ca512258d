/** A private show with one clock on the stage, behind the edge over TLS, and what a viewer of it who is a program gets. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { type MediaPlaylist, readMediaPlaylist } from '@rostrum/conformance/media-playlist';
import { type Link, type MediaKey, RecordingAbout } from '@rostrum/contracts';
import type { Browser } from 'playwright-core';
import { launchChromium } from '../lib/browser.ts';
import type { Area } from '../lib/clock.ts';
import { openShow, type Show } from '../lib/show.ts';
import { System } from '../lib/system.ts';
import { cameraAreas, Viewer } from '../lib/viewer.ts';
import { type Senders, startSenders } from '../panelist/senders.ts';
import { clocksIn } from './decoded.ts';
import { drawnUnixMs } from './holes.ts';
import { type Aired, airedAt } from './programme.ts';
import { read, rightOf } from './right.ts';

const CANVAS = { width: 1280, height: 720 };

export interface Picture {
  /** In the file. */
  readonly atMs: number;
  readonly drawnAtUnixMs: number;
}

/** Live, with isolated tracks of who is on the stage, who agreed to it. */
export class PrivateShow {
  readonly system: System;
  readonly browser: Browser;
  readonly show: Show;
  /** For files. */
  readonly folder: string;
  /** Where the clock is in the picture. */
  readonly area: Area;
  readonly liveUnixMs: number;
  /** As it is from going live on. */
  readonly recordingUrl: string;
  /** Value of a viewer's cookie. */
  readonly right: string;
  readonly #senders: Senders;

  private constructor(
    parts: Pick<
      PrivateShow,
      'system' | 'browser' | 'show' | 'folder' | 'area' | 'liveUnixMs' | 'recordingUrl' | 'right'
    >,
    senders: Senders,
  ) {
    this.system = parts.system;
    this.browser = parts.browser;
    this.show = parts.show;
    this.folder = parts.folder;
    this.area = parts.area;
    this.liveUnixMs = parts.liveUnixMs;
    this.recordingUrl = parts.recordingUrl;
    this.right = parts.right;
    this.#senders = senders;
  }

  /** When a step fails, what was opened is closed. @param keys sign rights */
  static async open(keys: readonly MediaKey[], warn: (line: string) => void): Promise<PrivateShow> {
    const opened: (() => Promise<unknown> | unknown)[] = [];
    try {
      const folder = await mkdtemp(join(tmpdir(), 'rostrum-event-'));
      opened.push(() => rm(folder, { recursive: true, force: true }));
      const system = await System.start({
        args: ['--edge', '--tls'],
        env: { ROSTRUM_MEDIA_KEYS: keys.map(({ keyId, secret }) => `${keyId}:${secret}`).join(',') },
      });
      opened.push(() => system.stop());
      // The certificate that the launcher made, as somebody who trusts it.
      const certificate = join(system.home, 'tls', 'cert.pem');
      setDefaultCACertificates([...getCACertificates('default'), await readFile(certificate, 'utf8')]);
      const senders = await startSenders(warn, { NODE_EXTRA_CA_CERTS: certificate });
      opened.push(() => senders.close());
      const browser = await launchChromium();
      opened.push(() => browser.close());
      const show = await openShow({
        ...{ api: system.api, browser: null, title: 'An evening', profile: 'standard', access: 'private' },
        ...{ direction: 'automatic', progress: () => undefined },
        cast: [senders.clock('Ada', { hue: 255, flash: true, pilotHz: 700 })],
      });
      opened.push(() => show.host.close());
      await show.host.command('tracks:set', { record: true });
      const { phase } = show.host.view();
      if (phase.phase !== 'live') throw new Error('not live');
      const { scene } = await show.host.until('Ada on air', (v) => (v.scene?.onAir.length ?? 0) > 0);
      const area = scene && cameraAreas(scene).get(show.panelists[0]?.personId ?? '');
      if (!area) throw new Error('Ada has no tile');
      const { webinarId } = show.webinar;
      const { token } = await system.api.createLink(webinarId, { role: 'attendee', name: 'A program' });
      const right = await rightOf(system.addresses.console, webinarId, token);
      const recordingUrl = phase.playlistUrl.replace('/live/', '/recordings/');
      const liveUnixMs = phase.sinceUnixMs;
      return new PrivateShow(
        { system, browser, show, folder, area, liveUnixMs, recordingUrl, right },
        senders,
      );
    } catch (error) {
      for (const close of opened.toReversed()) await close();
      throw error;
    }
  }

  get webinarId(): string {
    return this.show.webinar.webinarId;
  }

  attendee(name: string): Promise<Link> {
    return this.system.api.createLink(this.webinarId, { role: 'attendee', name });
  }

  async watch(name: string): Promise<Viewer> {
    return await Viewer.open(this.browser, (await this.attendee(name)).url);
  }

  /** Of what lies beside the recording's playlists. */
  addressOf(path: string): string {
    return new URL(path, this.recordingUrl).href;
  }

  /** As the edge says. */
  async playlistOf(rendition: string): Promise<MediaPlaylist> {
    return readMediaPlaylist((await read(this.addressOf(`${rendition}.m3u8`), this.right)).toString());
  }

  async about(): Promise<RecordingAbout> {
    return RecordingAbout.parse(
      JSON.parse((await read(this.addressOf('about.json'), this.right)).toString()),
    );
  }

  /** @returns a file of it */
  async save(path: string, name: string): Promise<string> {
    const file = join(this.folder, name);
    await writeFile(file, await read(this.addressOf(path), this.right));
    return file;
  }

  /** The pictures of a file that plays what the playlist does, as far as they tell when they were drawn. */
  async picturesOf(file: string, aired: readonly Aired[]): Promise<Picture[]> {
    const seen = await clocksIn(file, this.area, CANVAS);
    return seen.flatMap(({ atMs, reading }) =>
      reading === null ? [] : [{ atMs, drawnAtUnixMs: drawnUnixMs(reading, airedAt(aired, atMs)) }],
    );
  }

  async close(): Promise<void> {
    try {
      await this.browser.close();
      this.show.host.close();
      await this.#senders.close();
    } finally {
      await this.system.stop();
      await rm(this.folder, { recursive: true, force: true });
    }
  }
}
