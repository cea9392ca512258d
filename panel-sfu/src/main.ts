import { pino } from 'pino';
import { startService } from './service.ts';
import { readSettings, type Settings } from './settings.ts';

let settings: Settings;
try {
  settings = readSettings(process.env);
} catch (error) {
  process.stderr.write(`panel-sfu: ${error instanceof Error ? error.message : error}\n`);
  process.exit(2);
}
const logger = pino({ level: settings.logLevel, base: { service: 'panel-sfu', nodeId: settings.nodeId } });

const service = await startService(settings, logger).catch((error: unknown) => {
  logger.fatal({ err: error }, 'cannot start');
  process.exit(1);
});

let stopping = false;
const stop = (why: string): void => {
  if (stopping) return;
  stopping = true;
  logger.info({ why }, 'stopping');
  // Whatever hangs: the kernel ends the workers with us.
  setTimeout(() => process.exit(1), 5000).unref();
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
process.stdout.write(`${JSON.stringify({ ready: 'panel-sfu', metrics: service.metricsUrl })}\n`);
