import { constants, setPriority } from 'node:os';
import { pino } from 'pino';
import { startService } from './service.ts';
import { readSettings, type Settings } from './settings.ts';

/** Channels close (their open segments go to disk) within this, or the process ends anyway. */
const STOP_WITHIN_MS = 8000;

let settings: Settings;
try {
  settings = readSettings(process.env);
} catch (error) {
  process.stderr.write(`broadcaster: ${error instanceof Error ? error.message : error}\n`);
  process.exit(2);
}
try {
  // Viewers wait for every part: what packs and sends them goes before what can wait.
  setPriority(constants.priority.PRIORITY_ABOVE_NORMAL);
} catch {
  // Needs root or CAP_SYS_NICE; without it, as everybody else.
}
const logger = pino({ level: settings.logLevel, base: { service: 'broadcaster', nodeId: settings.nodeId } });

const service = await startService(settings, logger).catch((error: unknown) => {
  logger.fatal({ err: error }, 'cannot start');
  process.exit(1);
});

let stopping = false;
const stop = (why: string): void => {
  if (stopping) return;
  stopping = true;
  logger.info({ why }, 'stopping');
  // Compositors end by themselves when we do.
  setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
  service.close().then(
    () => process.exit(0),
    (error: unknown) => {
      logger.error({ err: error }, 'did not stop cleanly');
      process.exit(1);
    },
  );
};
process.on('SIGTERM', () => stop('SIGTERM'));
process.on('SIGINT', () => stop('SIGINT'));
if (settings.parentPipe) {
  // The parent holds our stdin open for as long as it lives.
  process.stdin.resume();
  process.stdin.on('end', () => stop('parent gone'));
  process.stdin.on('error', () => stop('parent gone'));
}
process.stdout.write(
  `${JSON.stringify({ ready: 'broadcaster', url: service.url, metrics: service.metricsUrl })}\n`,
);
