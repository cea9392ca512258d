import type { RecordingDownload } from '@rostrum/contracts';
import type { MediaNode } from './node-registry.ts';

/** How far files to download are, as broadcasters told it last. Forgotten with a broadcaster: the next one tells it anew. */
export class DownloadStates {
  readonly #told = new Map<
    string,
    { readonly by: MediaNode; readonly files: readonly RecordingDownload[] }
  >();

  beat(node: MediaNode, told: readonly { channelId: string; files: readonly RecordingDownload[] }[]): void {
    for (const { channelId, files } of told) this.#told.set(channelId, { by: node, files });
  }

  nodeDown(node: MediaNode): void {
    for (const [channelId, { by }] of this.#told) if (by === node) this.#told.delete(channelId);
  }

  /** Of those that are wanted: what was told of others is older than the wish. */
  of(channelId: string, wanted: readonly string[]): readonly RecordingDownload[] {
    const files = this.#told.get(channelId)?.files ?? [];
    return files.filter(({ rendition }) => wanted.includes(rendition));
  }
}
