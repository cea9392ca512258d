import { createHash } from 'node:crypto';
import { EMPTY_PLAN } from '@rostrum/contracts';
import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  sql,
} from 'kysely';
import { Migrator } from 'kysely/migration';
import { type DatabasePlace, placeForEachTest } from '../testing/database-places.ts';
import { migrations } from './migrations.ts';
import type { Schema } from './schema.ts';

const NAMES = Object.keys(migrations);
const QUALITY = NAMES.findIndex((name) => name.endsWith('_report_log')) + 1;
const QUALITY_ROW = {
  ...{
    atUnixMs: 1_800_000_000_005,
    webinarId: 'live-1',
    personId: 'person-1',
    direction: 'send',
    codec: 'VP8',
  },
  ...{ packetLoss: 0.1, roundTripMs: 20, jitterMs: null, layer: 2, relay: null, event: 'loss-alert' },
};
const ATTENDANCE = NAMES.findIndex((name) => name.endsWith('_attendance')) + 1;
const INVITED = NAMES.findIndex((name) => name.endsWith('_speaker_invitations')) + 1;
const PLANS = NAMES.findIndex((name) => name.endsWith('_plans')) + 1;

/** What a migration asks of a database, of both kinds in the same words. */
async function statementsOf(name: string): Promise<string[]> {
  const dialects = [
    {
      createAdapter: () => new SqliteAdapter(),
      createIntrospector: (db: Kysely<unknown>) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
    {
      createAdapter: () => new PostgresAdapter(),
      createIntrospector: (db: Kysely<unknown>) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  ];
  const [sqlite, postgres] = await Promise.all(
    dialects.map(async (dialect) => {
      const statements: string[] = [];
      const db = new Kysely<unknown>({
        dialect: { ...dialect, createDriver: () => new DummyDriver() },
        log({ query }) {
          statements.push(query.sql.replaceAll(/\s+/g, ' '));
        },
      });
      await migrations[name]?.up(db);
      return statements;
    }),
  );
  expect(sqlite).toEqual(postgres);
  return sqlite ?? [];
}

describe('migrations', () => {
  test('go forward only, one after the other', () => {
    expect(NAMES.map((name) => Number(name.slice(0, 3)))).toEqual(NAMES.map((_name, i) => i + 1));
    expect(Object.values(migrations).filter((migration) => migration.down)).toEqual([]);
  });

  test('are what they were when they were released: what is to be otherwise is another one', async () => {
    const released = Object.fromEntries(
      await Promise.all(NAMES.map(async (name) => [name, await statementsOf(name)] as const)),
    );
    expect(released).toMatchInlineSnapshot(`
{
  "001_event_log": [
    "create table "webinars" ("webinar_id" varchar(64) primary key, "created_unix_ms" bigint not null, "summary" text not null, "phase" varchar(16) not null, "epoch" integer not null, "last_seq" integer not null)",
    "create index "webinars_by_creation" on "webinars" ("created_unix_ms")",
    "create table "events" ("webinar_id" varchar(64) not null references "webinars" ("webinar_id"), "seq" integer not null, "at_unix_ms" bigint not null, "type" varchar(64) not null, "body" text not null, constraint "events_in_order" primary key ("webinar_id", "seq"), constraint "events_count_from_one" check (seq >= 1))",
  ],
  "002_revoked_links": [
    "alter table "webinars" add column "link_generation" integer default 0 not null",
    "create table "installation" ("owner_generation" integer not null)",
    "insert into installation (owner_generation) values (0)",
  ],
  "003_snapshots": [
    "create table "snapshots" ("snapshot_id" varchar(64) primary key, "webinar_id" varchar(64) not null references "webinars" ("webinar_id"), "seq" integer not null, "version" integer not null, "parts" integer not null, "checksum" varchar(64) not null)",
    "create table "snapshot_parts" ("snapshot_id" varchar(64) not null, "webinar_id" varchar(64) not null references "webinars" ("webinar_id"), "part" integer not null, "body" text not null, constraint "snapshot_parts_in_order" primary key ("snapshot_id", "part"))",
    "create index "snapshots_by_webinar" on "snapshots" ("webinar_id")",
    "create index "snapshot_parts_by_webinar" on "snapshot_parts" ("webinar_id")",
  ],
  "004_page_origins": [
    "create table "page_origins" ("origin" text primary key, "seen_unix_ms" bigint not null)",
  ],
  "005_ended_at": [
    "alter table "webinars" add column "ended_unix_ms" bigint",
    "update webinars set ended_unix_ms = ( select max(at_unix_ms) from events where events.webinar_id = webinars.webinar_id and events.type = 'webinar.ended' )",
  ],
  "006_mails": [
    "create table "mails" ("mail_key" bytea primary key, "webinar_id" varchar(64), "kind" varchar(64) not null, "address_hash" varchar(64) not null, "due_unix_ms" bigint not null, "next_unix_ms" bigint not null, "state" varchar(16) not null, "epoch" integer not null, "attempts" integer not null, "settled_unix_ms" bigint, "body" text, "outcome" text)",
    "create index "mails_to_send" on "mails" ("state", "next_unix_ms")",
    "create index "mails_by_due" on "mails" ("due_unix_ms", "mail_key")",
    "create index "mails_by_address" on "mails" ("address_hash")",
  ],
  "007_api_tokens": [
    "create table "api_tokens" ("token_id" varchar(64) primary key, "name" text not null, "scopes" text not null, "secret_hash" varchar(64) not null unique, "hint" varchar(16) not null, "created_by" varchar(64) not null, "created_by_name" text not null, "created_unix_ms" bigint not null, "used_unix_ms" bigint, "expires_unix_ms" bigint, "revoked_unix_ms" bigint)",
  ],
  "008_accounts": [
    "create table "accounts" ("account_id" varchar(64) primary key, "email" text not null, "email_key" text not null unique, "name" text not null, "role" varchar(16) not null, "locale" varchar(8) not null, "password_hash" text, "created_unix_ms" bigint not null)",
    "create table "sessions" ("account_id" varchar(64) not null references "accounts" ("account_id") on delete cascade, "session_id" varchar(64) primary key, "token_hash" varchar(64) not null unique, "created_unix_ms" bigint not null, "seen_unix_ms" bigint not null, "expires_unix_ms" bigint not null, "user_agent" text not null, "method" varchar(16) not null)",
    "create table "passkeys" ("account_id" varchar(64) not null references "accounts" ("account_id") on delete cascade, "credential_id" varchar(1400) primary key, "public_key" text not null, "counter" bigint not null, "transports" text not null, "name" text not null, "created_unix_ms" bigint not null, "used_unix_ms" bigint)",
    "create table "provider_identities" ("account_id" varchar(64) not null references "accounts" ("account_id") on delete cascade, "issuer" varchar(255) not null, "subject" varchar(255) not null, constraint "provider_identities_once" primary key ("issuer", "subject"))",
    "create table "password_resets" ("account_id" varchar(64) not null references "accounts" ("account_id") on delete cascade, "token_hash" varchar(64) primary key, "expires_unix_ms" bigint not null)",
    "create table "webinar_members" ("account_id" varchar(64) not null references "accounts" ("account_id") on delete cascade, "webinar_id" varchar(64) not null references "webinars" ("webinar_id"), "role" varchar(16) not null, constraint "webinar_members_once" primary key ("webinar_id", "account_id"))",
    "create index "sessions_by_account" on "sessions" ("account_id")",
    "create index "passkeys_by_account" on "passkeys" ("account_id")",
    "create index "password_resets_by_account" on "password_resets" ("account_id")",
    "create index "webinar_members_by_account" on "webinar_members" ("account_id")",
    "create table "invitations" ("invitation_id" varchar(64) primary key, "token_hash" varchar(64) not null unique, "email" text not null, "email_key" text not null unique, "role" varchar(16) not null, "inviter" text not null, "created_unix_ms" bigint not null, "expires_unix_ms" bigint not null)",
    "create table "ceremonies" ("ceremony_id" varchar(64) primary key, "kind" varchar(32) not null, "body" text not null, "expires_unix_ms" bigint not null)",
    "create table "audit" ("audit_id" varchar(64) primary key, "at_unix_ms" bigint not null, "actor" varchar(64) not null, "actor_name" text not null, "action" varchar(64) not null, "subject" text not null)",
    "create index "audit_by_time" on "audit" ("at_unix_ms", "audit_id")",
  ],
  "009_attendance": [
    "alter table "webinars" add column "live_unix_ms" bigint",
    "alter table "webinars" add column "recorded_ms" bigint",
    "update webinars set live_unix_ms = ( select min(at_unix_ms) from events where events.webinar_id = webinars.webinar_id and events.type = 'webinar.wentLive' )",
    "create table "attendants" ("webinar_id" varchar(64) not null, "person_id" varchar(64) not null, "name" text not null, "name_searched" text not null, "role" varchar(16) not null, "joined_unix_ms" bigint not null, constraint "attendants_of_webinar" primary key ("webinar_id", "person_id"))",
    "create index "attendants_as_they_came" on "attendants" ("webinar_id", "joined_unix_ms", "person_id")",
    "create table "stays" ("stay_id" varchar(64) primary key, "webinar_id" varchar(64) not null, "person_id" varchar(64) not null, "writer_id" varchar(64) not null, "device" varchar(16) not null, "browser" varchar(16) not null, "region" varchar(8), "node" varchar(64), "joined_unix_ms" bigint not null, "left_unix_ms" bigint)",
    "create index "stays_of_people" on "stays" ("webinar_id", "person_id")",
    "create index "stays_that_are_open" on "stays" ("writer_id") where "left_unix_ms" is null",
    "create table "stay_writers" ("writer_id" varchar(64) primary key, "seen_unix_ms" bigint not null)",
  ],
  "010_registrations": [
    "create table "registration_desks" ("webinar_id" varchar(64) primary key references "webinars" ("webinar_id"), "last_number" integer not null, "sequence" integer not null, "told" text)",
    "create table "registrations" ("registration_id" varchar(64) primary key, "webinar_id" varchar(64) not null references "webinars" ("webinar_id"), "number" integer not null, "address" varchar(320) not null, "search" text not null, "details" text not null, "locale" varchar(8) not null, "state" varchar(16) not null, "created_unix_ms" bigint not null, "changed_unix_ms" bigint not null, "person_id" varchar(64) not null, "link_id" varchar(64) not null, "joined_unix_ms" bigint, "unsubscribed_unix_ms" bigint, constraint "registrations_by_address" unique ("webinar_id", "address"))",
    "create index "registrations_in_order" on "registrations" ("webinar_id", "state", "number")",
    "create table "registration_tasks" ("webinar_id" varchar(64) not null references "webinars" ("webinar_id"), "kind" varchar(32) not null, "version" integer not null, "due_unix_ms" bigint not null, "after_number" integer not null, constraint "registration_tasks_by_kind" primary key ("webinar_id", "kind"))",
    "create index "registration_tasks_by_due" on "registration_tasks" ("due_unix_ms")",
  ],
  "011_plans": [
    "alter table "webinars" add column "plan" text",
  ],
  "012_idempotency_keys": [
    "create table "idempotency_keys" ("caller" varchar(160) not null, "key_hash" varchar(64) not null, "request_hash" varchar(64) not null, "status" integer not null, "answer" text not null, "created_unix_ms" bigint not null, constraint "idempotency_keys_once" primary key ("caller", "key_hash", "request_hash"))",
    "create index "idempotency_keys_by_age" on "idempotency_keys" ("created_unix_ms")",
  ],
  "013_webhooks": [
    "create table "webhooks" ("webhook_id" varchar(64) primary key, "url" text not null, "description" text not null, "events" text not null, "secrets" text not null, "state" varchar(16) not null, "failing_since_unix_ms" bigint, "created_unix_ms" bigint not null)",
    "create table "webhook_deliveries" ("webhook_id" varchar(64) not null references "webhooks" ("webhook_id"), "message_id" varchar(160) not null, "type" varchar(64) not null, "body" text not null, "state" varchar(16) not null, "attempts" integer not null, "next_unix_ms" bigint not null, "created_unix_ms" bigint not null, "outcome" text, constraint "webhook_deliveries_once" primary key ("webhook_id", "message_id"))",
    "create index "webhook_deliveries_due" on "webhook_deliveries" ("state", "next_unix_ms")",
    "create index "webhook_deliveries_by_age" on "webhook_deliveries" ("webhook_id", "created_unix_ms")",
  ],
  "014_speaker_invitations": [
    "create table "speaker_invitations" ("link_id" varchar(64) primary key, "webinar_id" varchar(64) not null references "webinars" ("webinar_id"), "details" text not null, "invited_unix_ms" bigint not null)",
    "create index "speaker_invitations_by_webinar" on "speaker_invitations" ("webinar_id")",
  ],
  "015_passcodes": [
    "create table "passcodes" ("webinar_id" varchar(64) primary key references "webinars" ("webinar_id"), "hash" varchar(255) not null, "set_unix_ms" bigint not null)",
  ],
  "016_report_log": [
    "create table "quality_log" ("webinar_id" varchar(64) not null, "at_unix_ms" bigint not null, "place" integer not null, "person_id" varchar(64) not null, "body" text not null)",
    "create index "quality_log_of_webinar" on "quality_log" ("webinar_id", "at_unix_ms", "place")",
    "create index "quality_log_by_age" on "quality_log" ("at_unix_ms")",
  ],
}
`);
  });
});

const SUMMARY = JSON.stringify({ title: 'Old', startsAtUnixMs: 1_900_000_000_000, profile: 'standard' });
const OLD_EVENTS = [
  { type: 'webinar.created', title: 'Old', startsAtUnixMs: 1_900_000_000_000, profile: 'standard' },
  { type: 'question.upvoted', questionId: 'question-1', personId: 'person-1' },
  { type: 'webinar.wentLive', channelId: 'channel-1', originUrl: 'http://localhost' },
  { type: 'webinar.ended' },
] as const;
const PARTS = ['one "part"', 'another'];
const PAGE_ORIGIN = { origin: 'https://pages.test', seenUnixMs: 1_800_000_000_007 };
const MAIL = {
  to: { address: 'ada@example.test', name: 'Ada' },
  locale: 'de',
  content: {
    kind: 'live-now',
    title: 'Old',
    url: 'https://console.test/w/1',
    unsubscribeUrl: null,
    event: null,
  },
} as const;
const MAIL_BODY = JSON.stringify(MAIL);
const API_TOKEN = {
  ...{ tokenId: 'token-1', name: 'Calendar', scopes: ['webinars:read'], secretHash: 'a'.repeat(64) },
  ...{ hint: 'rst_abcdef', createdBy: 'owner', createdByName: 'Owner', createdUnixMs: 1_800_000_000_008 },
  ...{ usedUnixMs: null, expiresUnixMs: 1_800_000_000_009, revokedUnixMs: null },
};
/** The version that has registrations. */
const REGISTRATIONS = NAMES.findIndex((name) => name.endsWith('_registrations')) + 1;
const GIVEN = {
  ...{ caller: 'token token-1', keyHash: 'b'.repeat(64), requestHash: 'c'.repeat(64), status: 201 },
  ...{ answer: 'sealed', createdUnixMs: 1_800_000_000_010 },
};
const WEBHOOK = {
  ...{ url: 'https://hooks.test/', events: ['webinar.live'], description: 'CRM', state: 'enabled' },
  secrets: [{ secret: 'whsec_c2VjcmV0', untilUnixMs: null }],
};
const INVITED_SPEAKER = { role: 'panelist', name: 'Pia', address: 'pia@example.org', locale: 'de' } as const;
const at = (seq: number): number => 1_800_000_000_000 + seq;

/** What a coordinator left that had the first `version` migrations: two webinars, one of them ended, and what else there was. */
async function leaveData(db: Kysely<Schema>, version: number): Promise<void> {
  for (const [webinarId, events] of [
    ['ended-1', 4],
    ['live-1', 3],
  ] as const) {
    await sql`insert into webinars (webinar_id, created_unix_ms, summary, phase, epoch, last_seq)
      values (${webinarId}, ${at(0)}, ${SUMMARY}, ${webinarId.split('-')[0]}, 7, ${events})`.execute(db);
    for (const [i, event] of OLD_EVENTS.slice(0, events).entries()) {
      await sql`insert into events (webinar_id, seq, at_unix_ms, type, body)
        values (${webinarId}, ${i + 1}, ${at(i + 1)}, ${event.type}, ${JSON.stringify(event)})`.execute(db);
    }
  }
  if (version >= 2) {
    await sql`update webinars set link_generation = 2 where webinar_id = 'live-1'`.execute(db);
    await sql`update installation set owner_generation = 3`.execute(db);
  }
  if (version >= 3) {
    const checksum = createHash('sha256')
      .update(`9 2\n${PARTS.map((part) => `${part}\n`).join('')}`)
      .digest('hex');
    for (const [part, body] of PARTS.entries()) {
      await sql`insert into snapshot_parts (snapshot_id, webinar_id, part, body)
        values ('snapshot-1', 'live-1', ${part}, ${body})`.execute(db);
    }
    await sql`insert into snapshots (snapshot_id, webinar_id, seq, version, parts, checksum)
      values ('snapshot-1', 'live-1', 2, 9, 2, ${checksum})`.execute(db);
  }
  if (version >= 4) {
    await sql`insert into page_origins (origin, seen_unix_ms)
      values (${PAGE_ORIGIN.origin}, ${PAGE_ORIGIN.seenUnixMs})`.execute(db);
  }
  if (version >= 5) {
    await sql`update webinars set ended_unix_ms = ${at(4)} where webinar_id = 'ended-1'`.execute(db);
  }
  if (version >= 6) {
    await sql`insert into mails (mail_key, webinar_id, kind, address_hash, due_unix_ms, next_unix_ms, state, epoch, attempts, body)
      values (${Buffer.from('live-now:one')}, 'live-1', 'live-now', ${'0'.repeat(64)}, ${at(7)}, ${at(8)}, 'queued', 0, 0, ${MAIL_BODY})`.execute(
      db,
    );
  }
  if (version >= 7) {
    await sql`insert into api_tokens (token_id, name, scopes, secret_hash, hint, created_by, created_by_name,
        created_unix_ms, expires_unix_ms)
      values ('token-1', '"Calendar"', '["webinars:read","later:read"]', ${API_TOKEN.secretHash}, 'rst_abcdef', 'owner',
        '"Owner"', ${API_TOKEN.createdUnixMs}, ${API_TOKEN.expiresUnixMs})`.execute(db);
  }
  if (version >= 8) {
    await sql`insert into accounts (account_id, email, email_key, name, role, locale, password_hash, created_unix_ms)
      values ('account-1', 'Ann@Example.org', 'ann@example.org', 'Ann', 'owner', 'de', 'a hash', ${at(1)})`.execute(
      db,
    );
    await sql`insert into sessions
      (session_id, account_id, token_hash, created_unix_ms, seen_unix_ms, expires_unix_ms, user_agent, method)
      values ('session-1', 'account-1', 'token', ${at(1)}, ${at(2)}, ${at(1000)}, 'Browser', 'password')`.execute(
      db,
    );
    await sql`insert into webinar_members (webinar_id, account_id, role) values ('live-1', 'account-1', 'host')`.execute(
      db,
    );
    await sql`insert into audit (audit_id, at_unix_ms, actor, actor_name, action, subject)
      values ('audit-1', ${at(1)}, 'account-1', 'Ann', 'signed-in', '{"method":"password"}')`.execute(db);
  }
  if (version >= QUALITY) {
    await sql`insert into quality_log (webinar_id, at_unix_ms, place, person_id, body)
      values ('live-1', ${at(5)}, 1, 'person-1', ${JSON.stringify(QUALITY_ROW)})`.execute(db);
  }
  if (version >= ATTENDANCE) {
    await sql`update webinars set live_unix_ms = ${at(3)}`.execute(db);
    await sql`insert into attendants (webinar_id, person_id, name, name_searched, role, joined_unix_ms)
      values ('live-1', 'person-1', '"Bo"', 'bo', 'attendee', ${at(3)})`.execute(db);
    await sql`insert into stays (stay_id, webinar_id, person_id, writer_id, device, browser, joined_unix_ms)
      values ('stay-1', 'live-1', 'person-1', 'writer-1', 'phone', 'safari', ${at(3)})`.execute(db);
    await sql`insert into stay_writers (writer_id, seen_unix_ms) values ('writer-1', ${at(8)})`.execute(db);
  }
  if (version >= REGISTRATIONS) {
    await sql`insert into registration_desks (webinar_id, last_number, sequence, told)
      values ('live-1', 1, 3, null)`.execute(db);
    await sql`insert into registrations (registration_id, webinar_id, number, address, search, details, locale, state,
        created_unix_ms, changed_unix_ms, person_id, link_id)
      values ('registration-1', 'live-1', 1, 'ada@example.org', 'ada', ${'{"name":"Ada","answers":{"news":true}}'}, 'de', 'approved',
        ${at(5)}, ${at(6)}, 'person-1', 'link-1')`.execute(db);
    await sql`insert into registration_tasks (webinar_id, kind, version, due_unix_ms, after_number)
      values ('live-1', 'live-now', 0, ${at(7)}, 1)`.execute(db);
  }
  if (version >= INVITED) {
    await sql`insert into speaker_invitations (link_id, webinar_id, details, invited_unix_ms)
      values ('link-1', 'live-1', ${JSON.stringify(INVITED_SPEAKER)}, ${at(2)})`.execute(db);
  }
  if (version >= PLANS) {
    await sql`update webinars set plan = ${JSON.stringify({ lengthMinutes: 90 })} where webinar_id = 'live-1'`.execute(
      db,
    );
  }
  if (version >= 12) {
    await sql`insert into idempotency_keys (caller, key_hash, request_hash, status, answer, created_unix_ms)
      values (${GIVEN.caller}, ${GIVEN.keyHash}, ${GIVEN.requestHash}, 201, 'sealed', ${GIVEN.createdUnixMs})`.execute(
      db,
    );
  }
  if (version >= 13) {
    await sql`insert into webhooks (webhook_id, url, description, events, secrets, state, created_unix_ms)
      values ('webhook-1', ${WEBHOOK.url}, '"CRM"', '["webinar.live","later.event"]',
        ${JSON.stringify(WEBHOOK.secrets)}, 'enabled', ${at(11)})`.execute(db);
    await sql`insert into webhook_deliveries (webhook_id, message_id, type, body, state, attempts, next_unix_ms, created_unix_ms)
      values ('webhook-1', 'msg_1', 'webinar.live', '{}', 'waiting', 1, ${at(12)}, ${at(11)})`.execute(db);
  }
}

/** The database as `version` migrations make it. */
async function migratedTo(place: DatabasePlace, version: number): Promise<Kysely<Schema>> {
  const db = place.raw();
  const names = NAMES.slice(0, version);
  const provider = {
    getMigrations: async () => Object.fromEntries(Object.entries(migrations).slice(0, version)),
  };
  const { error, results } = await new Migrator({ db, provider }).migrateToLatest();
  if (error) throw error;
  expect(results?.map((result) => result.migrationName)).toEqual(names);
  return db;
}

describe.each(['sqlite', 'postgres'] as const)('a database on %s', (engine) => {
  const placeOfTest = placeForEachTest(engine);
  let place: DatabasePlace;

  beforeEach(() => {
    place = placeOfTest();
  });

  test.each(NAMES.map((name, i) => [name, i + 1] as const))(
    'that has had migrations up to %s is read with all that is in it, and goes on',
    async (_name, version) => {
      const old = await migratedTo(place, version);
      await leaveData(old, version);
      await old.destroy();

      let store = await place.open();
      const row = {
        title: 'Old',
        startsAtUnixMs: 1_900_000_000_000,
        profile: 'standard',
        createdUnixMs: at(0),
        doorsOpen: false,
      };
      expect(await store.webinars.list(10)).toEqual([
        {
          ...{ webinarId: 'ended-1', ...row, plan: EMPTY_PLAN },
          ...{ phase: 'ended', recording: 'ready', linkGeneration: 0 },
        },
        {
          ...{ webinarId: 'live-1', ...row, phase: 'live', recording: 'none' },
          plan: version >= PLANS ? { ...EMPTY_PLAN, lengthMinutes: 90 } : EMPTY_PLAN,
          linkGeneration: version >= 2 ? 2 : 0,
        },
      ]);
      for (const [webinarId, events] of [
        ['ended-1', 4],
        ['live-1', 3],
      ] as const) {
        expect(await store.events.read(webinarId, 0)).toEqual(
          OLD_EVENTS.slice(0, events).map((event, i) => ({ seq: i + 1, atUnixMs: at(i + 1), event })),
        );
      }
      expect(await store.webinars.recordedBefore(at(4), 10)).toEqual([]);
      expect(await store.webinars.recordedBefore(at(5), 10)).toEqual(['ended-1']);
      expect(await store.webinars.airTime('ended-1')).toEqual({
        ...{ liveUnixMs: at(3), endedUnixMs: at(4), recordedMs: null },
      });
      expect(await store.quality.rows('live-1')).toEqual(version >= QUALITY ? [QUALITY_ROW] : []);
      expect(await store.quality.forget(at(5))).toBe(0);
      expect(await store.quality.forget(at(6))).toBe(version >= QUALITY ? 1 : 0);
      expect(await store.stays.closeOfLost(at(9))).toBe(version >= ATTENDANCE ? 1 : 0);
      const page = { after: null, limit: 10, search: null };
      const attendants = await store.stays.attendants('live-1', page);
      const bo = { personId: 'person-1', name: 'Bo', role: 'attendee', joinedUnixMs: at(3) };
      expect(attendants).toEqual(version >= ATTENDANCE ? [bo] : []);
      const stay = { joinedUnixMs: at(3), leftUnixMs: at(8), device: 'phone', browser: 'safari' };
      expect(await store.stays.stays('live-1', null, 0)).toEqual(
        version >= ATTENDANCE ? [{ personId: 'person-1', ...stay, region: null, node: null }] : [],
      );
      expect(await store.installation.ownerGeneration()).toBe(version >= 2 ? 3 : 0);
      const [head] = await store.snapshots.heads('live-1');
      expect(head?.seq ?? null).toBe(version >= 3 ? 2 : null);
      if (head) {
        const parts: string[] = [];
        for await (const part of store.snapshots.read(head)) parts.push(part);
        expect(parts).toEqual(PARTS);
      }
      expect(await store.speakerInvitations.of('live-1')).toEqual(
        version >= INVITED
          ? [{ ...INVITED_SPEAKER, linkId: 'link-1', webinarId: 'live-1', invitedUnixMs: at(2) }]
          : [],
      );
      expect(await store.pageOrigins.seenSince(0)).toEqual(version >= 4 ? [PAGE_ORIGIN] : []);
      expect(await store.idempotency.find(GIVEN.caller, GIVEN.keyHash, 0)).toEqual(
        version >= 12 ? [GIVEN] : [],
      );
      expect(await store.webhooks.list(10)).toEqual(version >= 13 ? [expect.objectContaining(WEBHOOK)] : []);
      expect(await store.webhooks.due(at(12), 10)).toEqual(version >= 13 ? ['webhook-1'] : []);
      expect(await store.apiTokens.list(10)).toEqual(version >= 7 ? [API_TOKEN] : []);

      expect(await store.mails.find('live-now:one')).toEqual(
        version >= 6 ? expect.objectContaining({ said: MAIL, state: 'queued', dueUnixMs: at(7) }) : null,
      );

      const session = await store.sessions.find('token', 'live-1', at(5));
      expect(session).toEqual(
        version < 8
          ? null
          : {
              sessionId: 'session-1',
              account: {
                ...{ accountId: 'account-1', email: 'Ann@Example.org', name: 'Ann', role: 'owner' },
                ...{ locale: 'de', createdUnixMs: at(1) },
              },
              ...{ seenUnixMs: at(2), expiresUnixMs: at(1000), webinarRole: 'host' },
            },
      );
      expect(await store.audit.page(5, null)).toHaveLength(version >= 8 ? 1 : 0);

      const registered = await store.registrations.find('registration-1');
      const tasks = await store.registrations.dueTasks(at(7), 10);
      if (version >= REGISTRATIONS) {
        expect(registered).toMatchObject({
          name: 'Ada',
          answers: { news: true },
          createdUnixMs: at(5),
          joinedUnixMs: null,
        });
        expect(tasks).toMatchObject([{ kind: 'live-now', dueUnixMs: at(7), afterNumber: 1 }]);
      } else expect([registered, tasks]).toEqual([null, []]);

      const claim = await store.events.claim('live-1');
      expect(claim).toEqual({ epoch: 8, lastSeq: 3 });
      const next = { atUnixMs: at(9), event: { type: 'webinar.ended' } } as const;
      await store.events.append({ webinarId: 'live-1', epoch: 8, expectedSeq: 3, events: [next] });
      await store.close();
      store = await place.open();
      expect(await store.events.read('live-1', 3)).toEqual([{ seq: 4, ...next }]);
      expect(await store.webinars.recordedBefore(at(10), 10)).toEqual(['ended-1', 'live-1']);
      await store.close();
    },
  );

  test('that a later version had is refused, and left as it is', async () => {
    const old = await migratedTo(place, NAMES.length);
    await leaveData(old, NAMES.length);
    await sql`insert into kysely_migration (name, timestamp) values ('999_later', '2100-01-01')`.execute(old);
    await old.destroy();
    await expect(place.open()).rejects.toThrow(/of a later version \(it has had 999_later\)/);
    const same = place.raw();
    await sql`delete from kysely_migration where name = '999_later'`.execute(same);
    await same.destroy();
    const store = await place.open();
    expect(await store.events.read('ended-1', 0)).toHaveLength(4);
    await store.close();
  });

  test('whose migration fails half way has nothing of it, and is migrated when that can be', async () => {
    const raw = await migratedTo(place, 2);
    await leaveData(raw, 2);
    // In the way of the third migration's second table.
    await raw.schema.createTable('snapshot_parts').addColumn('in_the_way', 'integer').execute();
    await raw.destroy();
    await expect(place.open()).rejects.toThrow(/snapshot_parts.* already exists/);
    const again = place.raw();
    await again.schema.dropTable('snapshot_parts').execute();
    await again.destroy();
    const store = await place.open();
    expect(await store.snapshots.heads('live-1')).toEqual([]);
    expect(await store.events.read('ended-1', 0)).toHaveLength(4);
    await store.close();
  });
});
