import { z } from 'zod';

/** Ids are short URL-safe strings (nanoid alphabet); they are made by the server, or by a client for idempotent commands. */
export const Id = z.string().regex(/^[A-Za-z0-9_-]{4,64}$/, 'an id is 4 to 64 characters of A-Z a-z 0-9 _ -');
export type Id = z.infer<typeof Id>;
