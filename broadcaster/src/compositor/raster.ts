/** SVG to pixels, by librsvg inside GStreamer: off the JavaScript thread, one picture at a time per form. */
import { attachSink, type Element, type Pipeline, parseLaunch, pushBuffer } from '@rostrum/node-gst';
import { CANVAS_CAPS } from './formats.ts';

/** `canvas`: the mix's own raw format, without alpha; `png`: with alpha; `bgra`: raw, 4 bytes a pixel, row by row. */
export type RasterForm = 'canvas' | 'png' | 'bgra';

const TAILS: Readonly<Record<RasterForm, string>> = {
  canvas: `videoconvert ! ${CANVAS_CAPS}`,
  png: 'videoconvert ! video/x-raw,format=RGBA ! pngenc snapshot=false compression-level=1',
  bgra: 'videoconvert ! video/x-raw,format=BGRA',
};

/** A drawing takes some 10 ms; one that takes this long will not come. */
const DEADLINE_MS = 3000;

export class RasterError extends Error {
  readonly code: 'svg-rejected' | 'raster-timeout' | 'raster-closed';
  constructor(code: RasterError['code'], message: string) {
    super(message);
    this.name = 'RasterError';
    this.code = code;
  }
}

interface Job {
  readonly svg: string;
  readonly resolve: (pixels: Buffer) => void;
  readonly reject: (error: RasterError) => void;
}

/** One small pipeline that draws SVGs in the order they are asked for. Opened on first use, reopened after a failure. */
class Line {
  readonly #form: RasterForm;
  #open: { readonly pipeline: Pipeline; readonly source: Element } | null = null;
  #queue: Job[] = [];
  #running: { readonly job: Job; readonly timer: NodeJS.Timeout } | null = null;
  #closed = false;

  constructor(form: RasterForm) {
    this.#form = form;
  }

  draw(svg: string): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(new RasterError('raster-closed', 'the raster is closed'));
      this.#queue.push({ svg, resolve, reject });
      this.#next();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    const error = new RasterError('raster-closed', 'the raster is closed');
    for (const job of this.#queue) job.reject(error);
    this.#queue = [];
    if (this.#running) {
      clearTimeout(this.#running.timer);
      this.#running.job.reject(error);
      this.#running = null;
    }
    const open = this.#open;
    this.#open = null;
    await open?.pipeline.close();
  }

  #next(): void {
    if (this.#running) return;
    const job = this.#queue.shift();
    if (!job) return;
    const timer = setTimeout(
      () => this.#fail(new RasterError('raster-timeout', `no picture within ${DEADLINE_MS} ms`)),
      DEADLINE_MS,
    );
    this.#running = { job, timer };
    try {
      this.#open ??= this.#start();
      pushBuffer(this.#open.source, Buffer.from(job.svg), { ptsNs: 0 });
    } catch (error) {
      this.#fail(new RasterError('svg-rejected', String(error)));
    }
  }

  #start(): { pipeline: Pipeline; source: Element } {
    const pipeline = parseLaunch(
      `appsrc name=src format=time caps=image/svg+xml ! rsvgdec ! ${TAILS[this.#form]} ! appsink name=out sync=false async=false`,
    );
    const source = pipeline.element('src');
    const sink = pipeline.element('out');
    if (!source || !sink) throw new RasterError('svg-rejected', 'raster pipeline is incomplete');
    attachSink(sink, (sample) => {
      const done = this.#running;
      if (!done) return;
      clearTimeout(done.timer);
      this.#running = null;
      // A copy: the memory belongs to the pipeline's pool.
      done.job.resolve(Buffer.from(sample.data));
      this.#next();
    });
    pipeline.onMessage((message) => {
      if (message.type === 'error')
        this.#fail(new RasterError('svg-rejected', message.message ?? 'unknown error'));
    });
    pipeline.play().catch((error: unknown) => this.#fail(new RasterError('svg-rejected', String(error))));
    return { pipeline, source };
  }

  #fail(error: RasterError): void {
    const failed = this.#running;
    const open = this.#open;
    this.#open = null;
    this.#running = null;
    if (failed) {
      clearTimeout(failed.timer);
      failed.job.reject(error);
    }
    // What does not stop is left behind; the next drawing has a pipeline of its own.
    void open?.pipeline.close().catch(() => undefined);
    this.#next();
  }
}

export class Raster {
  readonly #lines: Readonly<Record<RasterForm, Line>> = {
    canvas: new Line('canvas'),
    png: new Line('png'),
    bgra: new Line('bgra'),
  };

  /** @throws RasterError (rejects) for an SVG that librsvg refuses, or when it takes over 3 s */
  draw(svg: string, form: RasterForm): Promise<Buffer> {
    return this.#lines[form].draw(svg);
  }

  /** Idempotent. Open drawings reject with `raster-closed`. */
  async close(): Promise<void> {
    await Promise.all(Object.values(this.#lines).map((line) => line.close()));
  }
}
