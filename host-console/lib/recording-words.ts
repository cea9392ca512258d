import type { RecordingRemains, WebinarSummary } from '@rostrum/contracts';

const REMAINS: Readonly<Record<RecordingRemains, string>> = {
  broadcaster: 'a broadcaster that is away and is told when it comes back',
  files: 'its files',
  bucket: 'the copies in the bucket',
  edge: 'the edge’s cache',
  cdn: 'the CDN’s cache',
};

/** What there is to say of an ended webinar's recording; null: it is there. */
export function recordingWords({
  recording,
  remains,
}: Pick<WebinarSummary, 'recording' | 'remains'>): string | null {
  switch (recording) {
    case 'none':
      return 'No recording';
    case 'pending':
      return 'The recording is being prepared';
    case 'ready':
      return null;
    case 'deleting': {
      if (remains.length === 0) return 'Recording deleted; its last copies are being removed';
      const words = remains.map((what) => REMAINS[what]);
      return `Recording deleted: nobody is shown it any more. Not gone yet: ${words.join(', ')}`;
    }
    case 'deleted':
      return 'Recording deleted everywhere';
  }
}
