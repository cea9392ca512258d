/** What a part or segment holds, read by mp4box.js. */
import { createFile, MP4BoxBuffer } from 'mp4box';

export interface TrackSummary {
  readonly kind: 'video' | 'audio' | 'other';
  readonly startS: number;
  readonly durationS: number;
  readonly samples: number;
  readonly beginsWithKeyFrame: boolean;
}

export class MediaError extends Error {
  readonly code = 'media';
}

/** @throws MediaError when the bytes are no fragment that the init segment explains */
export function summarise(init: Uint8Array, media: Uint8Array): TrackSummary[] {
  const file = createFile();
  let problem: string | null = null;
  file.onError = (module: string, message: string) => {
    problem = `${module}: ${message}`;
  };
  const bytes = new Uint8Array(init.length + media.length);
  bytes.set(init);
  bytes.set(media, init.length);
  file.appendBuffer(MP4BoxBuffer.fromArrayBuffer(bytes.buffer, 0));
  file.flush();
  if (problem !== null) throw new MediaError(problem);
  const { tracks } = file.getInfo();
  const found = tracks.map((track): TrackSummary => {
    const samples = file.getTrackSamplesInfo(track.id) ?? [];
    const [first] = samples;
    return {
      kind: track.type === 'video' || track.type === 'audio' ? track.type : 'other',
      startS: (first?.dts ?? 0) / track.timescale,
      durationS: samples.reduce((sum, sample) => sum + sample.duration, 0) / track.timescale,
      samples: samples.length,
      beginsWithKeyFrame: first?.is_sync ?? false,
    };
  });
  if (found.every((track) => track.samples === 0)) throw new MediaError('no samples');
  return found;
}
