import { bodyGradients, drawBody } from './body.ts';
import type { Person } from './cast.ts';
import { drawFace, faceGradients } from './face.ts';
import { drawHair, hairGradients } from './hair.ts';
import type { Pose } from './motion.ts';
import { glow, group, n } from './svg.ts';

export const WIDTH = 1280;
export const HEIGHT = 720;

/** Where the light comes from: the side away from the shelf. */
export const lightSide = (person: Person): -1 | 1 => (person.room.shelf === 'left' ? 1 : -1);

/** A person without their room: an SVG of 1280x720 that is transparent around them. */
export function drawPerson(person: Person, pose: Pose): string {
  const lightX = lightSide(person);
  const hair = drawHair(person, pose);
  const head = `transform="translate(${n(pose.sway)} ${n(-206 - 1.5 * pose.breath)}) rotate(${n(pose.tilt)} 0 150)"`;
  const hairShift = `transform="translate(${n(pose.turnX * 0.4)} ${n(pose.turnY * 0.35)})"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}"><defs>`,
    faceGradients(person, lightX),
    hairGradients(person, lightX),
    bodyGradients(person, lightX),
    glow('cheek', person.skin.blush, 0.38),
    glow('sheen', person.skin.light, 0.75),
    glow('socket', person.skin.shade, 0.5),
    '</defs>',
    group(
      `transform="translate(${WIDTH / 2} 516)"`,
      group(
        `transform="translate(${n(pose.sway * 0.35)} 0)"`,
        group(head, group(`transform="translate(${n(-pose.turnX * 0.3)} 0)"`, hair.back)),
        drawBody(person, pose.breath),
      ),
      group(head, drawFace(person, pose, lightX, hair.hairline), group(hairShift, hair.front)),
    ),
    '</svg>',
  ].join('');
}
