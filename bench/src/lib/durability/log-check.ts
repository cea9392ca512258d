import { systemClock } from '@rostrum/host-console/ports';
import { openStore } from '@rostrum/host-console/store';
import { WebinarActor } from '@rostrum/host-console/webinars/actor';
import { pino } from 'pino';
import { EVENTS_AT_ONCE, POLICY, WEBINARS } from './log-script.ts';
import type { Verdict } from './verdict.ts';

const logger = pino({ level: 'silent' });

/** Last acknowledged number by webinar, of what a writer said. */
export function acknowledgedOf(lines: readonly string[]): Map<string, number> {
  const last = new Map<string, number>();
  for (const line of lines) {
    const [, webinarId = '', seq] = /^ack (\S+) (\d+)$/.exec(line) ?? [];
    if (seq !== undefined) last.set(webinarId, Number(seq));
  }
  return last;
}

/** Opens the folder as the coordinator does after a crash, and counts what is not as it was acknowledged. */
export async function checkLog(dataDir: string, acknowledged: ReadonlyMap<string, number>): Promise<Verdict> {
  const store = await openStore({ dataDir, databaseUrl: null }, logger);
  const verdict = { acknowledged: 0, lost: 0, doubled: 0 };
  try {
    for (const webinarId of WEBINARS) {
      const wanted = acknowledged.get(webinarId) ?? 0;
      verdict.acknowledged += wanted;
      const options = {
        ...{ webinarId, store, clock: systemClock, logger },
        events: { committed: () => undefined, fenced: () => undefined },
        // Whatever it says of old events: it is only looked at.
        snapshots: { ...POLICY, everyEvents: Number.POSITIVE_INFINITY },
      };
      const actor = await WebinarActor.load(options);
      const seq = actor?.state.seq ?? 0;
      verdict.lost += Math.max(0, wanted - seq);
      const people = actor?.state.people ?? new Map();
      for (let i = 2; i <= seq; i += 1) if (!people.has(`person-${i}`)) verdict.lost += 1;
      if (seq > 0 && (seq - 1) % EVENTS_AT_ONCE !== 0) verdict.lost += 1;
      verdict.doubled += Math.max(0, people.size - Math.max(0, seq - 1));
      const rows = await store.events.read(webinarId, 0);
      for (const [at, { seq: rowSeq, event }] of rows.entries()) {
        if (rowSeq !== (rows[0]?.seq ?? 0) + at) verdict.lost += 1;
        if (event.type === 'person.admitted' && event.personId !== `person-${rowSeq}`) verdict.doubled += 1;
      }
    }
  } finally {
    await store.close();
  }
  return verdict;
}
