/** How people come in before the show: when the doors open, what is seen and heard until it begins. */
import { z } from 'zod';
import { DOORS_MINUTES_MAX } from '../doors-limits.ts';
import { KeptUnixMs, UnixMs } from '../moment.ts';
import { CREW } from '../roles.ts';
import { type Command, None } from './command.ts';

const rulesOf = <Moment extends z.ZodType<number | null>>(moment: Moment) =>
  z.object({
    /** Music is played until the show begins. */
    bed: z.boolean(),
    /** The doors open by themselves so long before the planned start; 0: they do not; null: as the installation has it. */
    openMinutes: z.int().min(0).max(DOORS_MINUTES_MAX).nullable(),
    /** What the holding slide counts down to, where that is not the planned start. */
    untilUnixMs: moment,
  });
export const DoorRules = rulesOf(KeptUnixMs);
export type DoorRules = z.infer<typeof DoorRules>;

export const NO_DOOR_RULES: DoorRules = { bed: false, openMinutes: null, untilUnixMs: null };

/** `rules`: all of them, as they are from then on. */
export const DoorsEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('doors.ruled'), rules: DoorRules }),
]);
export type DoorsEvent = z.infer<typeof DoorsEvent>;

export const doorsCommands = {
  'doors:rule': { input: rulesOf(UnixMs.nullable()).partial(), output: None, roles: CREW },
} as const satisfies Record<string, Command>;

export interface DoorsState {
  readonly doorRules: DoorRules;
  /** The start for which the doors were opened last, by whomever: they do not open by themselves for it again. */
  readonly doorsOpenedFor: number | null;
}

export const DoorsView = DoorRules;
export type DoorsView = DoorRules;

export const DoorsDelta = z.object({ type: z.literal('doors'), doors: DoorsView });
