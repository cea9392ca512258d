import { createHash } from 'node:crypto';
import { DELETED_NAME, InviteSpeaker } from '@rostrum/contracts';
import { sql } from 'kysely';
import type { Tx } from './database.ts';
import type { Consequence } from './event-log.ts';
import { addressHash } from './mails.ts';
import { redacted, type Theirs, theirsIn } from './redact.ts';

/**
 * What follows from `person.erased`: nothing of whom it names is left in any table, from the same commit on. The log is append
 * only but for this: the bodies of its events are written anew without them, each in its place, so that what is folded from them
 * is what it was, of somebody without a name.
 */
export const erasing: Consequence = (webinarId, events) => {
  const erased = events.flatMap(({ event }) => (event.type === 'person.erased' ? [event.personId] : []));
  if (erased.length === 0) return null;
  return async (tx) => {
    for (const personId of erased) await erasePerson(tx, webinarId, personId);
  };
};

async function erasePerson(tx: Tx, webinarId: string, personId: string): Promise<void> {
  const theirs = await theirsOf(tx, webinarId, personId);
  const shared = await sharedNames(tx, webinarId, personId, theirs);
  const without = (text: string): string =>
    JSON.stringify(redacted(JSON.parse(text), personId, theirs, shared));
  for (const { seq, body } of await mentions(tx, webinarId, personId, theirs)) {
    const left = without(body);
    if (left === body) continue;
    await tx
      .updateTable('events')
      .set({ body: left })
      .where('webinar_id', '=', webinarId)
      .where('seq', '=', seq)
      .execute();
  }
  await redactSnapshots(tx, webinarId, without);
  for (const table of ['attendants', 'stays', 'quality_log'] as const) {
    await tx
      .deleteFrom(table)
      .where('webinar_id', '=', webinarId)
      .where('person_id', '=', personId)
      .execute();
  }
  await eraseRegistrations(tx, webinarId, personId);
  await eraseInvitations(tx, webinarId, theirs);
  // What webhooks are yet to be told of them, and what they were.
  for (const text of [personId, ...theirs.names, ...theirs.texts]) {
    await tx
      .deleteFrom('webhook_deliveries')
      .where(contains('body', JSON.stringify(webinarId)))
      .where(contains('body', JSON.stringify(text)))
      .execute();
  }
  // Whoever had the webinar in memory reads it anew, and writes no snapshot of what it had.
  await tx
    .updateTable('webinars')
    .set((eb) => ({ epoch: eb('epoch', '+', 1) }))
    .where('webinar_id', '=', webinarId)
    .execute();
}

async function theirsOf(tx: Tx, webinarId: string, personId: string): Promise<Theirs> {
  const events = await containing(tx, webinarId, [JSON.stringify(personId)]);
  const parts = await tx
    .selectFrom('snapshot_parts')
    .select('body')
    .where('webinar_id', '=', webinarId)
    .where(contains('body', JSON.stringify(personId)))
    .execute();
  const known = theirsIn(
    [...events, ...parts].map(({ body }) => JSON.parse(body)),
    personId,
  );
  const attendants = await tx
    .selectFrom('attendants')
    .select('name')
    .where('webinar_id', '=', webinarId)
    .where('person_id', '=', personId)
    .execute();
  const names = new Set([...known.names, ...attendants.map(({ name }) => String(JSON.parse(name)))]);
  names.delete(DELETED_NAME);
  return { ...known, names };
}

/** Of their names those that others of the webinar bear too. */
async function sharedNames(
  tx: Tx,
  webinarId: string,
  personId: string,
  { names }: Theirs,
): Promise<ReadonlySet<string>> {
  const shared = new Set<string>();
  if (names.size === 0) return shared;
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if ('name' in value && typeof value.name === 'string' && names.has(value.name)) {
      if ('personId' in value && value.personId !== personId) shared.add(value.name);
    }
    for (const inner of Object.values(value)) look(inner);
  };
  const quoted = [...names].map((name) => JSON.stringify(name));
  for (const { body } of await containing(tx, webinarId, quoted)) look(JSON.parse(body));
  const others = await tx
    .selectFrom('attendants')
    .select('name')
    .where('webinar_id', '=', webinarId)
    .where('person_id', '!=', personId)
    .where('name', 'in', quoted)
    .execute();
  for (const { name } of others) shared.add(String(JSON.parse(name)));
  return shared;
}

/** Events that may have something of theirs. */
const mentions = (tx: Tx, webinarId: string, personId: string, { names, texts, ids }: Theirs) =>
  containing(
    tx,
    webinarId,
    [personId, ...names, ...texts, ...ids].map((text) => JSON.stringify(text)),
  );

/** So many texts are looked for at once: a statement has a limit for its parts. */
const TEXTS_AT_ONCE = 50;

