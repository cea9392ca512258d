/** How a service's process begins and ends. Exit codes: 0 stopped as asked, 1 failed, 2 impossible settings. */
import type { Logger } from './logger.ts';
import { type Environment, SettingsError } from './settings.ts';

/**
 * The settings, or the end of the process with 2 and a line on stderr for each wrong one.
 *
 * @param intro stands before those lines.
 */
export function settingsOrExit<S>(read: (env: Environment) => S, intro: string): S {
  try {
    return read(process.env);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    process.stderr.write(`${[intro, ...error.problems].join('\n  ')}\n`);
    process.exit(2);
  }
}

/** The one line on stdout that the launcher waits for. */
export function sayReady(line: { readonly ready: string } & Readonly<Record<string, string>>): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/**
 * A service that is nothing without the programs it runs ends with 1 when one of them does: whoever supervises it starts all of them
 * again. `gone` resolves with how it ended, unless `close` was called before.
 */
export function endWhenGone(
  what: string,
  {
    gone,
    close,
    withinMs,
    logger,
  }: Pick<Ending, 'close' | 'withinMs'> & {
    readonly gone: Promise<string>;
    readonly logger: Logger & { fatal(context: object, message: string): void };
  },
): void {
  void gone.then(async (how) => {
    logger.fatal({ how }, `${what} is gone`);
    setTimeout(() => process.exit(1), withinMs);
    await close()
      .catch((error: unknown) => logger.error({ err: error }, 'did not clean up'))
      .finally(() => process.exit(1));
  });
}

export interface Ending {
  /** Called once. */
  readonly close: () => Promise<void>;
  /** The process ends after this even when `close` hangs. */
  readonly withinMs: number;
  /** Whether the parent holds our stdin open for as long as it lives. */
  readonly parentPipe: boolean;
  readonly logger: Logger;
}

/** From now on SIGTERM, SIGINT and the parent's end close the service and end the process. */
export function endInOrder({ close, withinMs, parentPipe, logger }: Ending): void {
  let stopping = false;
  const stop = (why: string): void => {
    if (stopping) return;
    stopping = true;
    logger.info({ why }, 'stopping');
    setTimeout(() => {
      logger.error({ withinMs }, 'the stop took too long');
      process.exit(1);
    }, withinMs).unref();
    close().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, 'did not stop cleanly');
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop(signal));
  if (!parentPipe) return;
  process.stdin.on('end', () => stop('parent gone'));
  process.stdin.on('error', () => stop('parent gone'));
  process.stdin.resume();
}
