import { type LinksEvent, type Role, signLink } from '@rostrum/contracts';
import type { Clock } from '../ports.ts';
import type { RegistrationRow } from '../store/index.ts';
import type { Decision } from '../webinars/actor.ts';
import type { FoldedState } from '../webinars/fold.ts';
import type { Planned } from './planned.ts';

/** As long as an attendee's token of the watch page: past the recording's first weeks. The personal address gives another one. */
const TOKEN_MS = 30 * 24 * 3_600_000;
const ATTENDEE: Role = 'attendee';

export interface PersonalLinksOptions {
  readonly secret: string;
  readonly clock: Clock;
  readonly originUrl: (webinarId: string) => string | null;
  readonly submit: (webinarId: string, decision: Decision) => Promise<FoldedState>;
}

/** What the personal address opens: the watch page, where whoever has it is the person who registered. */
export class PersonalLinks {
  readonly #o: PersonalLinksOptions;

  constructor(options: PersonalLinksOptions) {
    this.#o = options;
  }

  /** The watch page without a token; null: no broadcaster serves one now. */
  watchPage(webinarId: string): string | null {
    const originUrl = this.#o.originUrl(webinarId);
    return originUrl === null ? null : `${originUrl.replace(/\/+$/, '')}/w/${webinarId}`;
  }

  /** The same as the person; the token stands in the fragment, which no server is sent. */
  async watchPageOf(
    { webinarId, personId, linkId, name }: RegistrationRow,
    { linkGeneration: generation }: Planned,
  ): Promise<string | null> {
    const page = this.watchPage(webinarId);
    if (page === null) return null;
    const claims = {
      linkId,
      generation,
      webinarId,
      personId,
      role: ATTENDEE,
      name,
      by: 'registration',
    } as const;
    const expiresUnixMs = Math.floor((this.#o.clock.nowUnixMs() + TOKEN_MS) / 1000) * 1000;
    return `${page}#t=${await signLink(claims, this.#o.secret, expiresUnixMs)}`;
  }

  /** Takes back what was given to people who are out: they are connected by it no more, and never again. Idempotent. */
  async unlink(webinarId: string, people: readonly RegistrationRow[]): Promise<void> {
    if (people.length === 0) return;
    const expiresUnixMs = this.#o.clock.nowUnixMs() + TOKEN_MS;
    await this.#o.submit(webinarId, (state) =>
      people.flatMap(({ linkId, personId, name }): LinksEvent[] => {
        const known = state.links.get(linkId);
        if (known?.revoked) return [];
        const made = { type: 'link.made', linkId, personId, name, role: ATTENDEE, expiresUnixMs } as const;
        return [...(known ? [] : [made]), { type: 'link.revoked', linkId }];
      }),
    );
  }
}
