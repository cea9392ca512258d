import { sql } from 'kysely';
import type { Also, Store } from '../store/index.ts';

/** A table beside the log, as one of a later version may be: mails that events are told by. */
export async function makeOutbox(store: Store): Promise<void> {
  await store.database.transact(async (tx) => {
    await sql`create table outbox (
      mail_id varchar(64) primary key,
      webinar_id varchar(64) not null references webinars (webinar_id)
    )`.execute(tx);
  });
}

export const mailed =
  (webinarId: string, mailId: string): Also =>
  async (tx) => {
    await sql`insert into outbox (mail_id, webinar_id) values (${mailId}, ${webinarId})`.execute(tx);
  };

/** The ids of a webinar's mails. */
export const mailsOf = (store: Store, webinarId: string): Promise<string[]> =>
  store.database.transact(async (tx) => {
    const select = sql<{ mail_id: string }>`select mail_id from outbox where webinar_id = ${webinarId}`;
    return (await select.execute(tx)).rows.map((r) => r.mail_id);
  });
