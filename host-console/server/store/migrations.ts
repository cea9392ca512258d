import { type Kysely, sql } from 'kysely';
import { type Migration, type MigrationProvider, Migrator } from 'kysely/migration';
import { makeRegistrations } from './registration-tables.ts';
import type { Schema } from './schema.ts';

/**
 * How the tables came to be what `Schema` says. They go forward only, and a released one stays as it is: databases have had
 * it, so what is to be otherwise is another migration, which finds the data of every version before it.
 */
export const migrations: Record<string, Migration> = {
  '001_event_log': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('webinars')
        .addColumn('webinar_id', 'varchar(64)', (c) => c.primaryKey())
        .addColumn('created_unix_ms', 'bigint', (c) => c.notNull())
        .addColumn('summary', 'text', (c) => c.notNull())
        .addColumn('phase', 'varchar(16)', (c) => c.notNull())
        .addColumn('epoch', 'integer', (c) => c.notNull())
        .addColumn('last_seq', 'integer', (c) => c.notNull())
        .execute();
      await db.schema.createIndex('webinars_by_creation').on('webinars').column('created_unix_ms').execute();
      await db.schema
        .createTable('events')
        .addColumn('webinar_id', 'varchar(64)', (c) => c.notNull().references('webinars.webinar_id'))
        .addColumn('seq', 'integer', (c) => c.notNull())
        .addColumn('at_unix_ms', 'bigint', (c) => c.notNull())
        .addColumn('type', 'varchar(64)', (c) => c.notNull())
        .addColumn('body', 'text', (c) => c.notNull())
        .addPrimaryKeyConstraint('events_in_order', ['webinar_id', 'seq'])
        .addCheckConstraint('events_count_from_one', sql`seq >= 1`)
        .execute();
    },
  },
  '002_revoked_links': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .alterTable('webinars')
        .addColumn('link_generation', 'integer', (c) => c.notNull().defaultTo(0))
        .execute();
      await db.schema
        .createTable('installation')
        .addColumn('owner_generation', 'integer', (c) => c.notNull())
        .execute();
      await sql`insert into installation (owner_generation) values (0)`.execute(db);
    },
  },
  '003_snapshots': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('snapshots')
        .addColumn('snapshot_id', 'varchar(64)', (c) => c.primaryKey())
        .addColumn('webinar_id', 'varchar(64)', (c) => c.notNull().references('webinars.webinar_id'))
        .addColumn('seq', 'integer', (c) => c.notNull())
        .addColumn('version', 'integer', (c) => c.notNull())
        .addColumn('parts', 'integer', (c) => c.notNull())
        .addColumn('checksum', 'varchar(64)', (c) => c.notNull())
        .execute();
      await db.schema
        .createTable('snapshot_parts')
        .addColumn('snapshot_id', 'varchar(64)', (c) => c.notNull())
        .addColumn('webinar_id', 'varchar(64)', (c) => c.notNull().references('webinars.webinar_id'))
        .addColumn('part', 'integer', (c) => c.notNull())
        .addColumn('body', 'text', (c) => c.notNull())
        .addPrimaryKeyConstraint('snapshot_parts_in_order', ['snapshot_id', 'part'])
        .execute();
      for (const table of ['snapshots', 'snapshot_parts']) {
        await db.schema.createIndex(`${table}_by_webinar`).on(table).column('webinar_id').execute();
      }
    },
  },
  '004_page_origins': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('page_origins')
        .addColumn('origin', 'text', (c) => c.primaryKey())
        .addColumn('seen_unix_ms', 'bigint', (c) => c.notNull())
        .execute();
    },
  },
  '005_ended_at': {
    async up(db: Kysely<unknown>) {
      await db.schema.alterTable('webinars').addColumn('ended_unix_ms', 'bigint').execute();
      await sql`update webinars set ended_unix_ms = (
        select max(at_unix_ms) from events
        where events.webinar_id = webinars.webinar_id and events.type = 'webinar.ended'
      )`.execute(db);
    },
  },
  '006_mails': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('mails')
        .addColumn('mail_key', 'bytea', (c) => c.primaryKey())
        .addColumn('webinar_id', 'varchar(64)')
        .addColumn('kind', 'varchar(64)', (c) => c.notNull())
        .addColumn('address_hash', 'varchar(64)', (c) => c.notNull())
        .addColumn('due_unix_ms', 'bigint', (c) => c.notNull())
        .addColumn('next_unix_ms', 'bigint', (c) => c.notNull())
        .addColumn('state', 'varchar(16)', (c) => c.notNull())
        .addColumn('epoch', 'integer', (c) => c.notNull())
        .addColumn('attempts', 'integer', (c) => c.notNull())
        .addColumn('settled_unix_ms', 'bigint')
        .addColumn('body', 'text')
        .addColumn('outcome', 'text')
        .execute();
      for (const [name, columns] of [
        ['mails_to_send', ['state', 'next_unix_ms']],
        ['mails_by_due', ['due_unix_ms', 'mail_key']],
        ['mails_by_address', ['address_hash']],
      ] as const) {
        await db.schema
          .createIndex(name)
          .on('mails')
          .columns([...columns])
          .execute();
      }
    },
  },
  '007_api_tokens': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('api_tokens')
        .addColumn('token_id', 'varchar(64)', (c) => c.primaryKey())
        .addColumn('name', 'text', (c) => c.notNull())
        .addColumn('scopes', 'text', (c) => c.notNull())
        .addColumn('secret_hash', 'varchar(64)', (c) => c.notNull().unique())
        .addColumn('hint', 'varchar(16)', (c) => c.notNull())
        .addColumn('created_by', 'varchar(64)', (c) => c.notNull())
        .addColumn('created_by_name', 'text', (c) => c.notNull())
        .addColumn('created_unix_ms', 'bigint', (c) => c.notNull())
        .addColumn('used_unix_ms', 'bigint')
        .addColumn('expires_unix_ms', 'bigint')
        .addColumn('revoked_unix_ms', 'bigint')
        .execute();
    },
  },
  '008_accounts': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('accounts')
        .addColumn('account_id', 'varchar(64)', (c) => c.primaryKey())
        .addColumn('email', 'text', (c) => c.notNull())
        .addColumn('email_key', 'text', (c) => c.notNull().unique())
        .addColumn('name', 'text', (c) => c.notNull())
        .addColumn('role', 'varchar(16)', (c) => c.notNull())
        .addColumn('locale', 'varchar(8)', (c) => c.notNull())
        .addColumn('password_hash', 'text')
        .addColumn('created_unix_ms', 'bigint', (c) => c.notNull())
        .execute();
      const ofAccount = (table: string) =>
        db.schema
          .createTable(table)
          .addColumn('account_id', 'varchar(64)', (c) =>
            c.notNull().references('accounts.account_id').onDelete('cascade'),
          );
      await ofAccount('sessions')
        .addColumn('session_id', 'varchar(64)', (c) => c.primaryKey())
        .addColumn('token_hash', 'varchar(64)', (c) => c.notNull().unique())
        .addColumn('created_unix_ms', 'bigint', (c) => c.notNull())
        .addColumn('seen_unix_ms', 'bigint', (c) => c.notNull())
        .addColumn('expires_unix_ms', 'bigint', (c) => c.notNull())
        .addColumn('user_agent', 'text', (c) => c.notNull())
        .addColumn('method', 'varchar(16)', (c) => c.notNull())
        .execute();
      await ofAccount('passkeys')
        .addColumn('credential_id', 'varchar(1400)', (c) => c.primaryKey())
        .addColumn('public_key', 'text', (c) => c.notNull())
        .addColumn('counter', 'bigint', (c) => c.notNull())
        .addColumn('transports', 'text', (c) => c.notNull())
        .addColumn('name', 'text', (c) => c.notNull())
        .addColumn('created_unix_ms', 'bigint', (c) => c.notNull())
        .addColumn('used_unix_ms', 'bigint')
        .execute();
      await ofAccount('provider_identities')
        .addColumn('issuer', 'varchar(255)', (c) => c.notNull())
        .addColumn('subject', 'varchar(255)', (c) => c.notNull())
        .addPrimaryKeyConstraint('provider_identities_once', ['issuer', 'subject'])
        .execute();
      await ofAccount('password_resets')
        .addColumn('token_hash', 'varchar(64)', (c) => c.primaryKey())
        .addColumn('expires_unix_ms', 'bigint', (c) => c.notNull())
        .execute();
      await ofAccount('webinar_members')
        .addColumn('webinar_id', 'varchar(64)', (c) => c.notNull().references('webinars.webinar_id'))
        .addColumn('role', 'varchar(16)', (c) => c.notNull())
        .addPrimaryKeyConstraint('webinar_members_once', ['webinar_id', 'account_id'])
        .execute();
      for (const table of ['sessions', 'passkeys', 'password_resets', 'webinar_members']) {
        await db.schema.createIndex(`${table}_by_account`).on(table).column('account_id').execute();
      }
      await db.schema
        .createTable('invitations')
        .addColumn('invitation_id', 'varchar(64)', (c) => c.primaryKey())
        .addColumn('token_hash', 'varchar(64)', (c) => c.notNull().unique())
        .addColumn('email', 'text', (c) => c.notNull())
        .addColumn('email_key', 'text', (c) => c.notNull().unique())
        .addColumn('role', 'varchar(16)', (c) => c.notNull())
        .addColumn('inviter', 'text', (c) => c.notNull())
        .addColumn('created_unix_ms', 'bigint', (c) => c.notNull())
        .addColumn('expires_unix_ms', 'bigint', (c) => c.notNull())
        .execute();
      await db.schema
        .createTable('ceremonies')
        .addColumn('ceremony_id', 'varchar(64)', (c) => c.primaryKey())
        .addColumn('kind', 'varchar(32)', (c) => c.notNull())
        .addColumn('body', 'text', (c) => c.notNull())
        .addColumn('expires_unix_ms', 'bigint', (c) => c.notNull())
        .execute();
      await db.schema
        .createTable('audit')
        .addColumn('audit_id', 'varchar(64)', (c) => c.primaryKey())
        .addColumn('at_unix_ms', 'bigint', (c) => c.notNull())
        .addColumn('actor', 'varchar(64)', (c) => c.notNull())
        .addColumn('actor_name', 'text', (c) => c.notNull())
        .addColumn('action', 'varchar(64)', (c) => c.notNull())
        .addColumn('subject', 'text', (c) => c.notNull())
        .execute();
      await db.schema.createIndex('audit_by_time').on('audit').columns(['at_unix_ms', 'audit_id']).execute();
    },
  },
  '009_attendance': {
    async up(db: Kysely<unknown>) {
      await db.schema.alterTable('webinars').addColumn('live_unix_ms', 'bigint').execute();
      await db.schema.alterTable('webinars').addColumn('recorded_ms', 'bigint').execute();
      await sql`update webinars set live_unix_ms = (
        select min(at_unix_ms) from events
        where events.webinar_id = webinars.webinar_id and events.type = 'webinar.wentLive'
      )`.execute(db);
      await db.schema
        .createTable('attendants')
        .addColumn('webinar_id', 'varchar(64)', (c) => c.notNull())
        .addColumn('person_id', 'varchar(64)', (c) => c.notNull())
        .addColumn('name', 'text', (c) => c.notNull())
        .addColumn('name_searched', 'text', (c) => c.notNull())
        .addColumn('role', 'varchar(16)', (c) => c.notNull())
        .addColumn('joined_unix_ms', 'bigint', (c) => c.notNull())
        .addPrimaryKeyConstraint('attendants_of_webinar', ['webinar_id', 'person_id'])
        .execute();
      await db.schema
        .createIndex('attendants_as_they_came')
        .on('attendants')
        .columns(['webinar_id', 'joined_unix_ms', 'person_id'])
        .execute();
      await db.schema
        .createTable('stays')
        .addColumn('stay_id', 'varchar(64)', (c) => c.primaryKey())
        .addColumn('webinar_id', 'varchar(64)', (c) => c.notNull())
        .addColumn('person_id', 'varchar(64)', (c) => c.notNull())
        .addColumn('writer_id', 'varchar(64)', (c) => c.notNull())
        .addColumn('device', 'varchar(16)', (c) => c.notNull())
        .addColumn('browser', 'varchar(16)', (c) => c.notNull())
        .addColumn('region', 'varchar(8)')
        .addColumn('node', 'varchar(64)')
        .addColumn('joined_unix_ms', 'bigint', (c) => c.notNull())
        .addColumn('left_unix_ms', 'bigint')
        .execute();
      await db.schema
        .createIndex('stays_of_people')
        .on('stays')
        .columns(['webinar_id', 'person_id'])
        .execute();
      await db.schema
        .createIndex('stays_that_are_open')
        .on('stays')
        .column('writer_id')
        .where(sql.ref('left_unix_ms'), 'is', null)
        .execute();
      await db.schema
        .createTable('stay_writers')
        .addColumn('writer_id', 'varchar(64)', (c) => c.primaryKey())
        .addColumn('seen_unix_ms', 'bigint', (c) => c.notNull())
        .execute();
    },
  },
  '010_registrations': { up: makeRegistrations },
  '011_plans': {
    async up(db: Kysely<unknown>) {
      await db.schema.alterTable('webinars').addColumn('plan', 'text').execute();
    },
  },
  '012_idempotency_keys': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('idempotency_keys')
        .addColumn('caller', 'varchar(160)', (c) => c.notNull())
        .addColumn('key_hash', 'varchar(64)', (c) => c.notNull())
        .addColumn('request_hash', 'varchar(64)', (c) => c.notNull())
        .addColumn('status', 'integer', (c) => c.notNull())
        .addColumn('answer', 'text', (c) => c.notNull())
        .addColumn('created_unix_ms', 'bigint', (c) => c.notNull())
        .addPrimaryKeyConstraint('idempotency_keys_once', ['caller', 'key_hash', 'request_hash'])
        .execute();
      await db.schema
        .createIndex('idempotency_keys_by_age')
        .on('idempotency_keys')
        .column('created_unix_ms')
        .execute();
    },
  },
  '013_webhooks': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('webhooks')
        .addColumn('webhook_id', 'varchar(64)', (c) => c.primaryKey())
        .addColumn('url', 'text', (c) => c.notNull())
        .addColumn('description', 'text', (c) => c.notNull())
        .addColumn('events', 'text', (c) => c.notNull())
        .addColumn('secrets', 'text', (c) => c.notNull())
        .addColumn('state', 'varchar(16)', (c) => c.notNull())
        .addColumn('failing_since_unix_ms', 'bigint')
        .addColumn('created_unix_ms', 'bigint', (c) => c.notNull())
        .execute();
      await db.schema
        .createTable('webhook_deliveries')
        .addColumn('webhook_id', 'varchar(64)', (c) => c.notNull().references('webhooks.webhook_id'))
        .addColumn('message_id', 'varchar(160)', (c) => c.notNull())
        .addColumn('type', 'varchar(64)', (c) => c.notNull())
        .addColumn('body', 'text', (c) => c.notNull())
        .addColumn('state', 'varchar(16)', (c) => c.notNull())
        .addColumn('attempts', 'integer', (c) => c.notNull())
        .addColumn('next_unix_ms', 'bigint', (c) => c.notNull())
        .addColumn('created_unix_ms', 'bigint', (c) => c.notNull())
        .addColumn('outcome', 'text')
        .addPrimaryKeyConstraint('webhook_deliveries_once', ['webhook_id', 'message_id'])
        .execute();
      for (const [index, columns] of [
        ['webhook_deliveries_due', ['state', 'next_unix_ms']],
        ['webhook_deliveries_by_age', ['webhook_id', 'created_unix_ms']],
      ] as const) {
        await db.schema
          .createIndex(index)
          .on('webhook_deliveries')
          .columns([...columns])
          .execute();
      }
    },
  },
  '014_speaker_invitations': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('speaker_invitations')
        .addColumn('link_id', 'varchar(64)', (c) => c.primaryKey())
        .addColumn('webinar_id', 'varchar(64)', (c) => c.notNull().references('webinars.webinar_id'))
        .addColumn('details', 'text', (c) => c.notNull())
        .addColumn('invited_unix_ms', 'bigint', (c) => c.notNull())
        .execute();
      await db.schema
        .createIndex('speaker_invitations_by_webinar')
        .on('speaker_invitations')
        .column('webinar_id')
        .execute();
    },
  },
  '015_passcodes': {
    async up(db) {
      await db.schema
        .createTable('passcodes')
        .addColumn('webinar_id', 'varchar(64)', (c) => c.primaryKey().references('webinars.webinar_id'))
        .addColumn('hash', 'varchar(255)', (c) => c.notNull())
        .addColumn('set_unix_ms', 'bigint', (c) => c.notNull())
        .execute();
    },
  },
  '016_report_log': {
    async up(db) {
      await db.schema
        .createTable('quality_log')
        .addColumn('webinar_id', 'varchar(64)', (c) => c.notNull())
        .addColumn('at_unix_ms', 'bigint', (c) => c.notNull())
        .addColumn('place', 'integer', (c) => c.notNull())
        .addColumn('person_id', 'varchar(64)', (c) => c.notNull())
        .addColumn('body', 'text', (c) => c.notNull())
        .execute();
      await db.schema
        .createIndex('quality_log_of_webinar')
        .on('quality_log')
        .columns(['webinar_id', 'at_unix_ms', 'place'])
        .execute();
      await db.schema.createIndex('quality_log_by_age').on('quality_log').column('at_unix_ms').execute();
    },
  },
};

/** What the newest of them is called. */
export const SCHEMA = Object.keys(migrations).at(-1) ?? '';

const provider: MigrationProvider = { getMigrations: async () => migrations };

/** Raised when the database has had a migration that this version does not know. */
export class DatabaseIsLater extends Error {
  readonly code = 'database-is-later';
  constructor(migration: string, cause: unknown) {
    super(
      `the database is of a later version (it has had ${migration}), and schemas go forward only: start that version, or bring back a copy of the database from before it`,
      { cause },
    );
    this.name = 'DatabaseIsLater';
  }
}

/** Brings the schema up to date. Throws `DatabaseIsLater`, or the first migration's error; the database is then as it was. */
export async function migrate(db: Kysely<Schema>): Promise<void> {
  const { error } = await new Migrator({ db, provider }).migrateToLatest();
  if (!error) return;
  // Kysely has no other word for it.
  const [, unknown] = /previously executed migration (\S+) is missing/.exec(String(error)) ?? [];
  throw unknown === undefined ? error : new DatabaseIsLater(unknown, error);
}
