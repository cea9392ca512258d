/**
 * A process to be killed: the coordinator's store and actors, appending to three webinars as fast as the disk lets them, with
 * snapshots and removal of old events every few dozen events. What is acknowledged is said at once, one `ack WEBINAR SEQ` a
 * line. Arguments: data folder, after how many acknowledgements to stop (0: never).
 */
import { writeSync } from 'node:fs';
import { systemClock } from '@rostrum/host-console/ports';
import { openStore } from '@rostrum/host-console/store';
import { WebinarActor } from '@rostrum/host-console/webinars/actor';
import { pino } from 'pino';
import { CREATED, EVENTS_AT_ONCE, eventAt, POLICY, WEBINARS } from './log-script.ts';

const [dataDir = '', limit = '0'] = process.argv.slice(2);
const logger = pino({ level: 'warn' }, pino.destination(2));
const store = await openStore({ dataDir, databaseUrl: null }, logger);
let left = Number(limit) || Number.POSITIVE_INFINITY;

async function appendForever(webinarId: string): Promise<void> {
  if (!(await store.webinars.find(webinarId))) {
    await store.events.create(webinarId, CREATED);
  }
  const events = { committed: () => undefined, fenced: () => undefined };
  const options = { webinarId, store, clock: systemClock, logger, events, snapshots: POLICY };
  const actor = await WebinarActor.load(options);
  if (!actor) throw new Error(`no webinar ${webinarId}`);
  while (left > 0) {
    left -= 1;
    const { seq } = await actor.submit((state) =>
      Array.from({ length: EVENTS_AT_ONCE }, (_, i) => eventAt(state.seq + 1 + i)),
    );
    writeSync(1, `ack ${webinarId} ${seq}\n`);
  }
}

await Promise.all(WEBINARS.map(appendForever));
await store.close();
