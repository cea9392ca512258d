import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { deserialize, serialize } from 'node:v8';
import type { Person } from './cast.ts';
import { Turns } from './turns.ts';

/** Where people's turns are kept once they are made: in the checkout, for every instance that runs from it. */
const SHELF = fileURLToPath(new URL('../../../../.rostrum/demo/people/', import.meta.url));

const fileOf = (folder: string, person: Person): string => `${folder}/${person.id}.turns`;

/** Whole or not at all. */
export async function keep(person: Person, turns: Turns, folder = SHELF): Promise<void> {
  await mkdir(folder, { recursive: true });
  const file = fileOf(folder, person);
  await writeFile(`${file}.new`, serialize(turns));
  await rename(`${file}.new`, file);
}

/** @throws NotDrawnError when they were never made, or are not what is kept nowadays */
export async function take(person: Person, folder = SHELF): Promise<Turns> {
  try {
    return Turns.parse(deserialize(await readFile(fileOf(folder, person))));
  } catch (cause) {
    throw new NotDrawnError(person, cause);
  }
}

export class NotDrawnError extends Error {
  readonly code = 'not-drawn';
  constructor({ name }: Person, cause: unknown) {
    super(`${name} is not drawn yet`, { cause });
  }
}
