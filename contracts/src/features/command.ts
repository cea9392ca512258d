import { z } from 'zod';
import type { Role } from '../roles.ts';

/** What a person can ask for, and the roles that may. */
export interface Command {
  readonly input: z.ZodType;
  readonly output: z.ZodType;
  readonly roles: readonly Role[];
}

export const nothing = z.object({});
export const None = z.null();
