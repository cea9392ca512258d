/** What was taken from this process before it began (`channels/confinement.ts`). */

/** Everything that `confine` can take away, by the names it gives them. */
const ALL = [
  'no-core',
  'data',
  'files',
  'file-size',
  'capabilities',
  'no-new-privileges',
  'landlock',
  'seccomp',
  'udp-only',
];

/** @param confined the process's environment variable `CONFINED` @param uid whose it is @returns in words; null: nothing */
export function unconfined(confined: string | undefined, uid: number | undefined): string | null {
  const has = new Set((confined ?? '').split(' ').map((name) => name.split(':')[0]));
  const missing = [...ALL.filter((name) => !has.has(name)), ...(uid === 0 ? ['a user of its own'] : [])];
  return missing.length > 0 ? `the compositor is not confined by: ${missing.join(', ')}` : null;
}
