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
}
