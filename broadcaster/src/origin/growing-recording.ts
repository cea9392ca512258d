/** The playlists of a recording that still grows, and what is told of it, as bodies for many. */
import { gzipSync } from 'node:zlib';
import type { RecordingShape } from '@rostrum/contracts/recording';
import type { ChannelOutput } from '../output/interface.ts';
import { ABOUT_NAME, aboutOf, MULTIVARIANT_NAME } from '../packager/index.ts';
import { GrowingText } from './growing-text.ts';
import { etagOf } from './kept-files.ts';
import type { SharedBody } from './responder.ts';

export class GrowingRecording {
  readonly #output: Pick<ChannelOutput, 'recording'>;
  readonly #shape: () => RecordingShape;
  readonly #texts = new Map<string, GrowingText>();
  #told: {
    readonly shape: RecordingShape;
    readonly durationMs: number;
    readonly text: string | null;
  } | null = null;
  readonly #short = new Map<string, { readonly text: string; readonly body: SharedBody }>();

  constructor(output: Pick<ChannelOutput, 'recording'>, shape: () => RecordingShape) {
    this.#output = output;
    this.#shape = shape;
  }

  /** `over`: what there is is in files. undefined: there is no such file, or not yet, or it is for nobody. */
  get(name: string): Promise<SharedBody> | 'over' | undefined {
    const { recording } = this.#output;
    if (!recording) {
      this.#texts.clear();
      return 'over';
    }
    const shape = this.#shape();
    if (!shape.published) return undefined;
    if (name === MULTIVARIANT_NAME) {
      const text = recording.multivariant('EVENT');
      return text === undefined ? undefined : Promise.resolve(this.#shared(name, text));
    }
    if (name === ABOUT_NAME) return this.#about(recording, shape);
    const playlist = recording.playlist(name);
    if (!playlist) return undefined;
    const known = this.#texts.get(name);
    if (known) return known.get();
    const text = new GrowingText({ head: playlist.head('EVENT'), pieces: playlist.pieces });
    this.#texts.set(name, text);
    return text.get();
  }

  /** Made once between two segments, however many ask. */
  #about(
    { spans, durationMs }: NonNullable<ChannelOutput['recording']>,
    shape: RecordingShape,
  ): Promise<SharedBody> | undefined {
    if (this.#told?.shape !== shape || this.#told.durationMs !== durationMs) {
      const about = aboutOf(spans, shape, true);
      this.#told = { shape, durationMs, text: about ? JSON.stringify(about) : null };
    }
    const { text } = this.#told;
    return text === null ? undefined : Promise.resolve(this.#shared(ABOUT_NAME, text));
  }

  /** Short, and another only every now and then: the same body for all who ask meanwhile. */
  #shared(name: string, text: string): SharedBody {
    const known = this.#short.get(name);
    if (known?.text === text) return known.body;
    const plain = Buffer.from(text);
    const zipped = gzipSync(plain);
    const body: SharedBody = { plain, gzip: () => zipped, etag: etagOf(plain) };
    this.#short.set(name, { text, body });
    return body;
  }
}
