import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { processesWithEnv, processMark, stillRuns } from './process-table.ts';
import { AlreadyRunningError, lockOwner, type RunState, readState, takeLock, writeState } from './state.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(`${tmpdir()}/rostrum-state-`);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('lock', () => {
  test('a second one is refused while the first one is held, and taken after its release', () => {
    const release = takeLock(`${dir}/run/lock`);
    expect(() => takeLock(`${dir}/run/lock`)).toThrow(AlreadyRunningError);
    expect(() => takeLock(`${dir}/run/lock`)).toThrow(`pid ${process.pid}`);
    release();
    takeLock(`${dir}/run/lock`)();
  });

  test('one whose owner is gone does not block', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    const gone = processMark(child.pid ?? 0);
    await once(child, 'exit');
    writeFileSync(`${dir}/lock`, JSON.stringify(gone));
    expect(lockOwner(`${dir}/lock`)).toBeUndefined();
    takeLock(`${dir}/lock`)();
  });

  test('one whose pid was given to another process does not block', () => {
    writeFileSync(`${dir}/lock`, JSON.stringify({ ...processMark(process.pid), startTicks: '1' }));
    takeLock(`${dir}/lock`)();
  });

  test('half a lock file does not block', () => {
    writeFileSync(`${dir}/lock`, '{"pid":');
    takeLock(`${dir}/lock`)();
  });

  test('a release leaves the lock of the next owner alone', () => {
    const release = takeLock(`${dir}/lock`);
    writeFileSync(`${dir}/lock`, JSON.stringify(processMark(1)));
    release();
    expect(existsSync(`${dir}/lock`)).toBe(true);
  });
});

describe('state file', () => {
  const state: RunState = {
    runId: 'a',
    launcher: { pid: 1, startTicks: '2', bootId: 'b' },
    startedAt: '2026-01-01T00:00:00.000Z',
    addresses: { console: 'http://127.0.0.1:1', metrics: ['http://127.0.0.1:1/metrics'] },
    processes: [{ name: 'host-console', pid: 3, state: 'ready', restarts: 0, healthUrl: null, weight: null }],
    weightsWarning: null,
    userWarning: null,
  };

  test('is read back as written, and only its owner may read it', () => {
    writeState(`${dir}/state.json`, state);
    expect(readState(`${dir}/state.json`)).toEqual(state);
    expect(statSync(`${dir}/state.json`).mode & 0o777).toBe(0o600);
  });

  test('that is missing or broken says nothing', () => {
    expect(readState(`${dir}/state.json`)).toBeUndefined();
    writeFileSync(`${dir}/state.json`, '{"runId":"a"}');
    expect(readState(`${dir}/state.json`)).toBeUndefined();
  });
});

describe('process table', () => {
  test('knows a process by its start, and that it ended', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
      env: { ROSTRUM_RUN_ID: dir },
    });
    const mark = processMark(child.pid ?? 0);
    expect(mark && stillRuns(mark)).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(processesWithEnv('ROSTRUM_RUN_ID', dir)).toEqual([child.pid]);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(mark && stillRuns(mark)).toBe(false);
    expect(processesWithEnv('ROSTRUM_RUN_ID', dir)).toEqual([]);
  });
});
