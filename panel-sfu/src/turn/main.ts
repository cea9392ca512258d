/** The TURN server as a service: coturn under supervision, with status and metrics on a port of its own. */
import { endInOrder, endWhenGone, sayReady, settingsOrExit } from '@rostrum/service-kit/process';
import { serveStatus } from '@rostrum/service-kit/status-server';
import { pino } from 'pino';
import { createTurnMetrics } from './metrics.ts';
import { startTurn } from './server.ts';
import { readSettings } from './settings.ts';

const STOP_WITHIN_MS = 5000;

const settings = settingsOrExit(readSettings, 'The TURN server cannot start:');
const logger = pino({ name: 'turn', level: settings.logLevel });

try {
  const turn = await startTurn({
    policy: settings.policy,
    log: (line) => logger.info({ turnserver: line }, 'turnserver says'),
  });
  endWhenGone('turnserver', {
    gone: turn.died,
    close: () => turn.close(),
    withinMs: STOP_WITHIN_MS,
    logger,
  });
  const status = await serveStatus(
    { ip: settings.metricsIp, port: settings.metricsPort },
    createTurnMetrics(turn.usage),
    async () => ({ ready: await turn.answers() }),
  ).catch(async (error: unknown) => {
    await turn.close();
    throw error;
  });
  endInOrder({
    close: async () => {
      await Promise.all([status.close(), turn.close()]);
    },
    withinMs: STOP_WITHIN_MS,
    parentPipe: settings.parentPipe,
    logger,
  });
  sayReady({ ready: 'turn', metrics: `${status.url}/metrics` });
} catch (error) {
  logger.fatal({ err: error }, 'cannot start');
  process.stderr.write(`The TURN server cannot start: ${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
}
