import type { ApiScope } from '@rostrum/contracts';
import type { z } from 'zod';

/** What an operation is, as data: an area registers it, and OpenAPI describes it. */
export interface Route {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  readonly path: string;
  readonly summary: string;
  /** false: anyone may; 'optional': anyone may, and a bearer is somebody; 'account': who is signed in, and no link. */
  readonly bearer: boolean | 'optional' | 'account';
  /** What a token of the API needs for it; absent: it is not for tokens. */
  readonly scope?: ApiScope;
  /** What may stand in the address after `?`. */
  readonly query?: z.ZodObject;
  readonly body: z.ZodType | null;
  /** Of the body; absent: 64 KiB. */
  readonly maxBytes?: number;
  readonly status: 200 | 201;
  readonly answer: z.ZodType;
  /** The answer's form, where it is not JSON: `ndjson` has one `answer` a line; of `csv`, a table, `answer` is the text. */
  readonly form?: 'ndjson' | 'csv';
}

export const NDJSON = 'application/x-ndjson';
