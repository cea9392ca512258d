/** mp4box.js over an init segment and what follows it, as fetched. */
import { createFile, MP4BoxBuffer } from 'mp4box';

export interface BoxedSample {
  readonly sizeBytes: number;
  /** Decode time and duration, s, on the file's own timeline. */
  readonly atS: number;
  readonly durationS: number;
  readonly keyframe: boolean;
}

export interface BoxedTrack {
  readonly kind: 'video' | 'audio';
  readonly codec: string;
  readonly samples: readonly BoxedSample[];
}

/** Parses `init` followed by the chunks, as one file. Throws when mp4box.js reports an error. */
export function readBoxes(init: Uint8Array, chunks: readonly Uint8Array[]): BoxedTrack[] {
  const file = createFile(true);
  file.onError = (module, message) => {
    throw new Error(`mp4box.js: ${module}: ${message}`);
  };
  let offset = 0;
  for (const bytes of [init, ...chunks]) {
    file.appendBuffer(MP4BoxBuffer.fromArrayBuffer(new Uint8Array(bytes).buffer, offset));
    offset += bytes.byteLength;
  }
  file.flush();
  return file.getInfo().tracks.map(({ id, codec, timescale, video }) => ({
    kind: video ? 'video' : 'audio',
    codec,
    samples: file.getTrackSamplesInfo(id).map((sample) => ({
      sizeBytes: sample.size,
      atS: sample.dts / timescale,
      durationS: sample.duration / timescale,
      keyframe: sample.is_sync,
    })),
  }));
}
