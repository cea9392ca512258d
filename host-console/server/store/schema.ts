import type { Browser, Device, Role } from '@rostrum/contracts';

/**
 * Tables, the same in SQLite and PostgreSQL. Everything people typed is kept inside JSON text, which carries any
 * string (PostgreSQL's text and jsonb refuse U+0000, JSON text escapes it).
 */
export interface Schema {
  webinars: {
    webinar_id: string;
    created_unix_ms: number;
    /** JSON of title, startsAtUnixMs and profile. */
    summary: string;
    /** JSON of what was planned of it; null: nothing. */
    plan: string | null;
    /**
     * `doors`: scheduled, and its channel runs already. `ending`: ended, and the recording is pending. `unrecorded`: ended without one. `cancelled`: the same, and listed no
     * more. `ended`: with a recording, or from before the log said. `deleting`, `deleted`: so is the recording. `removed`: the
     * same, and listed no more.
     */
    phase:
      | 'scheduled'
      | 'doors'
      | 'live'
      | 'ending'
      | 'ended'
      | 'unrecorded'
      | 'cancelled'
      | 'deleting'
      | 'deleted'
      | 'removed';
    /** null: it has not, or the log no longer has when. */
    ended_unix_ms: number | null;
    /** Fences writers: counts claims. */
    epoch: number;
    last_seq: number;
    /** How often all of its links were revoked. */
    link_generation: number;
    /** null: it has not been live, or the log no longer has when. */
    live_unix_ms: number | null;
    /** How much was recorded; null: nothing, or it is not known. */
    recorded_ms: number | null;
  };
  /** One row. */
  installation: {
    /** How often all of the owner's links were revoked. */
    owner_generation: number;
  };
  /** Where broadcasters served pages that may still be open. */
  page_origins: {
    origin: string;
    seen_unix_ms: number;
  };
  /** Secrets of programs that use the API: of each a hash. */
  api_tokens: {
    token_id: string;
    name: string;
    /** JSON of a list. */
    scopes: string;
    /** SHA-256 in hexadecimal. */
    secret_hash: string;
    /** The secret's first characters. */
    hint: string;
    created_by: string;
    created_by_name: string;
    created_unix_ms: number;
    used_unix_ms: number | null;
    expires_unix_ms: number | null;
    revoked_unix_ms: number | null;
  };
  /** Answers that were given under a client's own key, so that asking again does nothing again. */
  idempotency_keys: {
    caller: string;
    /** SHA-256 in hexadecimal, as the other. */
    key_hash: string;
    request_hash: string;
    status: number;
    /** Sealed JSON. */
    answer: string;
    created_unix_ms: number;
  };
  /** Addresses of others that are told what happens. */
  webhooks: {
    webhook_id: string;
    url: string;
    /** JSON, as the next two. */
    description: string;
    events: string;
    /** What is signed with, newest first: as it is, since it has to be used. */
    secrets: string;
    /** `failing`, `gone`: turned off by itself. */
    state: 'enabled' | 'disabled' | 'failing' | 'gone';
    failing_since_unix_ms: number | null;
    created_unix_ms: number;
  };
  webhook_deliveries: {
    webhook_id: string;
    message_id: string;
    type: string;
    body: string;
    state: 'waiting' | 'delivered' | 'failed';
    /** Also fences: who settles an attempt has to be the last who made one. */
    attempts: number;
    next_unix_ms: number;
    created_unix_ms: number;
    outcome: string | null;
  };
  events: {
    webinar_id: string;
    seq: number;
    at_unix_ms: number;
    type: string;
    /** JSON of the event. */
    body: string;
  };
  /** The last row of a snapshot to be written: without it there is none. */
  snapshots: {
    snapshot_id: string;
    webinar_id: string;
    /** Of the last event in it. */
    seq: number;
    version: number;
    /** How many rows of `snapshot_parts`. */
    parts: number;
    /** SHA-256 in hexadecimal of version, seq and parts. */
    checksum: string;
  };
  snapshot_parts: {
    snapshot_id: string;
    webinar_id: string;
    /** From 0. */
    part: number;
    body: string;
  };
  /** What is to be mailed, and what became of it (`mails.ts`). A row stays: by its key nothing is mailed twice. */
  mails: {
    /** UTF-8 of the mail's key: bytes have one order in both databases, text has that of a language. */
    mail_key: Uint8Array;
    webinar_id: string | null;
    kind: string;
    /** SHA-256 in hexadecimal of the address in lower case: what there is of somebody is found by it. */
    address_hash: string;
    due_unix_ms: number;
    /** When it is tried next; while `sending`, when its lease ends. */
    next_unix_ms: number;
    /**
     * `queued`: to be sent, or tried again. `sending`: leased. `sent`: the server has it. `filed`: in the folder, without SMTP.
     * `bounced`: refused for good. `doubtful`: the sender died or the line broke when it may have been sent. `expired`: nobody wants it any more.
     */
    state: 'queued' | 'sending' | 'sent' | 'filed' | 'bounced' | 'doubtful' | 'expired';
    /** Counts leases. */
    epoch: number;
    /** How often it was tried since it was queued. */
    attempts: number;
    settled_unix_ms: number | null;
    /** JSON of recipient, locale and content; null: it was long ago, and is forgotten. */
    body: string | null;
    /** JSON of what the last attempt came to. */
    outcome: string | null;
  };
  /** People who sign in. */
  accounts: {
    account_id: string;
    /** As it was typed. */
    email: string;
    /** What is compared (`emailKey`). */
    email_key: string;
    name: string;
    role: 'owner' | 'host' | 'moderator';
    locale: 'en' | 'de';
    /** Argon2id in the form of PHC strings. null: they have none. */
    password_hash: string | null;
    created_unix_ms: number;
  };
  sessions: {
    session_id: string;
    account_id: string;
    /** SHA-256 in hexadecimal: what is in the browser's cookie is nowhere here. */
    token_hash: string;
    created_unix_ms: number;
    seen_unix_ms: number;
    expires_unix_ms: number;
    user_agent: string;
    method: 'setup' | 'password' | 'passkey' | 'provider' | 'invitation' | 'reset';
  };
  passkeys: {
    /** base64url, as the browser says it. */
    credential_id: string;
    account_id: string;
    /** COSE key in base64url. */
    public_key: string;
    counter: number;
    /** JSON list of WebAuthn's words. */
    transports: string;
    name: string;
    created_unix_ms: number;
    used_unix_ms: number | null;
  };
  /** Who somebody is at an OpenID provider. */
  provider_identities: {
    issuer: string;
    subject: string;
    account_id: string;
  };
  password_resets: {
    token_hash: string;
    account_id: string;
    expires_unix_ms: number;
  };
  /** Who runs a webinar by their account. */
  webinar_members: {
    webinar_id: string;
    account_id: string;
    role: 'host' | 'moderator';
  };
  invitations: {
    invitation_id: string;
    token_hash: string;
    email: string;
    email_key: string;
    role: 'owner' | 'host' | 'moderator';
    /** The name of who invited. */
    inviter: string;
    created_unix_ms: number;
    expires_unix_ms: number;
  };
  /** What was asked of a browser that is to come back with an answer once. */
  ceremonies: {
    ceremony_id: string;
    kind: 'passkey-new' | 'passkey-sign-in' | 'provider';
    /** JSON. */
    body: string;
    expires_unix_ms: number;
  };
  /** Who did what. Rows are only added. */
  audit: {
    audit_id: string;
    at_unix_ms: number;
    /** An account, or what else acted. */
    actor: string;
    actor_name: string;
    action: string;
    /** JSON of what it was done to. */
    subject: string;
  };
  /** People who were connected to a webinar; nothing here is an address. */
  attendants: {
    webinar_id: string;
    person_id: string;
    /** JSON string. */
    name: string;
    /** What searches of names look at. */
    name_searched: string;
    role: Role;
    /** The first time. */
    joined_unix_ms: number;
  };
  stays: {
    stay_id: string;
    webinar_id: string;
    person_id: string;
    /** The process that they were connected to. */
    writer_id: string;
    device: Device;
    browser: Browser;
    region: string | null;
    node: string | null;
    joined_unix_ms: number;
    /** null: they are here, or their process is gone without a word. */
    left_unix_ms: number | null;
  };
  /** How networks fared on stages. */
  quality_log: {
    webinar_id: string;
    at_unix_ms: number;
    /** Of what was written at the same moment. */
    place: number;
    person_id: string;
    /** JSON of a `QualityRow`. */
    body: string;
  };
  /** Processes that have people connected. */
  stay_writers: {
    writer_id: string;
    /** When it last said that it was there. */
    seen_unix_ms: number;
  };
  /** What a webinar's registrations share; the row is held while any of them changes (`registrations.ts`). */
  registration_desks: {
    webinar_id: string;
    /** Of who registered last. */
    last_number: number;
    sequence: number;
    /** JSON; null: nothing was told. */
    told: string | null;
  };
  registrations: {
    registration_id: string;
    webinar_id: string;
    number: number;
    address: string;
    /** Name and address in lower case. */
    search: string;
    /** JSON of name and answers. */
    details: string;
    locale: 'en' | 'de';
    state: 'pending' | 'approved' | 'waiting' | 'refused' | 'cancelled';
    created_unix_ms: number;
    changed_unix_ms: number;
    person_id: string;
    link_id: string;
    joined_unix_ms: number | null;
    unsubscribed_unix_ms: number | null;
  };
  /** Who was invited by mail to speak or to moderate. */
  speaker_invitations: {
    link_id: string;
    webinar_id: string;
    /** JSON of name, role, address and locale. */
    details: string;
    invited_unix_ms: number;
  };
  /** What is to be done for all who registered for a webinar; one of each kind. */
  registration_tasks: {
    webinar_id: string;
    kind: string;
    version: number;
    due_unix_ms: number;
    after_number: number;
  };
  /** By which people come to webinars whose plan wants one. */
  passcodes: {
    webinar_id: string;
    /** Argon2id, as the reference implementation writes it. */
    hash: string;
    set_unix_ms: number;
  };
}
