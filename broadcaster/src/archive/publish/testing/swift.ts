/**
 * An S3 server to test against: OpenStack Swift with its s3api, of Debian's packages, in a temporary folder on ports of its own.
 * It checks signatures and Content-MD5 itself. What it does not judge: x-amz-checksum headers (ignored), `If-None-Match` (501).
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface S3TestServer {
  /** `http://127.0.0.1:PORT`; buckets by path. */
  readonly endpoint: string;
  readonly port: number;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  stop(): Promise<void>;
}

const SCRIPT = fileURLToPath(new URL('./swift-server.py', import.meta.url));
/** Debian's, for which the packages are. */
const PYTHON = '/usr/bin/python3';

/** Starts it. Throws where its packages are missing: tests on S3 fail rather than pass unseen. */
export async function startSwift(): Promise<S3TestServer> {
  if (!existsSync('/usr/bin/swift-proxy-server')) {
    throw new Error('no S3 to test on: install swift-proxy, swift-account, swift-container and swift-object');
  }
  const folder = await mkdtemp(join(tmpdir(), 'rostrum-swift-'));
  const child = spawn(PYTHON, [SCRIPT, folder], { stdio: ['pipe', 'pipe', 'pipe'] });
  const exited = once(child, 'exit');
  let said = '';
  child.stderr.on('data', (text: Buffer) => {
    said = `${said}${text}`.slice(-2000);
  });
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
    await rm(folder, { recursive: true, force: true });
  };
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line') as Promise<[string]>,
    exited.then(() => ['']),
  ]);
  const port = Number(line);
  if (!(port > 0)) {
    await stop();
    throw new Error(`Swift did not start: ${said}`);
  }
  return {
    endpoint: `http://127.0.0.1:${port}`,
    port,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test:tester', secretAccessKey: 'testing' },
    stop,
  };
}
