import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const WHAT_WOULD_DO =
  'Tests of bad networks make network namespaces of their own. They need root on Linux (in a container: CAP_NET_ADMIN, CAP_SYS_ADMIN ' +
  'and /dev/net/tun) and: apt-get install -y --no-install-recommends iproute2 iptables python3';

/** A network of the tests' own cannot be had here; the message says what would do. */
export class NetworkError extends Error {
  readonly code = 'network';

  constructor(what: string, cause: unknown) {
    super(`${what}\n${WHAT_WOULD_DO}`, { cause });
  }
}

/** Runs a command whose words are parted by blanks. @returns what it said. Throws `NetworkError`. */
export async function run(line: string): Promise<string> {
  const [program = '', ...args] = line.split(' ');
  try {
    return (await promisify(execFile)(program, args)).stdout;
  } catch (error) {
    const { stderr, message } = error as Error & { readonly stderr?: string };
    throw new NetworkError(`${line}: ${stderr?.trim() || message}`, error);
  }
}

/** Runs them one after the other. */
export async function runAll(lines: readonly string[]): Promise<void> {
  for (const line of lines) await run(line);
}
