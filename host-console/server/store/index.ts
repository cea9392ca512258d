export {
  type Account,
  type AccountRepository,
  type AccountWithHash,
  emailKey,
  type WebinarRole,
} from './accounts.ts';
export type { ApiTokenRepository, ApiTokenRow } from './api-tokens.ts';
export type { AuditCursor, AuditRepository, AuditRow } from './audit.ts';
export type { Reader, Tx } from './database.ts';
export { erasing } from './erasure.ts';
export {
  type Also,
  type Append,
  type Claim,
  type Consequence,
  type EventLog,
  FencedError,
  type NewEvent,
  type NumberedEvent,
} from './event-log.ts';
export type { StoreObserver } from './events.ts';
export type { GivenAnswer, IdempotencyRepository } from './idempotency.ts';
export type { InstallationRepository } from './installation.ts';
export {
  type KeptMail,
  type LeasedMail,
  MAY_BE_SENT_AGAIN,
  type MailRepository,
  type MailState,
} from './mails.ts';
export type { PageOrigin, PageOriginRepository } from './page-origins.ts';
export type { PasscodeRepository } from './passcodes.ts';
export type { QualityRepository } from './quality.ts';
export type {
  NewRegistration,
  RegistrationDesk,
  RegistrationQuery,
  RegistrationRepository,
  RegistrationRow,
  RegistrationTask,
} from './registrations.ts';
export type { KnownSession, NewSession, SessionRepository, StandingSession } from './sessions.ts';
export { type NewSnapshot, SnapshotDamaged, type SnapshotHead, type SnapshotStore } from './snapshots.ts';
export type { SpeakerInvitationRepository } from './speaker-invitations.ts';
export type { AfterAttendant, Attendant, Stay, StayRepository, StayRow } from './stays.ts';
export { openStore, type Store, type WebinarLog } from './store.ts';
export type { DeliveryRow, WebhookRepository, WebhookRow } from './webhooks.ts';
export {
  type AirTime,
  newWebinarRow,
  type PlannedRow,
  type WebinarRepository,
  type WebinarRow,
} from './webinars.ts';
