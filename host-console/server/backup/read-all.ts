import type { Store } from '../store/index.ts';
import { BackupError } from './manifest.ts';

const EVENTS_AT_ONCE = 5000;

/** Reads every log and snapshot there is. Throws `BackupError` where one cannot be read, or has a hole. */
export async function readAll(store: Store): Promise<{ readonly webinars: number; readonly events: number }> {
  const webinars = await store.database.transact((tx) =>
    tx.selectFrom('webinars').select(['webinar_id', 'last_seq']).orderBy('webinar_id').execute(),
  );
  let events = 0;
  for (const { webinar_id: webinarId, last_seq: lastSeq } of webinars) {
    try {
      events += await readLog(store, webinarId, lastSeq);
    } catch (error) {
      if (error instanceof BackupError) throw error;
      throw new BackupError(`the log of ${webinarId} cannot be read`, { cause: error });
    }
  }
  return { webinars: webinars.length, events };
}

async function readLog(store: Store, webinarId: string, lastSeq: number): Promise<number> {
  let first: number | null = null;
  let seq = 0;
  let count = 0;
  for (;;) {
    const events = await store.events.read(webinarId, seq, EVENTS_AT_ONCE);
    for (const event of events) {
      if (first !== null && event.seq !== seq + 1)
        throw new BackupError(`the log of ${webinarId} lacks ${seq + 1}`);
      first ??= event.seq;
      seq = event.seq;
    }
    count += events.length;
    if (events.length < EVENTS_AT_ONCE) break;
  }
  let snapshotSeq = 0;
  for (const head of await store.snapshots.heads(webinarId)) {
    for await (const _ of store.snapshots.read(head)) {
      // Its checksum is looked at, at the end.
    }
    snapshotSeq = Math.max(snapshotSeq, head.seq);
  }
  // Of a log whose beginning was removed by rule a snapshot has what that came to.
  const begins = (first ?? lastSeq + 1) - 1;
  if (begins > snapshotSeq) throw new BackupError(`the log of ${webinarId} lacks its first ${begins} events`);
  if (count > 0 && seq !== lastSeq)
    throw new BackupError(`the log of ${webinarId} ends at ${seq}, not at ${lastSeq}`);
  return count;
}
