/** Draws what a scene needs before it is shown: the canvas below the cameras, and the plates above them. */
import { mkdtemp, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { layoutScene, type NamePlate, type SceneLayout, type Tile } from '@rostrum/contracts/layout';
import type { Scene } from '@rostrum/contracts/scene';
import { canvasSvg, lowerThirdSvg, measureSvg, plateSvg } from './cards.ts';
import type { Raster } from './raster.ts';

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
  readonly #raster: Raster;
  readonly #folder: string;
  readonly #plates = new Map<string, Promise<Plate>>();
  #files = 0;

  private constructor(raster: Raster, folder: string) {
    this.#raster = raster;
    this.#folder = folder;
  }

  static async create(raster: Raster): Promise<Drawings> {
    return new Drawings(raster, await mkdtemp(join(tmpdir(), 'rostrum-plates-')));
  }

  /** @throws RasterError */
  async draw(scene: Scene, nowUnixMs: number): Promise<Drawn> {
    const layout = layoutScene(scene);
    const [canvas, plates, lowerThird] = await Promise.all([
      this.canvas(scene, nowUnixMs),
      Promise.all(layout.tiles.flatMap((tile) => (tile.plate ? [this.#plateOf(tile, tile.plate)] : []))),
      layout.lowerThird ? this.#third(layout.lowerThird) : null,
    ]);
    return { scene, layout, canvas, plates, lowerThird };
  }

  /** The canvas alone: what a countdown draws anew each second. */
  canvas(scene: Scene, nowUnixMs: number): Promise<Buffer> {
    return this.#raster.draw(canvasSvg(layoutScene(scene), scene.title, nowUnixMs), 'canvas');
  }

  /** Removes its files. */
  async close(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #plateOf(tile: Tile, place: NamePlate): Promise<{ tile: Tile; overlay: Overlay }> {
    const { x, y, maxWidth, fontSize } = place;
    const plate = await this.#kept(`name ${fontSize} ${maxWidth} ${tile.name}`, async () =>
      plateSvg(place, tile.name, await this.#measure(tile.name, fontSize)),
    );
    return { tile, overlay: { file: plate.file, x, y } };
  }

  async #third(third: NonNullable<SceneLayout['lowerThird']>): Promise<Overlay> {
    const plate = await this.#kept(`third ${JSON.stringify(third)}`, async () => lowerThirdSvg(third));
    return { file: plate.file, x: third.x, y: third.y };
  }

  /** Pixels that a name takes, found by drawing it. */
  async #measure(name: string, fontSize: number): Promise<number> {
    const width = Math.ceil(name.length * fontSize * 1.1) + 8;
    const pixels = await this.#raster.draw(measureSvg(name, fontSize, width), 'bgra');
    const rows = Math.floor(pixels.length / 4 / width);
    for (let x = width - 1; x > 0; x -= 1) {
      for (let y = 0; y < rows; y += 1) if ((pixels[(y * width + x) * 4 + 3] ?? 0) > 24) return x + 1;
    }
    return fontSize;
  }

  async #kept(key: string, svg: () => Promise<string>): Promise<Plate> {
    const known = this.#plates.get(key);
    if (known) {
      this.#plates.delete(key);
      this.#plates.set(key, known);
      return known;
    }
    const made = this.#make(svg);
    this.#plates.set(key, made);
    made.catch(() => this.#plates.delete(key));
    const oldest = this.#plates.entries().next().value;
    if (this.#plates.size > KEPT_PLATES && oldest) {
      this.#plates.delete(oldest[0]);
      oldest[1].then(({ file }) => unlink(file)).catch(() => undefined);
    }
    return made;
  }

  async #make(svg: () => Promise<string>): Promise<Plate> {
    const png = await this.#raster.draw(await svg(), 'png');
    this.#files += 1;
    const file = join(this.#folder, `${this.#files}.png`);
    await writeFile(file, png);
    return { file };
  }
}
