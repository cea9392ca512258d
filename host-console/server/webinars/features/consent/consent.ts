/** What those on the stage answered when they were asked whether they may be recorded. */
import {
  type ConsentAnswer,
  type ConsentEvent,
  type ConsentState,
  type Consents,
  ConsentTextVersion,
  type ConsentTo,
  type consentCommands,
  Id,
  type WebinarState,
} from '@rostrum/contracts';
import { z } from 'zod';
import type { Caller } from '../../commands.ts';
import { refuseAfterEnd } from '../../refusals.ts';
import type { Touch } from '../all.ts';
import type { DraftState } from '../draft-state.ts';
import type { Feature, Moment } from '../feature.ts';
import { AT_ONCE, chunks, inParts, readPart } from '../parts.ts';
import { personOnStage } from '../people/standing.ts';
import { refuseOneMore, tookBack } from '../taken-back/taken-back.ts';
import { consentsOf, consentView } from './consents.ts';

const Answer = z
  .object({ given: z.boolean(), textVersion: ConsentTextVersion, atUnixMs: z.number() })
  .nullable();
const ConsentsPart: z.ZodType<Consents> = z.object({
  recording: Answer,
  tracks: Answer,
  eraseTracksBeforeUnixMs: z.number().nullable(),
});
const Some = z.object({ kind: z.literal('consents'), consents: z.array(z.tuple([Id, ConsentsPart])) });

const touched = ({ personId }: { readonly personId: string }): Touch[] => [
  { kind: 'person', personId },
  { kind: 'self', personId },
];

export const consent = {
  empty: { consents: new Map<string, Consents>() },
  decide: {
    'consent:answer': (state, { input }, caller) => {
      if (input.given) {
        refuseAfterEnd(state);
        // Asked when it is given, so that it can always be taken back.
        refuseOneMore(state, caller.personId);
      }
      return answerConsent(state, input, caller);
    },
  },
  apply: { 'consent.given': answered, 'consent.refused': answered },
  touches: { 'consent.given': touched, 'consent.refused': touched },
  deltas: {},
  self: (state, personId) => ({ consent: consentView(consentsOf(state, personId)) }),
  kept: {
    consents: inParts(
      {
        consents: readPart(Some, (draft, part) => {
          for (const [personId, consents] of part.consents) setConsents(draft, personId, consents);
        }),
      },
      function* (all: ConsentState['consents']): Generator<z.infer<typeof Some>> {
        for (const some of chunks(all, AT_ONCE.people)) yield { kind: 'consents', consents: some };
      },
    ),
  },
} satisfies Feature<ConsentEvent['type'], keyof typeof consentCommands, ConsentState, never>;

/** A refusal comes through always, of who has left and after the end too; to agree one has to be on the stage. */
function answerConsent(
  state: WebinarState,
  input: {
    readonly to: ConsentTo;
    readonly given: boolean;
    readonly textVersion: number;
    readonly erase: boolean;
  },
  { personId }: Caller,
): ConsentEvent[] {
  const { to, textVersion } = input;
  const known = state.consents.get(personId);
  const before = known?.[to] ?? null;
  if (input.given || !known) personOnStage(state, personId);
  const same = before?.given === input.given && before.textVersion === textVersion;
  if (input.given) return same ? [] : [{ type: 'consent.given', personId, to, textVersion }];
  const erased = before?.given === false && (known?.eraseTracksBeforeUnixMs ?? 0) >= before.atUnixMs;
  const erase = input.erase && to === 'tracks' && !erased;
  // Said again of who is on air all the same, who leaves it with every refusal.
  const onAir =
    to === 'recording' &&
    state.phase.phase !== 'ended' &&
    state.scene.onAir.some((p) => p.personId === personId);
  if (same && !erase && !onAir) return [];
  return [{ type: 'consent.refused', personId, to, textVersion, ...(erase ? { erase } : {}) }];
}

function answered(draft: DraftState, event: ConsentEvent, { atUnixMs }: Moment): void {
  const { personId, to, textVersion } = event;
  const before = consentsOf(draft.now, personId);
  const answer: ConsentAnswer = { given: event.type === 'consent.given', textVersion, atUnixMs };
  if (before[to]?.given && !answer.given) tookBack(draft, personId);
  const erase = event.type === 'consent.refused' && event.erase === true;
  setConsents(draft, personId, {
    ...before,
    [to]: answer,
    ...(erase ? { eraseTracksBeforeUnixMs: atUnixMs } : {}),
  });
}

function setConsents(draft: DraftState, personId: string, consents: Consents): void {
  draft.now.consents = draft.ownMap(draft.now.consents).set(personId, consents);
}
