import { InviteSpeaker } from '@rostrum/contracts';
import type { Database, Tx } from './database.ts';

/** Who was invited by mail to speak or to moderate, by the link that was made for them. */
export interface KeptInvitation extends InviteSpeaker {
  readonly linkId: string;
  readonly webinarId: string;
  readonly invitedUnixMs: number;
}

/** Addresses stand here and in the outbox, and not in the log, which keeps what it is told. */
export class SpeakerInvitationRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async add(tx: Tx, { linkId, webinarId, invitedUnixMs, ...details }: KeptInvitation): Promise<void> {
    await tx
      .insertInto('speaker_invitations')
      .values({
        link_id: linkId,
        webinar_id: webinarId,
        details: JSON.stringify(details),
        invited_unix_ms: invitedUnixMs,
      })
      .execute();
  }

  /** In the order in which they were invited. */
  async of(webinarId: string): Promise<KeptInvitation[]> {
    const rows = await this.#database.query((db) =>
      db
        .selectFrom('speaker_invitations')
        .selectAll()
        .where('webinar_id', '=', webinarId)
        .orderBy('invited_unix_ms')
        .orderBy('link_id')
        .execute(),
    );
    return rows.map((r) => ({
      ...InviteSpeaker.parse(JSON.parse(r.details)),
      linkId: r.link_id,
      webinarId: r.webinar_id,
      invitedUnixMs: Number(r.invited_unix_ms),
    }));
  }
}
