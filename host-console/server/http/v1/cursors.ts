import { createHmac, timingSafeEqual } from 'node:crypto';
import { RostrumError } from '@rostrum/contracts';
import type { z } from 'zod';

const MAC_BYTES = 16;

/**
 * Places in lists, told to clients as words that say nothing to them: `<position>.<mac>`. Each is of one list, and none but
 * ours is taken, so that what a page begins with is never a question to the database that somebody made up.
 */
export class Cursors {
  readonly #key: Buffer;

  constructor(secret: string) {
    this.#key = createHmac('sha256', secret).update('rostrum cursors').digest();
  }

  of(list: string, position: readonly (string | number)[]): string {
    const body = Buffer.from(JSON.stringify(position)).toString('base64url');
    return `${body}.${this.#mac(list, body).toString('base64url')}`;
  }

  /** Throws `bad-input` for what is none of this list. */
  read<S extends z.ZodType>(list: string, cursor: string, position: S): z.output<S> {
    const [body = '', mac = ''] = cursor.split('.');
    const told = Buffer.from(mac, 'base64url');
    const good = told.length === MAC_BYTES && timingSafeEqual(told, this.#mac(list, body));
    if (!good) throw new RostrumError('bad-input', 'the cursor is none of this list', { field: 'cursor' });
    return position.parse(JSON.parse(Buffer.from(body, 'base64url').toString()));
  }

  #mac(list: string, body: string): Buffer {
    return createHmac('sha256', this.#key).update(`${list}\n${body}`).digest().subarray(0, MAC_BYTES);
  }
}

/** Of a list's rows, one more than were asked for: what is told, and where it goes on. */
export function cut<T>(rows: readonly T[], limit: number, next: (last: T) => string): [T[], string | null] {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return [page, rows.length > limit && last ? next(last) : null];
}
