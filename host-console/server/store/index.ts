import type { Logger } from 'pino';
import type { EventStore } from './event-store.ts';
import { KyselyEventStore, type StoreObserver } from './kysely-event-store.ts';
import { postgresEngine } from './postgres.ts';
import { sqliteEngine } from './sqlite.ts';

export * from './event-store.ts';
export type { StoreObserver } from './kysely-event-store.ts';
export { type NewSnapshot, SnapshotDamaged, type SnapshotHead, type SnapshotStore } from './snapshots.ts';

/** PostgreSQL where `databaseUrl` says so, else SQLite in `dataDir`. Throws with a message for the operator. */
export function openEventStore(
  settings: { readonly databaseUrl: string | null; readonly dataDir: string },
  logger: Logger,
  observer?: StoreObserver,
): Promise<EventStore> {
  const engine = settings.databaseUrl
    ? postgresEngine(settings.databaseUrl, logger)
    : sqliteEngine(settings.dataDir);
  return KyselyEventStore.open(engine, logger, observer);
}
