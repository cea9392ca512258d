/** What the picture shows and who is on air. */
import { z } from 'zod';
import { Id } from '../ids.ts';
import { CREW } from '../roles.ts';
import { LayoutName, LowerThird, Scene, Slide } from '../scene.ts';
import { type Command, None } from './command.ts';

export const Direction = z.enum(['automatic', 'manual']);
export type Direction = z.infer<typeof Direction>;

export const SceneEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('scene.changed'), scene: Scene }),
  z.object({ type: z.literal('direction.changed'), direction: Direction }),
]);
export type SceneEvent = z.infer<typeof SceneEvent>;

export const sceneCommands = {
  'air:set': { input: z.object({ personId: Id, onAir: z.boolean() }), output: None, roles: CREW },
  'scene:update': {
    input: z
      .object({
        layout: LayoutName,
        focus: Id.nullable(),
        screen: Id.nullable(),
        nameCards: z.boolean(),
        lowerThird: LowerThird.nullable(),
        slide: Slide.nullable(),
      })
      .partial(),
    output: None,
    roles: CREW,
  },
  'direction:set': { input: z.object({ direction: Direction }), output: None, roles: CREW },
} as const satisfies Record<string, Command>;

export interface SceneState {
  readonly scene: Scene;
  readonly direction: Direction;
}

export const SceneDelta = z.object({
  type: z.literal('scene'),
  /** null when a guest went back to the audience, as in the view. */
  scene: Scene.nullable(),
  direction: Direction.nullable(),
});
