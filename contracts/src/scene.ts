import { z } from 'zod';
import { Id } from './ids.ts';
import { clip, SCENE_LINE_MAX } from './lines.ts';

/** The picture as data: host preview, compositor and re-edit all draw from this one shape through `layoutScene`. */
export const LayoutName = z.enum([
  'spotlight',
  'grid',
  'side-by-side',
  'screen-speaker',
  'picture-in-picture',
]);
export type LayoutName = z.infer<typeof LayoutName>;

export const SceneLine = z.string().trim().max(SCENE_LINE_MAX);

export const LowerThird = z.object({ title: SceneLine, subtitle: SceneLine.default('') });
export type LowerThird = z.infer<typeof LowerThird>;

export const Slide = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('holding'), title: SceneLine, subtitle: SceneLine.default('') }),
  /** Counts down to `untilUnixMs`, then stays at zero. */
  z.object({ kind: z.literal('countdown'), title: SceneLine, untilUnixMs: z.int().nonnegative() }),
]);
export type Slide = z.infer<typeof Slide>;

/** At most this many people are on air, and at most this many videos reach one client. */
export const MAX_ON_AIR = 12;

export const OnAirPerson = z.object({ personId: Id, name: SceneLine });
export type OnAirPerson = z.infer<typeof OnAirPerson>;

export const Scene = z.object({
  /** The webinar's title: what the holding slide says while nobody is on air. */
  title: SceneLine.default(''),
  layout: LayoutName,
  /** Who is heard, in tile order. Everyone here gets a tile unless the layout shows only the focus. */
  onAir: z.array(OnAirPerson).max(MAX_ON_AIR),
  /** Whom spotlight, screen + speaker and picture in picture show large or beside the screen; null: the first. */
  focus: Id.nullable(),
  /** Whose screen share is shown; null: none. */
  screen: Id.nullable(),
  nameCards: z.boolean(),
  lowerThird: LowerThird.nullable(),
  /** A full-frame slide instead of the tiles. Sound of those on air goes on. */
  slide: Slide.nullable(),
});
export type Scene = z.infer<typeof Scene>;

export const emptyScene = (title: string): Scene => ({
  title: clip(title, SCENE_LINE_MAX),
  layout: 'grid',
  onAir: [],
  focus: null,
  screen: null,
  nameCards: true,
  lowerThird: null,
  slide: null,
});
