/** What crew and panelists have among themselves: what they write to each other. Nothing of it is told to anybody else, guests from the audience included. */
import { z } from 'zod';
import { BACKSTAGE_TEXT_MAX } from '../backstage-limits.ts';
import { displayText, keptText } from '../display-text.ts';
import { Id } from '../ids.ts';
import { UnixMs } from '../moment.ts';
import { CREW, Role, STAGE } from '../roles.ts';
import { type Command, None } from './command.ts';
import { KeptName } from './people.ts';

const TEXT = { max: BACKSTAGE_TEXT_MAX, multiline: true } as const;
export const BackstageText = displayText(TEXT);
/** In a log that may be older than the rules for it: what can't be shown as it is, is mended. */
export const KeptBackstageText = keptText(TEXT, '…');

export const BackstageEvent = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('backstage.said'),
    messageId: Id,
    personId: Id,
    name: KeptName,
    role: Role,
    text: KeptBackstageText,
  }),
  /** By the crew: it is shown to nobody any more. */
  z.object({ type: z.literal('backstage.unsaid'), messageId: Id }),
]);
export type BackstageEvent = z.infer<typeof BackstageEvent>;

export const backstageCommands = {
  // The client makes messageId, so that sending again after a lost acknowledgement is the same message.
  'backstage:say': { input: z.object({ messageId: Id, text: BackstageText }), output: None, roles: STAGE },
  'backstage:unsay': { input: z.object({ messageId: Id }), output: None, roles: CREW },
} as const satisfies Record<string, Command>;

export const BackstageMessage = z.object({
  messageId: Id,
  personId: Id,
  name: z.string(),
  role: Role,
  text: z.string(),
  saidUnixMs: UnixMs,
});
export type BackstageMessage = Readonly<z.infer<typeof BackstageMessage>>;

export interface BackstageState {
  /** By id, oldest first; at most `BACKSTAGE_MESSAGES_MAX`. */
  readonly backstageMessages: ReadonlyMap<string, BackstageMessage>;
  /** Ids of those that were taken away, at most as many: said once more, one does not come back. */
  readonly backstageUnsaid: readonly string[];
  /** How many were ever said: the log keeps each. */
  readonly backstageSaid: number;
}

export const BackstageView = z.object({
  /** Oldest first. */
  messages: z.array(BackstageMessage),
});
export type BackstageView = z.infer<typeof BackstageView>;

export const BackstageMessageDelta = z.object({
  type: z.literal('backstageMessage'),
  message: BackstageMessage,
});
export const BackstageMessageGoneDelta = z.object({
  type: z.literal('backstageMessageGone'),
  messageId: Id,
});
