/** A service with nothing in it but its beginning and end. */
import { z } from 'zod';
import { endInOrder, sayReady, settingsOrExit } from '../process.ts';
import { parseSettings } from '../settings.ts';

const schema = z.object({
  CLOSE: z.enum(['works', 'fails', 'hangs'], { error: 'works, fails or hangs' }),
  PARENT_PIPE: z.enum(['0', '1']).default('0'),
  SECRET_TOKEN: z.string().max(10, 'at most 10 characters').optional(),
});

const settings = settingsOrExit(
  (env) => parseSettings(schema, env, { secrets: ['SECRET_TOKEN'] }),
  'fixture: impossible settings',
);
const running = setInterval(() => undefined, 1000);
let closed = 0;
endInOrder({
  async close() {
    closed += 1;
    process.stdout.write(`closed ${closed}\n`);
    if (settings.CLOSE === 'fails') throw new Error('as told');
    if (settings.CLOSE === 'hangs') await new Promise(() => undefined);
    // A second signal meanwhile must not close again.
    await new Promise((wake) => setTimeout(wake, 300));
    clearInterval(running);
  },
  withinMs: 600,
  parentPipe: settings.PARENT_PIPE === '1',
  logger: {
    info: () => undefined,
    warn: () => undefined,
    error: (_fields, message) => void process.stderr.write(`${message}\n`),
  },
});
sayReady({ ready: 'fixture', url: 'http://localhost:1' });
