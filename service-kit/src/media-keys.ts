/** Keys of rights to private channels, as services are given them: by a setting for good, or by a file that may change while they run. */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { MEDIA_KEYS_RULE, type MediaKey, MediaKeys } from '@rostrum/contracts/media-right';
import { z } from 'zod';
import type { Logger } from './logger.ts';

/** For a service's own schema; at most one of them (`refuseBoth`). */
export const mediaKeySettings = {
  /** `ID:SECRET`, comma separated: the first signs, all are taken. Without them there is nothing private. */
  ROSTRUM_MEDIA_KEYS: MediaKeys.optional(),
  /** A file with the same text, read anew when it changes. */
  ROSTRUM_MEDIA_KEYS_FILE: z
    .string()
    .superRefine((path, context) => {
      if (!readable(path)) context.addIssue({ code: 'custom', message: MEDIA_KEYS_FILE_RULE });
    })
    .optional(),
};

export const MEDIA_KEYS_FILE_RULE = `the path of a file that can be read, with ${MEDIA_KEYS_RULE}`;

interface Given {
  readonly ROSTRUM_MEDIA_KEYS?: readonly MediaKey[] | undefined;
  readonly ROSTRUM_MEDIA_KEYS_FILE?: string | undefined;
}

/** Where they come from. */
export type MediaKeySource =
  | { readonly kind: 'setting'; readonly keys: readonly MediaKey[] }
  | { readonly kind: 'file'; readonly path: string };

export const mediaKeySource = ({
  ROSTRUM_MEDIA_KEYS: keys = [],
  ROSTRUM_MEDIA_KEYS_FILE: path,
}: Given): MediaKeySource => (path === undefined ? { kind: 'setting', keys } : { kind: 'file', path });

/** A schema's refinement: whoever gives both would not know which of them holds. */
export function refuseBoth(given: Given, context: z.RefinementCtx): void {
  if (given.ROSTRUM_MEDIA_KEYS === undefined || given.ROSTRUM_MEDIA_KEYS_FILE === undefined) return;
  const message = 'ROSTRUM_MEDIA_KEYS is set too; give one of them';
  context.addIssue({ code: 'custom', path: ['ROSTRUM_MEDIA_KEYS_FILE'], message });
}

/** Those of now. */
export interface MediaKeyRing {
  readonly keys: readonly MediaKey[];
  /** Looks whether there are others, unless that was done less than so long ago. Never rejects. */
  look(withinMs: number): Promise<void>;
}

export const fixedKeys = (keys: readonly MediaKey[]): MediaKeyRing => ({ keys, look: async () => undefined });

/** @throws where the file, which was there when the settings were read, has gone since */
export const mediaKeyRing = (source: MediaKeySource, logger: Logger): MediaKeyRing =>
  source.kind === 'file' ? new KeyFile(source.path, logger) : fixedKeys(source.keys);

/** Looked at by whoever needs a key: there is no timer, and nothing to close. What cannot be read as keys changes nothing. */
class KeyFile implements MediaKeyRing {
  readonly #path: string;
  readonly #logger: Logger;
  #text: string;
  #keys: readonly MediaKey[];
  #lookedAtMs = performance.now();
  #looking: Promise<void> | null = null;
  #troubled = false;

  constructor(path: string, logger: Logger) {
    this.#path = path;
    this.#logger = logger;
    this.#text = readFileSync(path, 'utf8');
    this.#keys = MediaKeys.parse(this.#text);
  }

  get keys(): readonly MediaKey[] {
    return this.#keys;
  }

  look(withinMs: number): Promise<void> {
    if (!this.#looking && performance.now() - this.#lookedAtMs < withinMs) return Promise.resolve();
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  async #look(): Promise<void> {
    const text = await readFile(this.#path, 'utf8').catch(() => null);
    this.#lookedAtMs = performance.now();
    if (text === this.#text) return;
    const keys = text === null ? null : MediaKeys.safeParse(text);
    if (text !== null && keys?.success) {
      this.#text = text;
      this.#keys = keys.data;
      this.#logger.info({ keyIds: keys.data.map(({ keyId }) => keyId) }, 'keys of rights were read anew');
    } else if (!this.#troubled) {
      this.#logger.error(
        { file: this.#path },
        `ROSTRUM_MEDIA_KEYS_FILE has to be ${MEDIA_KEYS_FILE_RULE}: the keys stay as they were`,
      );
    }
    this.#troubled = keys?.success !== true;
  }
}

function readable(path: string): boolean {
  try {
    return MediaKeys.safeParse(readFileSync(path, 'utf8')).success;
  } catch {
    return false;
  }
}
