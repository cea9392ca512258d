import { endInOrder, sayReady, settingsOrExit } from '@rostrum/service-kit/process';
import { pino } from 'pino';
import { startService } from './service.ts';
import { readSettings } from './settings.ts';

/** The kernel ends the workers with us, whatever hangs. */
const STOP_WITHIN_MS = 5000;

const settings = settingsOrExit(readSettings, 'panel-sfu: impossible settings');
const logger = pino({ level: settings.logLevel, base: { service: 'panel-sfu', nodeId: settings.nodeId } });

const service = await startService(settings, logger).catch((error: unknown) => {
  logger.fatal({ err: error }, 'cannot start');
  process.exit(1);
});

endInOrder({ close: service.close, withinMs: STOP_WITHIN_MS, parentPipe: settings.parentPipe, logger });
sayReady({ ready: 'panel-sfu', metrics: service.metricsUrl });
