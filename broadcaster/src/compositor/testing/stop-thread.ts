import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const SCRIPT = fileURLToPath(new URL('./stop-thread.py', import.meta.url));

/**
 * Stops one thread of a process, while the others run on. Resolves when it runs again, or when the process is gone. Needs
 * the right to trace that process.
 * @param name how the thread's name begins
 */
export async function stopThread(pid: number, name: string, seconds: number): Promise<void> {
  for (const tid of await readdir(`/proc/${pid}/task`)) {
    const comm = await readFile(`/proc/${pid}/task/${tid}/comm`, 'utf8');
    if (!comm.startsWith(name)) continue;
    await promisify(execFile)('python3', [SCRIPT, tid, String(seconds)]);
    return;
  }
  throw new Error(`process ${pid} has no thread ${name}`);
}
