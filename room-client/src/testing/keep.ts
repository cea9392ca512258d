import type { Keep } from '../keep.ts';

/** What a tab keeps, for as long as the test has it. */
export function keepInMemory(): Keep {
  const values = new Map<string, string>();
  return {
    read: (key) => values.get(key) ?? null,
    write: (key, value) => void (value === null ? values.delete(key) : values.set(key, value)),
  };
}
