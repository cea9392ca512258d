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
    /**
     * `ending`: ended, and the recording is pending. `unrecorded`: ended without one. `cancelled`: the same, and listed no
     * more. `ended`: with a recording, or from before the log said. `deleting`, `deleted`: so is the recording. `removed`: the
     * same, and listed no more.
     */
    phase:
      | 'scheduled'
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
     * `bounced`: refused for good. `doubtful`: the sender died or the line broke when it may have been sent.
     */
    state: 'queued' | 'sending' | 'sent' | 'filed' | 'bounced' | 'doubtful';
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
}
