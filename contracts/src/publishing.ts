/** How copies of recordings in a bucket fare. */
import { z } from 'zod';

/**
 * Why nothing reaches the bucket that recordings are copied to. `credentials`: none, wrong or expired; `forbidden`: they may not
 * write there; `region`: the bucket is in another; `clock`: this machine's is wrong; `slow-down`: it asks for fewer requests;
 * `failing`: an error of its own; `refused`: any other answer.
 */
export const PublishProblem = z.enum([
  'credentials',
  'forbidden',
  'no-bucket',
  'region',
  'clock',
  'unreachable',
  'slow-down',
  'failing',
  'refused',
]);
export type PublishProblem = z.infer<typeof PublishProblem>;

/** How far the copy in the bucket is behind what is on disk. */
export const PublishHealth = z.object({
  /** Closed segments that are on disk and not in the bucket, and their bytes. */
  segments: z.int().nonnegative(),
  bytes: z.int().nonnegative(),
  /** Programme seconds of the channel that is the furthest behind. */
  behindS: z.number().nonnegative(),
  /** null: it goes on, as far as anybody knows. What may pass by itself is told after some seconds. */
  problem: PublishProblem.nullable(),
});
export type PublishHealth = z.infer<typeof PublishHealth>;
