/**
 * How a backup is made of a database that a running coordinator has: SQLite lets no other process near it, so the coordinator
 * gives it a copy, through a socket in the data folder that whoever may read that folder can open, and nobody else.
 */
import { createReadStream, createWriteStream, rmSync } from 'node:fs';
import { chmod, open, readdir, rm } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Logger } from 'pino';
import type { Database } from '../store/database.ts';

export const SOCKET_FILE = 'control.sock';
/** Copies on their way; what a killed process left of them is removed at the next start. */
export const COPY_PREFIX = 'copy-for-backup-';

/** Serves copies of the database until it is closed. Without the socket everything else goes on; a warning says why. */
export async function serveCopies(
  dataDir: string,
  database: Pick<Database, 'copyTo'>,
  logger: Logger,
): Promise<{ close(): Promise<void> }> {
  const path = join(dataDir, SOCKET_FILE);
  const left = (await readdir(dataDir)).filter((name) => name.startsWith(COPY_PREFIX));
  for (const name of [...left, SOCKET_FILE]) await rm(join(dataDir, name), { force: true });
  let made = 0;
  const server = createServer((asked, answer) => {
    if (asked.method !== 'POST' || asked.url !== '/copy') return answer.writeHead(404).end();
    const file = join(dataDir, `${COPY_PREFIX}${++made}`);
    database
      .copyTo(file)
      .then(async () => {
        logger.info('a copy of the database was made for a backup');
        answer.writeHead(200);
        await pipeline(createReadStream(file), answer);
      })
      .catch((error: unknown) => {
        logger.warn({ err: error }, 'a copy of the database could not be made');
        if (answer.headersSent) answer.destroy();
        else answer.writeHead(503).end(String(error));
      })
      .finally(() => rmSync(file, { force: true }));
  });
  await new Promise<void>((resolve) => {
    server.once('error', (error) => {
      logger.warn({ err: error, path }, 'backups can be made only while this does not run');
      resolve();
    });
    server.listen(path, resolve);
  });
  if (server.listening) await chmod(path, 0o600);
  return {
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** Has the coordinator of a data folder copy its database to a new file. False: none runs there. Throws when it could not. */
export async function askForCopy(dataDir: string, file: string): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  const asked = request({ socketPath: join(dataDir, SOCKET_FILE), path: '/copy', method: 'POST' });
  asked.once('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') resolve(false);
    else reject(error);
  });
  asked.once('response', (answer) => {
    if (answer.statusCode !== 200) {
      answer.resume();
      reject(
        new Error(`the coordinator could not copy its database (${answer.statusCode}); its log says why`),
      );
      return;
    }
    // A connection that breaks in the middle is an error of the stream: a short copy is none.
    pipeline(answer, createWriteStream(file, { flags: 'wx', mode: 0o600 })).then(() => resolve(true), reject);
  });
  asked.end();
  const copied = await promise;
  if (copied) await durable(file);
  return copied;
}

export async function durable(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
