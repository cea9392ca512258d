import { init } from '@rostrum/node-gst';
import { PEOPLE } from './cast.ts';
import { keep } from './shelf.ts';
import { makeTurns } from './turns.ts';

/**
 * Draws the demo's panelists and keeps them: a step of the launcher's set-up, done once. Prints how far it is, a line at a
 * time.
 */
async function makeAll(): Promise<void> {
  init();
  const total = 2 * PEOPLE.length;
  let made = 0;
  for (const person of PEOPLE) {
    const turns = await makeTurns(person, () => {
      made += 1;
      const share = Math.round((100 * made) / total);
      process.stdout.write(`drawing the demo's panelists: ${share} % (${person.name})\n`);
    });
    await keep(person, turns);
  }
}

try {
  await makeAll();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
