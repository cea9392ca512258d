import { init } from '@rostrum/node-gst';
import { PEOPLE } from './cast.ts';
import { keep } from './shelf.ts';
import { makeTurns } from './turns.ts';

/**
 * Draws the demo's panelists and keeps them: a step of the launcher's set-up, done once. Prints how far it is, a line at a
 * time.
 */
init();
const total = 2 * PEOPLE.length;
let made = 0;
for (const person of PEOPLE) {
  await keep(
    person,
    await makeTurns(person, () => {
      made += 1;
      process.stdout.write(
        `drawing the demo's panelists: ${Math.round((100 * made) / total)} % (${person.name})\n`,
      );
    }),
  );
}
