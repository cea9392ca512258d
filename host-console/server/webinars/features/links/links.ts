/** Personal links. They are made over HTTP, whose handlers ask the two decisions here. */
import {
  Id,
  KeptName,
  type LinksEvent,
  type LinksState,
  type MadeLink,
  Role,
  RostrumError,
  type WebinarState,
} from '@rostrum/contracts';
import { z } from 'zod';
import { notFound } from '../../refusals.ts';
import type { DraftState } from '../draft-state.ts';
import type { Events, Feature } from '../feature.ts';
import { LIMITS } from '../limits.ts';
import { AT_ONCE, chunks, inFrame, inParts, readPart } from '../parts.ts';

/** As `decide`. */
export function makeLink(
  state: WebinarState,
  link: Omit<Events['link.made'], 'type'>,
): readonly LinksEvent[] {
  if (state.links.size >= LIMITS.links) {
    throw new RostrumError('limit-reached', `a webinar has at most ${LIMITS.links} links`);
  }
  return [{ type: 'link.made', ...link }];
}

/** A link may be revoked by whoever may make one of its role. As `decide`. */
export function revokeLink(state: WebinarState, linkId: string): readonly LinksEvent[] {
  const link = state.links.get(linkId);
  if (!link) throw notFound('no such link', 'linkId');
  return link.revoked ? [] : [{ type: 'link.revoked', linkId }];
}

function setLink(draft: DraftState, link: MadeLink): void {
  draft.now.links = draft.ownMap(draft.now.links).set(link.linkId, link);
}

const LinkPart: z.ZodType<MadeLink> = z.object({
  linkId: Id,
  personId: Id,
  name: KeptName,
  role: Role,
  madeUnixMs: z.number(),
  expiresUnixMs: z.number(),
  revoked: z.boolean(),
});
const Links = z.object({ kind: z.literal('links'), links: z.array(LinkPart) });

// Nobody's view holds links; whoever runs the webinar asks for them.
const nothing = (): [] => [];

export const links = {
  empty: { links: new Map<string, MadeLink>(), generation: 0 },
  decide: {},
  apply: {
    'link.made': (draft, { type: _, ...made }, { atUnixMs }) =>
      setLink(draft, {
        ...made,
        expiresUnixMs: made.expiresUnixMs ?? 0,
        madeUnixMs: atUnixMs,
        revoked: false,
      }),
    'link.revoked': (draft, { linkId }) => {
      const link = draft.now.links.get(linkId);
      if (link) setLink(draft, { ...link, revoked: true });
    },
    'links.revoked': (draft) => {
      draft.now.generation += 1;
      for (const link of draft.now.links.values()) setLink(draft, { ...link, revoked: true });
    },
  },
  touches: { 'link.made': nothing, 'link.revoked': nothing, 'links.revoked': nothing },
  deltas: {},
  kept: {
    links: inParts(
      {
        links: readPart(Links, (draft, part) => {
          for (const link of part.links) setLink(draft, link);
        }),
      },
      function* (all: LinksState['links']): Generator<z.infer<typeof Links>> {
        for (const some of chunks(all.values(), AT_ONCE.links)) yield { kind: 'links', links: some };
      },
    ),
    generation: inFrame(z.int()),
  },
} satisfies Feature<LinksEvent['type'], never, LinksState, never>;
