/** Consent of those on the stage to what is kept of them. */
import { z } from 'zod';

/**
 * `recording`: to be in the recording of the programme, which holds whoever is on air. `tracks`: to camera, microphone and screen
 * being kept each for itself, as they were sent, for as long as one is on the stage of a live webinar.
 */
export const ConsentTo = z.enum(['recording', 'tracks']);
export type ConsentTo = z.infer<typeof ConsentTo>;

/** Which wording was answered (`CONSENT_TEXT_VERSION`). */
export const ConsentTextVersion = z.int().min(1).max(1_000_000);

/** `open`: not asked, or not answered. */
export const ConsentIs = z.enum(['open', 'given', 'refused']);
export type ConsentIs = z.infer<typeof ConsentIs>;

export const ConsentView = z.object({ recording: ConsentIs, tracks: ConsentIs });
export type ConsentView = z.infer<typeof ConsentView>;

/** What somebody answered last. */
export interface ConsentAnswer {
  readonly given: boolean;
  readonly textVersion: number;
  readonly atUnixMs: number;
}

export interface Consents {
  /** null: they did not answer. */
  readonly recording: ConsentAnswer | null;
  readonly tracks: ConsentAnswer | null;
  /** They want isolated tracks of theirs from before then deleted, whatever they answered since; null: they do not. */
  readonly eraseTracksBeforeUnixMs: number | null;
}
