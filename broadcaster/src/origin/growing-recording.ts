/** The playlists of a recording that still grows, as bodies for many. */
import { gzipSync } from 'node:zlib';
import type { ChannelOutput } from '../output/interface.ts';
import { MULTIVARIANT_NAME } from '../packager/index.ts';
import { GrowingText } from './growing-text.ts';
import { etagOf } from './kept-files.ts';
import type { SharedBody } from './responder.ts';

export class GrowingRecording {
  readonly #output: Pick<ChannelOutput, 'recording'>;
  readonly #texts = new Map<string, GrowingText>();
  #multivariant: { readonly text: string; readonly body: SharedBody } | null = null;

  constructor(output: Pick<ChannelOutput, 'recording'>) {
    this.#output = output;
  }

  /** `over`: what there is is in files. undefined: there is no such playlist, or not yet. */
  get(name: string): Promise<SharedBody> | 'over' | undefined {
    const { recording } = this.#output;
    if (!recording) {
      this.#texts.clear();
      return 'over';
    }
    if (name === MULTIVARIANT_NAME) {
      const text = recording.multivariant('EVENT');
      return text === undefined ? undefined : Promise.resolve(this.#shared(text));
    }
    const playlist = recording.playlist(name);
    if (!playlist) return undefined;
    const known = this.#texts.get(name);
    if (known) return known.get();
    const text = new GrowingText({ head: playlist.head('EVENT'), pieces: playlist.pieces });
    this.#texts.set(name, text);
    return text.get();
  }

  /** Short, and another only when a rendition joins or its rate is measured anew. */
  #shared(text: string): SharedBody {
    if (this.#multivariant?.text === text) return this.#multivariant.body;
    const plain = Buffer.from(text);
    const zipped = gzipSync(plain);
    const body: SharedBody = { plain, gzip: () => zipped, etag: etagOf(plain) };
    this.#multivariant = { text, body };
    return body;
  }
}
