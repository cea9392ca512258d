import { z } from 'zod';
import { displayText, keptText } from './display-text.ts';
import { Id } from './ids.ts';
import { SCENE_LINE_MAX } from './lines.ts';
import { FIRST_UNIX_MS, LAST_UNIX_MS, UnixMs } from './moment.ts';
import { clipText } from './text.ts';

/** The picture as data: host preview, compositor and re-edit all draw from this one shape through `layoutScene`. */
export const LayoutName = z.enum([
  'spotlight',
  'grid',
  'side-by-side',
  'screen-speaker',
  'picture-in-picture',
]);
export type LayoutName = z.infer<typeof LayoutName>;

const LINE = { max: SCENE_LINE_MAX } as const;
/** One line on a slide or in the lower third; may be empty. */
export const SceneLine = displayText({ ...LINE, empty: true });
/** The same in a log that may be older than the rules. */
const KeptLine = keptText(LINE, '');
const KeptMoment = z
  .number()
  .overwrite((unixMs) => Math.round(Math.min(LAST_UNIX_MS, Math.max(FIRST_UNIX_MS, unixMs))));

const lowerThirdOf = (line: z.ZodString) => z.object({ title: line, subtitle: line.default('') });
export const LowerThird = lowerThirdOf(SceneLine);
export type LowerThird = z.infer<typeof LowerThird>;

const slideOf = (line: z.ZodString, moment: z.ZodNumber) =>
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('holding'), title: line, subtitle: line.default('') }),
    /** Counts down to `untilUnixMs`, then stays at zero. */
    z.object({ kind: z.literal('countdown'), title: line, untilUnixMs: moment }),
  ]);
export const Slide = slideOf(SceneLine, UnixMs);
export type Slide = z.infer<typeof Slide>;

/** At most this many people are on air, and at most this many videos reach one client. */
export const MAX_ON_AIR = 12;

export const OnAirPerson = z.object({ personId: Id, name: KeptLine });
export type OnAirPerson = z.infer<typeof OnAirPerson>;

/** As it stands in the log and goes to the nodes; what the crew may change in it is checked by the command's schema. */
export const Scene = z.object({
  /** The webinar's title: what the holding slide says while nobody is on air. */
  title: KeptLine.default(''),
  layout: LayoutName,
  /** Who is heard, in tile order. Everyone here gets a tile unless the layout shows only the focus. */
  onAir: z.array(OnAirPerson).max(MAX_ON_AIR),
  /** Whom spotlight, screen + speaker and picture in picture show large or beside the screen; null: the first. */
  focus: Id.nullable(),
  /** Whose screen share is shown; null: none. */
  screen: Id.nullable(),
  nameCards: z.boolean(),
  lowerThird: lowerThirdOf(KeptLine).nullable(),
  /** A full-frame slide instead of the tiles. Sound of those on air goes on. */
  slide: slideOf(KeptLine, KeptMoment).nullable(),
});
export type Scene = z.infer<typeof Scene>;

export const emptyScene = (title: string): Scene => ({
  title: clipText(title, LINE.max),
  layout: 'grid',
  onAir: [],
  focus: null,
  screen: null,
  nameCards: true,
  lowerThird: null,
  slide: null,
});