async function containing(
  tx: Tx,
  webinarId: string,
  texts: readonly string[],
): Promise<{ readonly seq: number; readonly body: string }[]> {
  const found = new Map<number, string>();
  for (let at = 0; at < texts.length; at += TEXTS_AT_ONCE) {
    const some = texts.slice(at, at + TEXTS_AT_ONCE);
    const rows = await tx
      .selectFrom('events')
      .select(['seq', 'body'])
      .where('webinar_id', '=', webinarId)
      .where((eb) => eb.or(some.map((text) => contains('body', text))))
      .execute();
    for (const { seq, body } of rows) found.set(seq, body);
  }
  return [...found].map(([seq, body]) => ({ seq, body }));
}

/** At least where it does; SQLite takes small and capital letters of ASCII for the same. */
const contains = (column: 'body', text: string) => {
  const pattern = `%${text.replaceAll(/[~%_]/g, '~$&')}%`;
  return sql<boolean>`${sql.ref(column)} like ${pattern} escape '~'`;
};

/** Their checksums are of what is in them then (`snapshots.ts`). */
async function redactSnapshots(tx: Tx, webinarId: string, without: (text: string) => string): Promise<void> {
  const first = await tx
    .selectFrom('events')
    .select('seq')
    .where('webinar_id', '=', webinarId)
    .where('seq', '=', 1)
    .executeTakeFirst();
  if (first) {
    // The log has all that they have.
    for (const table of ['snapshots', 'snapshot_parts'] as const) {
      await tx.deleteFrom(table).where('webinar_id', '=', webinarId).execute();
    }
    return;
  }
  const heads = await tx.selectFrom('snapshots').selectAll().where('webinar_id', '=', webinarId).execute();
  for (const { snapshot_id, version, seq } of heads) {
    const hash = createHash('sha256').update(`${version} ${seq}\n`);
    const parts = await tx
      .selectFrom('snapshot_parts')
      .select(['part', 'body'])
      .where('snapshot_id', '=', snapshot_id)
      .orderBy('part')
      .execute();
    for (const { part, body } of parts) {
      const left = without(body);
      hash.update(`${left}\n`);
      if (left === body) continue;
      await tx
        .updateTable('snapshot_parts')
        .set({ body: left })
        .where('snapshot_id', '=', snapshot_id)
        .where('part', '=', part)
        .execute();
    }
    await tx
      .updateTable('snapshots')
      .set({ checksum: hash.digest('hex') })
      .where('snapshot_id', '=', snapshot_id)
      .execute();
  }
  // What a writer left that died before its last row is read by nobody, and may have them in it.
  await tx
    .deleteFrom('snapshot_parts')
    .where('webinar_id', '=', webinarId)
    .where('snapshot_id', 'not in', (eb) => eb.selectFrom('snapshots').select('snapshot_id'))
    .execute();
}

/** What they registered by, and the mails to that address about this webinar: those that wait are not sent. */
async function eraseRegistrations(tx: Tx, webinarId: string, personId: string): Promise<void> {
  const registered = await tx
    .selectFrom('registrations')
    .select(['registration_id', 'address'])
    .where('webinar_id', '=', webinarId)
    .where('person_id', '=', personId)
    .execute();
  for (const { registration_id, address } of registered) {
    await eraseMails(tx, webinarId, address);
    await tx.deleteFrom('registrations').where('registration_id', '=', registration_id).execute();
  }
}

/** The same of who was invited to the stage or the crew, by the link that was made for them. */
async function eraseInvitations(tx: Tx, webinarId: string, { links }: Theirs): Promise<void> {
  for (const linkId of links) {
    const invited = await tx
      .selectFrom('speaker_invitations')
      .select('details')
      .where('link_id', '=', linkId)
      .executeTakeFirst();
    if (!invited) continue;
    const details = InviteSpeaker.safeParse(JSON.parse(invited.details));
    if (details.success) await eraseMails(tx, webinarId, details.data.address);
    await tx.deleteFrom('speaker_invitations').where('link_id', '=', linkId).execute();
  }
}

async function eraseMails(tx: Tx, webinarId: string, address: string): Promise<void> {
  await tx
    .deleteFrom('webhook_deliveries')
    .where(contains('body', JSON.stringify(webinarId)))
    .where(contains('body', JSON.stringify(address)))
    .execute();
  const mails = { webinar_id: webinarId, address_hash: addressHash(address) };
  await tx
    .deleteFrom('mails')
    .where((eb) => eb.and(mails))
    .where('state', '=', 'queued')
    .execute();
  // A row stays, by which nothing is mailed twice.
  await tx
    .updateTable('mails')
    .set({ body: null, outcome: null, address_hash: '0'.repeat(64) })
    .where((eb) => eb.and(mails))
    .execute();
}
