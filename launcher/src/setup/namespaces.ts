import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const env = { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` };

/**
 * Why the tests that build networks of their own cannot run here, and the mend; null when they can. Without them nobody has
 * seen a relay work where nothing else passes.
 */
export async function namespacesLack(name = `rostrum-try-${process.pid}`): Promise<string | null> {
  try {
    await run('ip', ['netns', 'add', name], { env });
  } catch (error) {
    const said = (error as { stderr?: string }).stderr?.trim().split('\n')[0] || String(error);
    return `network namespaces: cannot be made (${said}), so tests of firewalled networks do not run — as root, or with CAP_SYS_ADMIN and CAP_NET_ADMIN`;
  }
  await run('ip', ['netns', 'del', name], { env });
  return null;
}
