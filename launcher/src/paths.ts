import { fileURLToPath } from 'node:url';

/** The checkout's top folder, without a slash at the end. */
export const checkout = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** What the launcher brought or built; shared by every instance that runs from this checkout. */
export const toolsDir = `${checkout}/.rostrum`;
