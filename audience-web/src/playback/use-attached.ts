import { useEffect } from 'preact/hooks';
import type { Recording } from './recording.ts';

export function useAttached(recording: Recording, video: HTMLVideoElement): void {
  useEffect(() => recording.attach(video), [recording, video]);
}
