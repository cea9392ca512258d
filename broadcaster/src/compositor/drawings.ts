/** Draws what a scene needs before it is shown: the canvas below the cameras, and the plates above them. */
import { mkdtemp, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Canvas } from '@napi-rs/canvas';
import { lowerThirdShapes, plateShapes, slideShapes, tileShapes } from '@rostrum/contracts/cards';
import { layoutScene, type NamePlate, type SceneLayout, type Tile } from '@rostrum/contracts/layout';
import type { Scene } from '@rostrum/contracts/scene';
import { measure, paint, paintCanvas, toI420 } from './paint.ts';

/** A picture with alpha on the canvas: the overlays load files. */
export interface Overlay {
  readonly file: string;
  readonly x: number;
  readonly y: number;
}

/** A scene, drawn: applying it takes no time. */
export interface Drawn {
  readonly scene: Scene;
  readonly layout: SceneLayout;
  /** The canvas in the mix's raw format. */
  readonly canvas: Buffer;
  readonly plates: readonly { readonly tile: Tile; readonly overlay: Overlay }[];
  readonly lowerThird: Overlay | null;
}

/** Plates of names no longer shown are kept for the next cut, up to this many. */
const KEPT_PLATES = 200;

interface Plate {
  readonly file: string;
}

export class Drawings {
  readonly #folder: string;
  readonly #plates = new Map<string, Promise<Plate>>();
  #files = 0;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async create(): Promise<Drawings> {
    return new Drawings(await mkdtemp(join(tmpdir(), 'rostrum-plates-')));
  }

  /** Rejects when the plates' files cannot be written. */
  async draw(scene: Scene, nowUnixMs: number): Promise<Drawn> {
    const layout = layoutScene(scene);
    const canvas = this.canvas(scene, nowUnixMs);
    const [plates, lowerThird] = await Promise.all([
      Promise.all(layout.tiles.flatMap((tile) => (tile.plate ? [this.#plateOf(tile, tile.plate)] : []))),
      layout.lowerThird ? this.#third(layout.lowerThird) : null,
    ]);
    return { scene, layout, canvas, plates, lowerThird };
  }

  /** All below the cameras, in some 20 ms: the slide, or a card in every tile. A countdown has it drawn anew each second. */
  canvas(scene: Scene, nowUnixMs: number): Buffer {
    const { slide, tiles } = layoutScene(scene);
    const shapes = slide
      ? slideShapes(slide, scene.title, nowUnixMs, measure)
      : tiles.toSorted((a, b) => a.z - b.z).flatMap((tile) => tileShapes(tile, measure));
    return toI420(paintCanvas(shapes));
  }

  /** Removes its files. */
  async close(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #plateOf(tile: Tile, place: NamePlate): Promise<{ tile: Tile; overlay: Overlay }> {
    const { x, y, maxWidth, fontSize } = place;
    const plate = await this.#kept(`name ${fontSize} ${maxWidth} ${tile.name}`, () => {
      const { width, shapes } = plateShapes(place, tile.name, measure);
      return paint(width, place.height, shapes);
    });
    return { tile, overlay: { file: plate.file, x, y } };
  }

  async #third(third: NonNullable<SceneLayout['lowerThird']>): Promise<Overlay> {
    const plate = await this.#kept(`third ${JSON.stringify(third)}`, () =>
      paint(third.width, third.height, lowerThirdShapes(third, measure)),
    );
    return { file: plate.file, x: third.x, y: third.y };
  }

  async #kept(key: string, painted: () => Canvas): Promise<Plate> {
    const known = this.#plates.get(key);
    if (known) {
      this.#plates.delete(key);
      this.#plates.set(key, known);
      return known;
    }
    const made = this.#make(painted);
    this.#plates.set(key, made);
    made.catch(() => this.#plates.delete(key));
    const oldest = this.#plates.entries().next().value;
    if (this.#plates.size > KEPT_PLATES && oldest) {
      this.#plates.delete(oldest[0]);
      oldest[1].then(({ file }) => unlink(file)).catch(() => undefined);
    }
    return made;
  }

  async #make(painted: () => Canvas): Promise<Plate> {
    // Coded off the JavaScript thread.
    const png = await painted().encode('png');
    this.#files += 1;
    const file = join(this.#folder, `${this.#files}.png`);
    await writeFile(file, png);
    return { file };
  }
}
