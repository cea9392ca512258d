import { z } from 'zod';
import { LADDER } from './profile.ts';

/**
 * What a viewer's player measured in the last minute: once a minute and when the page is left. It says nothing of who
 * watched or what: it is added up with everybody else's and forgotten. Keys are those of CMCD (CTA-5004) where it has
 * one; it travels apart from the media's requests, whose cache key must not change.
 */
export const VIEWER_RENDITIONS = [...LADDER.map(({ name }) => name), 'other'] as const;
/** Bytes of the JSON text. */
export const MAX_MEASUREMENTS_BYTES = 1024;

const minuteMs = z.int().min(0).max(120_000);
const anyMs = z.int().min(0).max(8_000_000);

export const ViewerMeasurements = z.strictObject({
  v: z.literal(1),
  /** Shown for most of that time. */
  rendition: z.enum(VIEWER_RENDITIONS),
  /** Milliseconds that were played. */
  played: minuteMs,
  /** How often playback ran dry; CMCD tells only whether (`bs`). */
  stalls: z.int().min(0).max(1000),
  /** Buffer starvation duration, ms. */
  bsd: minuteMs,
  /** Media start delay: from opening the page, or from the show's beginning, to the first picture, ms. With the first report. */
  msd: anyMs.optional(),
  /** Latency, ms: median and 95th percentile; only of the time in which the viewer followed live. */
  ltc: anyMs.optional(),
  ltc95: anyMs.optional(),
  /** Buffer length, ms, at the end. */
  bl: anyMs.optional(),
  /** Measured throughput, kbit/s. */
  mtp: z.int().min(0).max(100_000_000).optional(),
});
export type ViewerMeasurements = z.infer<typeof ViewerMeasurements>;
