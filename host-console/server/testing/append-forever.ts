/**
 * A writer to be killed: appends to several webinars at once for as long as it lives, every other time with a row of the
 * outbox (`outbox.ts`), and says on stdout what was acknowledged, one `webinarId seq` a line, written before anything else
 * happens.
 * Arguments: data folder, database URL or '', webinar ids.
 */
import { writeSync } from 'node:fs';
import { pino } from 'pino';
import { serveCopies } from '../backup/control.ts';
import { openStore } from '../store/index.ts';
import { mailed } from './outbox.ts';

const [dataDir = '', databaseUrl = '', ...webinarIds] = process.argv.slice(2);
const store = await openStore({ dataDir, databaseUrl: databaseUrl || null }, pino({ level: 'silent' }));
// As the coordinator does.
if (databaseUrl === '') await serveCopies(dataDir, store.database, pino({ level: 'silent' }));

/** Waits where whoever reads is slower than we write. */
function say(line: string): void {
  for (;;) {
    try {
      writeSync(1, line);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

async function appendForever(webinarId: string): Promise<never> {
  const claim = await store.events.claim(webinarId);
  if (!claim) throw new Error(`no webinar ${webinarId}`);
  for (let seq = claim.lastSeq; ; ) {
    const events = [1, 2].map((i) => ({
      atUnixMs: seq + i,
      event: { type: 'question.upvoted' as const, questionId: 'question', personId: `person-${seq + i}` },
    }));
    const append = { webinarId, epoch: claim.epoch, expectedSeq: seq, events };
    const carries = seq % 4 === 1;
    await store.events.append(
      carries ? { ...append, also: mailed(webinarId, `${webinarId}/${seq}`) } : append,
    );
    seq += events.length;
    say(`${webinarId} ${seq}\n`);
  }
}

await Promise.all(webinarIds.map(appendForever));
