/** What crew and panelists have among themselves: what they write to each other, who is next, when it begins, and how long they stay. Nothing of it is told to anybody else, guests from the audience included. */
import { z } from 'zod';
import { BACKSTAGE_TEXT_MAX, RUNNING_ORDER_MAX } from '../backstage-limits.ts';
import { displayText, keptText } from '../display-text.ts';
import { Id } from '../ids.ts';
import { KeptUnixMs, UnixMs } from '../moment.ts';
import { CREW, Role, STAGE } from '../roles.ts';
import { type Command, None, nothing } from './command.ts';
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
  /** Who is to appear, one after the other. */
  z.object({ type: z.literal('backstage.ordered'), personIds: z.array(Id) }),
  /** null: there is no countdown any more. */
  z.object({ type: z.literal('backstage.countdownSet'), airsAtUnixMs: KeptUnixMs }),
  /** After the end, by the host: everybody leaves it. */
  z.object({ type: z.literal('backstage.closed') }),
]);
export type BackstageEvent = z.infer<typeof BackstageEvent>;

export const backstageCommands = {
  // The client makes messageId, so that sending again after a lost acknowledgement is the same message.
  'backstage:say': { input: z.object({ messageId: Id, text: BackstageText }), output: None, roles: STAGE },
  'backstage:unsay': { input: z.object({ messageId: Id }), output: None, roles: CREW },
  'backstage:order': {
    input: z.object({ personIds: z.array(Id).max(RUNNING_ORDER_MAX) }),
    output: None,
    roles: CREW,
  },
  /** By the coordinator's clock, which pages know: sent again after a lost answer it is the same moment. */
  'backstage:countdown': {
    input: z.object({ airsAtUnixMs: UnixMs.nullable() }),
    output: None,
    roles: CREW,
  },
  'backstage:close': { input: nothing, output: None, roles: ['owner', 'host'] },
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
  /** Ids of people, who is first first. */
  readonly runningOrder: readonly string[];
  /** null: nobody counts down. */
  readonly airsAtUnixMs: number | null;
  readonly backstageClosed: boolean;
}

const Plan = z.object({
  /** Ids of people, who is first first. */
  order: z.array(Id),
  /** When it is to go on air; null: nobody counts down. */
  airsAtUnixMs: UnixMs.nullable(),
  /** The host closed it after the end. */
  closed: z.boolean(),
});

export const BackstageView = z.object({
  /** Oldest first. */
  messages: z.array(BackstageMessage),
  ...Plan.shape,
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
export const BackstageDelta = z.object({ type: z.literal('backstage'), ...Plan.shape });
