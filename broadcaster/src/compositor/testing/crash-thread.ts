import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** Sends SIGSEGV to one thread: tgkill(2), which Node does not offer. */
const SCRIPT = `
import ctypes, platform, sys
number = {"x86_64": 234, "aarch64": 131}[platform.machine()]
sys.exit(ctypes.CDLL(None).syscall(number, int(sys.argv[1]), int(sys.argv[2]), 11))
`;

/** Lets a process fault in one of its threads, as a decoder would. @param name how the thread's name begins */
export async function crashThread(pid: number, name: string): Promise<void> {
  for (const tid of await readdir(`/proc/${pid}/task`)) {
    const comm = await readFile(`/proc/${pid}/task/${tid}/comm`, 'utf8');
    if (!comm.startsWith(name)) continue;
    await promisify(execFile)('python3', ['-c', SCRIPT, String(pid), tid]);
    return;
  }
  throw new Error(`process ${pid} has no thread ${name}`);
}
