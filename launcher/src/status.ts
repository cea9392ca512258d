import { setTimeout as delay } from 'node:timers/promises';
import { askService } from '@rostrum/service-kit/ask';
import { instanceAt } from './instance.ts';
import { stillRuns } from './process-table.ts';
import { lockOwner, readState } from './state.ts';

export interface ProcessStatus {
  name: string;
  pid: number | null;
  state: string;
  restarts: number;
  /** Whether its /healthz answered 200; null for a process that has none. */
  healthy: boolean | null;
  /** Its weight beside others, in words; null until it has one. */
  weight: string | null;
}

export type Status =
  | { running: false }
  | {
      running: true;
      ready: boolean;
      pid: number;
      processes: ProcessStatus[];
      /** What this machine does not offer to weigh them by, in words; null when it does. */
      weightsWarning: string | null;
      /** Why the services run as root, in words; null when they do not. */
      userWarning: string | null;
      [address: string]: unknown;
    };

const healthTimeoutMs = 2_000;
const downTimeoutMs = 30_000;

/** Asks a service whether it is well. */
function isHealthy(url: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const request = askService(url);
  request.setTimeout(healthTimeoutMs, () => request.destroy(new Error('no answer')));
  request.once('error', () => resolve(false));
  request.once('response', (response) => {
    response.resume();
    resolve(response.statusCode === 200);
  });
  return promise;
}

/** What runs from this ROSTRUM_HOME, asked anew. */
export async function status(homeDir: string): Promise<Status> {
  const { lockFile, stateFile } = instanceAt(homeDir);
  const owner = lockOwner(lockFile);
  if (!owner) return { running: false };
  const state = readState(stateFile);
  // The file may still be that of the run before while this one sets up.
  if (!state || state.launcher.pid !== owner.pid || state.launcher.startTicks !== owner.startTicks) {
    return {
      running: true,
      ready: false,
      pid: owner.pid,
      processes: [],
      weightsWarning: null,
      userWarning: null,
    };
  }
  const processes = await Promise.all(
    state.processes.map(async ({ name, pid, state: phase, restarts, healthUrl, weight }) => ({
      name,
      pid,
      state: phase,
      restarts,
      healthy: healthUrl ? await isHealthy(healthUrl) : null,
      weight,
    })),
  );
  return {
    ...state.addresses,
    running: true,
    ready: Object.keys(state.addresses).length > 0,
    pid: owner.pid,
    processes,
    weightsWarning: state.weightsWarning,
    userWarning: state.userWarning,
  };
}

/** Stops what runs from this ROSTRUM_HOME; false when nothing did. Throws when it does not end. */
export async function down(homeDir: string): Promise<boolean> {
  const owner = lockOwner(instanceAt(homeDir).lockFile);
  if (!owner) return false;
  process.kill(owner.pid, 'SIGTERM');
  const deadlineMs = performance.now() + downTimeoutMs;
  while (stillRuns(owner)) {
    if (performance.now() > deadlineMs) {
      throw new Error(`Rostrum (pid ${owner.pid}) did not end within ${downTimeoutMs / 1000} s`);
    }
    await delay(50);
  }
  return true;
}
