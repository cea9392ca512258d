/** `./rostrum recompose`: a new picture of a show from its isolated tracks. Arguments: the archive's folder, the show, whom to leave out. */
import { parseArgs } from 'node:util';
import { Id } from '@rostrum/contracts/ids';
import pino from 'pino';
import { prepareConfinement } from '../../channels/confinement.ts';
import { PlanError } from './plan.ts';
import { recompose } from './recompose.ts';

const say = (line: string): boolean => process.stderr.write(`${line}\n`);
const minutes = (ms: number): string =>
  `${Math.floor(ms / 60_000)}:${String(Math.floor((ms % 60_000) / 1000)).padStart(2, '0')}`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { without: { type: 'string', multiple: true, default: [] }, archive: { type: 'string' } },
});
const [channelId] = positionals;
if (
  values.archive === undefined ||
  !Id.safeParse(channelId).success ||
  channelId === undefined ||
  positionals.length > 1
) {
  say('usage: ./rostrum recompose ID [--without PERSON]…');
  process.exit(2);
}
const stopped = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => stopped.abort(new PlanError('stopped: nothing of it was kept')));
}
try {
  prepareConfinement();
  const made = await recompose({
    archiveDir: values.archive,
    channelId,
    without: values.without,
    logger: pino({ level: 'warn' }, pino.destination(2)),
    signal: stopped.signal,
    progress: (doneMs, ofMs) => say(`${minutes(doneMs)} of ${minutes(ofMs)}`),
  });
  if (made.unread > 0) say(`${made.unread} chunks could not be read, and are missing in it`);
  process.stdout.write(`${made.channelId}\n`);
  process.exit(0);
} catch (error) {
  const told = stopped.signal.aborted ? stopped.signal.reason : error;
  say(told instanceof PlanError ? told.message : String(told instanceof Error ? told.stack : told));
  process.exit(1);
}
