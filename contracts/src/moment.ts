import { z } from 'zod';

/** The moments Rostrum knows, Unix milliseconds: the years 2000 to 2099. Every calendar, clock and database can show them. */
export const FIRST_UNIX_MS = Date.UTC(2000, 0, 1);
export const LAST_UNIX_MS = Date.UTC(2100, 0, 1) - 1;

/** Every time of day and year in every message. */
export const UnixMs = z
  .int()
  .min(FIRST_UNIX_MS, 'before the year 2000')
  .max(LAST_UNIX_MS, 'after the year 2099');

/** The same read from a log that may be older than the range: what is outside it was never meant, and counts as no time. */
export const KeptUnixMs = z
  .number()
  .nullable()
  .transform((unixMs) => (UnixMs.safeParse(unixMs).success ? unixMs : null));
