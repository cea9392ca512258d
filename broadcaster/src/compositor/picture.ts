/** Shows scenes: puts a drawn scene onto the running mix between two frames, and hides sources that went silent. */
import type { Rect, Tile } from '@rostrum/contracts/layout';
import type { Scene } from '@rostrum/contracts/scene';
import { type Element, type Pad, pushBuffer } from '@rostrum/node-gst';
import type { Drawings, Drawn, Overlay } from './drawings.ts';
import type { Mix } from './mix.ts';
import type { Source } from './source.ts';

/** A camera that sends nothing for this long shows its last picture until then, and its name card from then on. */
const FROZEN_AFTER_MS = 3000;
/** Screens that do not change send pictures rarely, or not at all. */
const SCREEN_FROZEN_AFTER_MS = 15_000;

/** Times in the past are due at once, so a canvas shows with the next frame that is mixed. */
const AT_ONCE_NS = 0;

const pixels = ({ x, y, width, height }: Rect): string => `${x} ${y} ${width} ${height}`;

/** Sets properties only when they change: each set takes the mixer's lock. */
class Remembered {
  readonly #last = new Map<string, number | string | boolean>();
  set(
    target: { set(name: string, value: number | string | boolean): void },
    name: string,
    value: number | string | boolean,
  ): void {
    if (this.#last.get(name) === value) return;
    target.set(name, value);
    this.#last.set(name, value);
  }
  forget(): void {
    this.#last.clear();
  }
}

interface Shown {
  readonly source: Source;
  readonly memory: Remembered;
  pad: Pad | null;
}

export class Picture {
  readonly #mix: Mix;
  readonly #drawings: Drawings;
  readonly #nowUnixMs: () => number;
  readonly #warn: (message: string, fields: object) => void;
  readonly #shown = new Map<Source, Shown>();
  readonly #overlayMemory: readonly Remembered[];
  #now: Drawn | null = null;
  #next: Drawn | null = null;
  #waiting: { scene: Scene; done: () => void }[] = [];
  #drawing = false;
  #tick: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(options: {
    mix: Mix;
    drawings: Drawings;
    nowUnixMs: () => number;
    warn: (message: string, fields: object) => void;
  }) {
    this.#mix = options.mix;
    this.#drawings = options.drawings;
    this.#nowUnixMs = options.nowUnixMs;
    this.#warn = options.warn;
    this.#overlayMemory = options.mix.overlays.map(() => new Remembered());
  }

  /** Resolves when the scene, or a later one, is on the mix. Scenes that a later one overtakes are never shown. */
  setScene(scene: Scene): Promise<void> {
    return new Promise((done) => {
      this.#waiting.push({ scene, done });
      void this.#draw();
    });
  }

  /** Draws and shows the first scene, before the mix plays: its first frame is complete. */
  async open(scene: Scene): Promise<void> {
    this.#next = await this.#drawings.draw(scene, this.#nowUnixMs());
    this.#apply();
  }

  /** Puts a source under the scene's rule. Its pad is hidden and silent until the scene says otherwise. */
  add(source: Source): (pad: Pad) => void {
    const shown: Shown = { source, memory: new Remembered(), pad: null };
    this.#shown.set(source, shown);
    return (pad) => {
      shown.pad = pad;
      shown.memory.forget();
      if (source.isVideo) {
        shown.memory.set(pad, 'alpha', 0);
        pad.set('sizing-policy', 'keep-aspect-ratio');
        this.#place(shown);
      } else this.#hear(shown);
    };
  }

  remove(source: Source): void {
    this.#shown.delete(source);
  }

  /** Called with every coded frame: the next one is mixed a frame's time later, so now is between two. */
  onFrame(): void {
    if (this.#next) this.#apply();
    this.#refresh();
  }

  close(): void {
    this.#closed = true;
    if (this.#tick) clearTimeout(this.#tick);
    for (const { done } of this.#waiting) done();
    this.#waiting = [];
  }

  async #draw(): Promise<void> {
    if (this.#drawing) return;
    this.#drawing = true;
    try {
      while (!this.#closed) {
        const newest = this.#waiting.at(-1);
        if (!newest || newest.scene === this.#next?.scene) break;
        try {
          this.#next = await this.#drawings.draw(newest.scene, this.#nowUnixMs());
        } catch (error) {
          // Better the old picture than none: who is heard must not depend on a font.
          this.#warn('a scene could not be drawn', { error: String(error) });
          this.#settle(newest.scene);
        }
      }
    } finally {
      this.#drawing = false;
    }
  }

  #settle(scene: Scene): void {
    const upTo = this.#waiting.findIndex((w) => w.scene === scene);
    for (const { done } of this.#waiting.splice(0, upTo + 1)) done();
  }

  #apply(): void {
    const drawn = this.#next;
    if (!drawn) return;
    this.#next = null;
    this.#now = drawn;
    this.#showCanvas(drawn.canvas);
    for (const shown of this.#shown.values()) {
      if (shown.source.isVideo) this.#place(shown);
      else this.#hear(shown);
    }
    this.#refresh();
    this.#settle(drawn.scene);
    this.#countDown(drawn.scene);
  }

  #showCanvas(canvas: Buffer): void {
    pushBuffer(this.#mix.canvas, canvas, { ptsNs: AT_ONCE_NS });
  }

  /** Redraws a countdown at every full second it has left. */
  #countDown(scene: Scene): void {
    if (this.#tick) clearTimeout(this.#tick);
    this.#tick = null;
    if (scene.slide?.kind !== 'countdown') return;
    const leftMs = scene.slide.untilUnixMs - this.#nowUnixMs();
    if (leftMs <= 0) return;
    this.#tick = setTimeout(
      () => {
        try {
          this.#showCanvas(this.#drawings.canvas(scene, this.#nowUnixMs()));
          this.#countDown(scene);
        } catch (error) {
          this.#warn('a countdown stopped', { error: String(error) });
        }
      },
      (leftMs % 1000) + 1,
    );
  }

  #tileOf(source: Source): Tile | null {
    const { personId, source: kind } = source.source;
    const wanted = kind === 'screen' ? 'screen' : 'camera';
    return this.#now?.layout.tiles.find((t) => t.personId === personId && t.kind === wanted) ?? null;
  }

  #place({ source, memory, pad }: Shown): void {
    const tile = this.#tileOf(source);
    if (!tile) return;
    source.setTile(tile.width, tile.height);
    if (!pad) return;
    memory.set(pad, 'xpos', tile.x);
    memory.set(pad, 'ypos', tile.y);
    memory.set(pad, 'width', tile.width);
    memory.set(pad, 'height', tile.height);
    memory.set(pad, 'zorder', tile.z + 1);
  }

  /** Only people on air are heard; a shared screen's sound only while the screen is shown. */
  #hear({ source, memory, pad }: Shown): void {
    if (!pad) return;
    const { personId, source: kind } = source.source;
    const scene = this.#now?.scene;
    const onAir = scene?.onAir.some((p) => p.personId === personId) ?? false;
    const heard = onAir && (kind === 'mic' || scene?.screen === personId);
    memory.set(pad, 'mute', !heard);
  }

  #refresh(): void {
    const seen = new Set<string>();
    for (const { source, memory, pad } of this.#shown.values()) {
      if (!source.isVideo || !pad || source.pad === null) continue;
      const tile = this.#tileOf(source);
      const limitMs = source.source.source === 'screen' ? SCREEN_FROZEN_AFTER_MS : FROZEN_AFTER_MS;
      const visible = tile !== null && !source.withheld && (source.ageMs ?? limitMs) < limitMs;
      memory.set(pad, 'alpha', visible ? 1 : 0);
      if (tile && visible) seen.add(pixels(tile));
    }
    const now = this.#now;
    if (!now) return;
    // A card without a picture bears the name itself.
    const overlays: Overlay[] = now.plates.filter((p) => seen.has(pixels(p.tile))).map((p) => p.overlay);
    if (now.lowerThird) overlays.push(now.lowerThird);
    this.#mix.overlays.forEach((element, i) => {
      this.#overlay(element, this.#overlayMemory[i], overlays[i]);
    });
  }

  #overlay(element: Element, memory: Remembered | undefined, overlay: Overlay | undefined): void {
    if (!memory) return;
    if (!overlay) {
      memory.set(element, 'alpha', 0);
      return;
    }
    memory.set(element, 'location', overlay.file);
    memory.set(element, 'offset-x', overlay.x);
    memory.set(element, 'offset-y', overlay.y);
    memory.set(element, 'alpha', 1);
  }
}
