import type { PersonCommand, personCommands, Role } from '@rostrum/contracts';
import type { z } from 'zod';
import type { MediaCommand } from '../media/media-plane.ts';

/** Commands decided from the log alone. */
export type WordCommand = Exclude<PersonCommand, MediaCommand | 'media:quality'>;

/** A parsed command, its input under its own name. */
export type ParsedCommand = {
  [C in WordCommand]: { readonly name: C; readonly input: z.output<(typeof personCommands)[C]['input']> };
}[WordCommand];

/** What carries the channel that was started for it. */
export type StartingCommand = 'webinar:goLive' | 'doors:open';

export type Decidable =
  | Exclude<ParsedCommand, { name: StartingCommand }>
  | {
      [C in StartingCommand]: {
        readonly name: C;
        readonly channel: { readonly channelId: string; readonly originUrl: string };
      };
    }[StartingCommand];

/** Who asks, as the signed link says. */
export interface Caller {
  readonly personId: string;
  readonly name: string;
  readonly role: Role;
}

export const isMediaCommand = (command: PersonCommand): command is MediaCommand | 'media:quality' =>
  command.startsWith('media:');
