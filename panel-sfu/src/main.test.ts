import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { findWorkerBin } from './testing.ts';

/** The process as the launcher runs it. */
function start(env: Record<string, string>): ChildProcess {
  const workerBin = findWorkerBin();
  return spawn(process.execPath, [fileURLToPath(new URL('./main.ts', import.meta.url))], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      ...(workerBin ? { MEDIASOUP_WORKER_BIN: workerBin } : {}),
      ROSTRUM_COORDINATOR_URL: 'http://127.0.0.1:9',
      ROSTRUM_NODE_TOKEN: 'a token of the test',
      ROSTRUM_SFU_RTC_PORT: '0',
      ROSTRUM_SFU_WORKERS: '1',
      ...env,
    },
  });
}

async function ready(child: ChildProcess): Promise<{ ready: string; metrics: string }> {
  if (!child.stdout) throw new Error('no stdout');
  for await (const line of createInterface(child.stdout)) {
    const parsed = JSON.parse(line) as { ready?: string; metrics: string };
    if (parsed.ready !== undefined) return { ready: parsed.ready, metrics: parsed.metrics };
  }
  throw new Error('ended before it was ready');
}

describe('the process', () => {
  test('says when it is ready, serves its state, and ends with 0 on SIGTERM', async () => {
    const child = start({});
    const exit = once(child, 'exit');
    const { ready: name, metrics } = await ready(child);
    expect(name).toBe('panel-sfu');
    expect(await (await fetch(metrics)).text()).toMatch(/^rostrum_sfu_workers 1$/m);
    expect((await fetch(new URL('/healthz', metrics))).status).toBe(200);
    const readiness = await fetch(new URL('/readyz', metrics));
    expect(readiness.status).toBe(503); // there is no coordinator at port 9
    expect(await readiness.json()).toEqual({ ready: false, connected: false, workers: 1 });
    expect((await fetch(new URL('/else', metrics))).status).toBe(404);
    child.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
  });

  test('ends when its parent goes away', async () => {
    const child = start({ ROSTRUM_PARENT_PIPE: '1' });
    const exit = once(child, 'exit');
    await ready(child);
    child.stdin?.end();
    expect(await exit).toEqual([0, null]);
  });

  test('an impossible setting ends it at once', async () => {
    const child = start({ ROSTRUM_SFU_WORKERS: 'many' });
    const said: Buffer[] = [];
    child.stderr?.on('data', (chunk: Buffer) => said.push(chunk));
    expect(await once(child, 'close')).toEqual([2, null]);
    expect(Buffer.concat(said).toString()).toContain('ROSTRUM_SFU_WORKERS is "many"');
  });
});
