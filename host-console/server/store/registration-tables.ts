import type { Kysely } from 'kysely';

/** Tables of who registered for webinars, and of what is to be told to them. Released as it is, like every migration. */
export async function makeRegistrations(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('registration_desks')
    .addColumn('webinar_id', 'varchar(64)', (c) => c.primaryKey().references('webinars.webinar_id'))
    .addColumn('last_number', 'integer', (c) => c.notNull())
    .addColumn('sequence', 'integer', (c) => c.notNull())
    .addColumn('told', 'text')
    .execute();
  await db.schema
    .createTable('registrations')
    .addColumn('registration_id', 'varchar(64)', (c) => c.primaryKey())
    .addColumn('webinar_id', 'varchar(64)', (c) => c.notNull().references('webinars.webinar_id'))
    .addColumn('number', 'integer', (c) => c.notNull())
    .addColumn('address', 'varchar(320)', (c) => c.notNull())
    .addColumn('search', 'text', (c) => c.notNull())
    .addColumn('details', 'text', (c) => c.notNull())
    .addColumn('locale', 'varchar(8)', (c) => c.notNull())
    .addColumn('state', 'varchar(16)', (c) => c.notNull())
    .addColumn('created_unix_ms', 'bigint', (c) => c.notNull())
    .addColumn('changed_unix_ms', 'bigint', (c) => c.notNull())
    .addColumn('person_id', 'varchar(64)', (c) => c.notNull())
    .addColumn('link_id', 'varchar(64)', (c) => c.notNull())
    .addColumn('joined_unix_ms', 'bigint')
    .addColumn('unsubscribed_unix_ms', 'bigint')
    .addUniqueConstraint('registrations_by_address', ['webinar_id', 'address'])
    .execute();
  await db.schema
    .createIndex('registrations_in_order')
    .on('registrations')
    .columns(['webinar_id', 'state', 'number'])
    .execute();
  await db.schema
    .createTable('registration_tasks')
    .addColumn('webinar_id', 'varchar(64)', (c) => c.notNull().references('webinars.webinar_id'))
    .addColumn('kind', 'varchar(32)', (c) => c.notNull())
    .addColumn('version', 'integer', (c) => c.notNull())
    .addColumn('due_unix_ms', 'bigint', (c) => c.notNull())
    .addColumn('after_number', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('registration_tasks_by_kind', ['webinar_id', 'kind'])
    .execute();
  await db.schema
    .createIndex('registration_tasks_by_due')
    .on('registration_tasks')
    .column('due_unix_ms')
    .execute();
}
