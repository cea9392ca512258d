import { takeNice } from '@rostrum/service-kit/priorities';
import { endInOrder, sayReady, settingsOrExit } from '@rostrum/service-kit/process';
import { pino } from 'pino';
import { startService } from './service.ts';
import { readSettings } from './settings.ts';

/** Channels close (their open segments go to disk) within this, or the process ends anyway; compositors end with it. */
const STOP_WITHIN_MS = 8000;

const settings = settingsOrExit(readSettings, 'broadcaster: impossible settings');
const logger = pino({ level: settings.logLevel, base: { service: 'broadcaster', nodeId: settings.nodeId } });
// Viewers wait for every part: what packs and sends them goes before what can wait.
const notFirst = takeNice('broadcaster');
if (notFirst) logger.warn(notFirst);

const service = await startService(settings, logger).catch((error: unknown) => {
  logger.fatal({ err: error }, 'cannot start');
  process.exit(1);
});

endInOrder({ close: service.close, withinMs: STOP_WITHIN_MS, parentPipe: settings.parentPipe, logger });
sayReady({
  ready: 'broadcaster',
  url: service.url,
  listens: service.listensUrl,
  metrics: service.metricsUrl,
});
