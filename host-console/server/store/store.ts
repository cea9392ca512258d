import type { Logger } from 'pino';
import { AccountRepository } from './accounts.ts';
import { ApiTokenRepository } from './api-tokens.ts';
import { AuditRepository } from './audit.ts';
import { type Database, type Engine, openDatabase } from './database.ts';
import type { Consequence, EventLog } from './event-log.ts';
import { EventRepository, type StoreObserver } from './events.ts';
import { IdempotencyRepository } from './idempotency.ts';
import { InstallationRepository } from './installation.ts';
import { InvitationRepository } from './invitations.ts';
import { MailRepository } from './mails.ts';
import { PageOriginRepository } from './page-origins.ts';
import { PasscodeRepository } from './passcodes.ts';
import { postgresEngine } from './postgres.ts';
import { QualityRepository } from './quality.ts';
import { RegistrationRepository } from './registrations.ts';
import { SessionRepository } from './sessions.ts';
import { SnapshotRepository, type SnapshotStore } from './snapshots.ts';
import { SpeakerInvitationRepository } from './speaker-invitations.ts';
import { sqliteEngine } from './sqlite.ts';
import { StayRepository } from './stays.ts';
import { WebhookRepository } from './webhooks.ts';
import { WebinarRepository } from './webinars.ts';

/** What the coordinator keeps: repositories over one database. */
export interface Store {
  /** For what has to be durable with rows of several repositories, and no event. */
  readonly database: Pick<Database, 'transact' | 'query' | 'copyTo' | 'scrub'>;
  readonly events: EventLog;
  readonly webinars: WebinarRepository;
  readonly snapshots: SnapshotStore;
  readonly installation: InstallationRepository;
  readonly pageOrigins: PageOriginRepository;
  readonly mails: MailRepository;
  readonly speakerInvitations: SpeakerInvitationRepository;
  readonly accounts: AccountRepository;
  readonly sessions: SessionRepository;
  readonly invitations: InvitationRepository;
  readonly audit: AuditRepository;
  readonly apiTokens: ApiTokenRepository;
  readonly idempotency: IdempotencyRepository;
  readonly webhooks: WebhookRepository;
  readonly stays: StayRepository;
  readonly passcodes: PasscodeRepository;
  readonly quality: QualityRepository;
  readonly registrations: RegistrationRepository;
  /** What follows from every event created or appended from now on is written with it. */
  follow(consequence: Consequence): void;
  /** Throws `unavailable` when the database does not answer. */
  check(): Promise<void>;
  /** Waits for the commit under way; later calls reject with `unavailable`. Idempotent. */
  close(): Promise<void>;
}

/** What a webinar's state is made of, and kept in. */
export type WebinarLog = Pick<Store, 'events' | 'snapshots'>;

export interface DatabaseSettings {
  readonly databaseUrl: string | null;
  readonly dataDir: string;
}

/** PostgreSQL where `databaseUrl` says so, else SQLite in `dataDir`. */
export const engineOf = ({ databaseUrl, dataDir }: DatabaseSettings, logger: Logger): Engine =>
  databaseUrl ? postgresEngine(databaseUrl, logger) : sqliteEngine(dataDir);

/** Throws with a message for the operator. */
export async function openStore(
  settings: DatabaseSettings,
  logger: Logger,
  observer?: StoreObserver,
): Promise<Store> {
  return storeOver(await openDatabase(engineOf(settings, logger), logger), logger, observer);
}

/** The repositories over a database, which is closed with them. */
export function storeOver(database: Database, logger: Logger, observer?: StoreObserver): Store {
  const events = new EventRepository(database, logger, observer ?? null);
  return {
    database,
    events,
    webinars: new WebinarRepository(database),
    snapshots: new SnapshotRepository(database),
    installation: new InstallationRepository(database),
    pageOrigins: new PageOriginRepository(database),
    mails: new MailRepository(database),
    speakerInvitations: new SpeakerInvitationRepository(database),
    accounts: new AccountRepository(database),
    sessions: new SessionRepository(database),
    invitations: new InvitationRepository(database),
    audit: new AuditRepository(database),
    apiTokens: new ApiTokenRepository(database),
    idempotency: new IdempotencyRepository(database),
    webhooks: new WebhookRepository(database),
    stays: new StayRepository(database),
    passcodes: new PasscodeRepository(database),
    quality: new QualityRepository(database),
    registrations: new RegistrationRepository(database),
    follow: (consequence) => events.follow(consequence),
    check: () => database.check(),
    async close() {
      await events.close();
      await database.close();
    },
  };
}
