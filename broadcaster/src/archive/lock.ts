/** One writer for an archive folder, whoever else sees it: two broadcasters on it would cut each other's journals. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const LOCK_NAME = '.lock';
/** Exit code of flock when somebody else holds it. */
const HELD = 1;
/** The one before may just be ending. */
const WAIT_S = 5;

export interface FolderLock {
  /** Resolves when the lock is lost, which only its holder's death can do, or given back. */
  readonly lost: Promise<void>;
  release(): Promise<void>;
}

/**
 * Takes the folder's lock until `release`, or until this process is gone in whatever way: a child holds it (flock(1), of
 * util-linux), and ends when its standard input does. Node has no call for it. It holds between containers and hosts too,
 * where the file system takes locks (flock(2)).
 * @throws Error that says who has to go first
 */
export async function lockFolder(folder: string, waitS = WAIT_S): Promise<FolderLock> {
  const path = join(folder, LOCK_NAME);
  const holder = spawn(
    'flock',
    [`--wait=${waitS}`, `--conflict-exit-code=${HELD}`, path, 'sh', '-c', 'echo held; exec cat >/dev/null'],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  const exited = new Promise<number | null>((resolve, reject) => {
    holder.once('error', reject);
    holder.once('exit', (code) => resolve(code));
  });
  const held = once(holder.stdout, 'data').then(() => 'held' as const);
  const outcome = await Promise.race([held, exited]);
  if (outcome !== 'held') {
    throw new Error(
      outcome === HELD
        ? `another broadcaster writes to ${folder} (ROSTRUM_ARCHIVE_DIR): end it, or give this one a folder of its own`
        : `the lock of ${folder} could not be taken: flock ended with ${outcome}`,
    );
  }
  holder.unref();
  return {
    lost: exited.then(() => undefined),
    async release() {
      // A process with nothing else to do would end while it waits.
      holder.ref();
      holder.stdin.end();
      await exited;
    },
  };
}
