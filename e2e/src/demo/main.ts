import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { endInOrder, sayReady, settingsOrExit } from '@rostrum/service-kit/process';
import { Api } from '../lib/api.ts';
import { joinAsCrew } from '../lib/crew.ts';
import { joinHeadless } from '../panelist/panelist.ts';
import { talkers } from './conversation.ts';
import { keepUp } from './keep-up.ts';
import { OwnWebinars } from './own-webinars.ts';
import { settingsFrom } from './settings.ts';
import { DemoShow } from './show.ts';
import { oneLine, Teller } from './trouble.ts';

/**
 * The demo: a live webinar of its own with drawn panelists. Started by `./rostrum up --demo` beside the services; prints one
 * line of JSON with the links once it is live, keeps the show up through whatever happens to the services, and ends it when
 * it is told to stop.
 */
const settings = settingsOrExit(settingsFrom, 'the demo cannot start:');

const log = (level: number, msg: string, more: object = {}): void => {
  process.stdout.write(`${JSON.stringify({ level, time: Date.now(), name: 'demo', msg, ...more })}\n`);
};
const logger = {
  info: (fields: object, msg: string) => log(30, msg, fields),
  warn: (fields: object, msg: string) => log(40, msg, fields),
  error: (fields: object, msg: string) => log(50, msg, fields),
};
const teller = new Teller((level, line) => log(level === 'trouble' ? 40 : 30, line));
const stopped = new AbortController();

const show = new DemoShow({
  api: Api.fromLink(settings.ROSTRUM_OWNER_URL),
  own: new OwnWebinars(join(settings.ROSTRUM_DATA_DIR, 'demo-webinars.json')),
  profile: settings.ROSTRUM_DEMO_PROFILE,
  talkers: () => talkers(settings.ROSTRUM_DEMO_PANELISTS),
  joinAsCrew,
  joinHeadless,
  teller,
  now: () => performance.now(),
});

async function close(): Promise<void> {
  stopped.abort();
  await show.end();
}
endInOrder({ close, withinMs: 4500, parentPipe: settings.ROSTRUM_PARENT_PIPE === '1', logger });

// A demo takes nothing down with it: what should not have happened is told, its webinar ended, and the launcher begins anew.
process.on('uncaughtException', (error) => {
  log(50, `the demo stumbled: ${oneLine(String(error))}`, { stack: error.stack });
  void close().finally(() => process.exit(0));
});

await keepUp({
  look: () => show.look(),
  onLive: (links) => sayReady({ ready: 'demo', ...links }),
  teller,
  signal: stopped.signal,
  delay: (ms, signal) => delay(ms, undefined, { signal }),
  random: Math.random,
});
