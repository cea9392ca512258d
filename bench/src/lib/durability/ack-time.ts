import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '@rostrum/host-console/ports';
import { openStore } from '@rostrum/host-console/store';
import { WebinarActor } from '@rostrum/host-console/webinars/actor';
import { SNAPSHOT_POLICY } from '@rostrum/host-console/webinars/snapshots';
import { pino } from 'pino';
import { CREATED, eventAt, WEBINARS } from './log-script.ts';

export interface AckTimes {
  readonly ackMs: number[];
  readonly bareMs: number[];
}

/** Calls `work` so many times a second, on average, for so long. */
async function paced(perSecond: number, forMs: number, work: () => void): Promise<void> {
  const startMs = performance.now();
  for (let done = 0; performance.now() - startMs < forMs; ) {
    const due = ((performance.now() - startMs) * perSecond) / 1000;
    for (; done < due; done += 1) work();
    await sleep(1);
  }
}

/**
 * From a command to its answer at `perSecond` events a second over three webinars, and in turns with that a bare loop of
 * 4 KiB and fdatasync on a file beside the log, at the same pace.
 */
export async function measureAcks(folder: string, perSecond: number, turns: number): Promise<AckTimes> {
  const logger = pino({ level: 'silent' });
  const store = await openStore({ dataDir: join(folder, 'log'), databaseUrl: null }, logger);
  const actors: WebinarActor[] = [];
  for (const webinarId of WEBINARS) {
    await store.events.create(webinarId, CREATED);
    const events = { committed: () => undefined, fenced: () => undefined };
    // Snapshots as often as five minutes of it would have them in one webinar, so that some fall into the measurement.
    const snapshots = { ...SNAPSHOT_POLICY, everyEvents: 1000 };
    const actor = await WebinarActor.load({
      webinarId,
      store,
      clock: systemClock,
      logger,
      events,
      snapshots,
    });
    if (actor) actors.push(actor);
  }
  const bare = openSync(join(folder, 'bare'), 'w');
  const page = Buffer.alloc(4096, 7);
  const times: AckTimes = { ackMs: [], bareMs: [] };
  const answers: Promise<void>[] = [];
  let next = 0;
  const ask = (): void => {
    const startMs = performance.now();
    next += 1;
    const actor = actors[next % actors.length];
    if (!actor) return;
    answers.push(
      actor
        .submit((state) => [eventAt(state.seq + 1)])
        .then(() => void times.ackMs.push(performance.now() - startMs)),
    );
  };
  const sync = (): void => {
    const startMs = performance.now();
    writeSync(bare, page);
    fdatasyncSync(bare);
    times.bareMs.push(performance.now() - startMs);
  };
  for (let turn = 0; turn < turns; turn += 1) {
    await paced(perSecond, 2000, ask);
    await Promise.all(answers.splice(0));
    await paced(perSecond, 2000, sync);
  }
  closeSync(bare);
  await store.close();
  return times;
}
