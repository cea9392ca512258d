import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { freePort } from '@rostrum/service-kit/free-port';
import { instanceAt, runIdVariable } from './instance.ts';
import { checkPortsAreFree } from './ports.ts';
import { processesWithEnv, processMark } from './process-table.ts';
import type { Report } from './report.ts';
import { keptSecret, ownCertificate, trustFile } from './secrets.ts';
import { type RunContext, type ServiceDefinition, services } from './services.ts';
import type { Settings } from './settings.ts';
import { setUp } from './setup/steps.ts';
import { workerPath } from './setup/worker.ts';
import { type RunState, readState, takeLock, writeState } from './state.ts';
import { type ReadyLine, rotateLog, type Supervised, supervise } from './supervisor.ts';

export interface UpOptions {
  demo: boolean;
  /** Serve HTTPS, with a certificate of our own where none is given. */
  tls: boolean;
  /** Varnish in front of the origin (over TLS behind HAProxy), and viewers sent there. */
  edge: boolean;
}

/** What `up` is made of; the launcher's tests put services of their own here. */
export interface UpParts {
  services: typeof services;
  setUp: typeof setUp;
}

/** What is said when all is ready, and by `status`: see DESIGN in docs. */
export type Addresses = RunState['addresses'];

/** A running Rostrum. */
export interface Running {
  addresses: Addresses;
  /** Stops everything and resolves when nothing is left. Called again, it does not wait for anybody's manners. */
  stop(): Promise<void>;
}

/** Ends what an earlier run of this instance left behind, if its launcher could not. */
function endLeftovers(runId: string | undefined): void {
  if (!runId) return;
  for (const pid of processesWithEnv(runIdVariable, runId)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

function text(line: ReadyLine | undefined, key: string): string | undefined {
  const value = line?.[key];
  return typeof value === 'string' ? value : undefined;
}

/** The addresses that the services' ready lines give. */
function addressesOf(ready: Map<string, ReadyLine>): Addresses {
  const console = ready.get('host-console');
  const demo = ready.get('demo');
  const owner = text(console, 'ownerUrl');
  const entries: [string, string | undefined][] = [
    ['console', console?.url],
    ['owner', owner],
    ['host', text(demo, 'host') ?? owner],
    ['panelist', text(demo, 'panelist')],
    ['watch', text(demo, 'watch')],
    ['playlist', text(demo, 'playlist')],
  ];
  const metrics = [...ready.values()].flatMap((line) => (line.metrics ? [line.metrics] : []));
  return { ...Object.fromEntries(entries.filter((entry): entry is [string, string] => !!entry[1])), metrics };
}

/**
 * Sets up what is missing, starts all services and resolves when they are ready. Throws AlreadyRunningError,
 * SetupError or ServiceStartError; then nothing is left running.
 */
export async function up(
  settings: Settings,
  options: UpOptions,
  report: Report,
  signal: AbortSignal,
  parts: UpParts = { services, setUp },
): Promise<Running> {
  const instance = instanceAt(settings.homeDir);
  const releaseLock = takeLock(instance.lockFile);
  const runId = randomUUID();
  const running: Supervised[] = [];
  let stopping: Promise<void> | undefined;

  const stop = async () => {
    if (stopping) {
      for (const service of running) service.kill();
      return stopping;
    }
    stopping = (async () => {
      // Who uses a service stops before it does; the media nodes stop side by side.
      await Promise.all(running.filter(({ name }) => name === 'demo').map((service) => service.stop()));
      await Promise.all(
        running.filter(({ name }) => name !== 'host-console').map((service) => service.stop()),
      );
      await Promise.all(running.map((service) => service.stop()));
      endLeftovers(runId);
      rmSync(instance.stateFile, { force: true });
      releaseLock();
    })();
    return stopping;
  };

  const stopAtOnce = () => void stop();
  signal.addEventListener('abort', stopAtOnce, { once: true });
  try {
    endLeftovers(readState(instance.stateFile)?.runId);
    await checkPortsAreFree(settings, options);
    await parts.setUp(
      report,
      [...(options.demo ? (['demo'] as const) : []), ...(options.edge ? (['edge'] as const) : [])],
      signal,
    );
    for (const dir of [instance.logDir, settings.dataDir]) mkdirSync(dir, { recursive: true });
    const madeTls =
      options.tls && !settings.tls ? await ownCertificate(instance.tlsDir, settings) : undefined;
    const context: RunContext = {
      settings,
      secret: settings.secret ?? keptSecret(settings.dataDir, 'secret'),
      nodeToken: settings.nodeToken ?? keptSecret(settings.dataDir, 'node-token'),
      workerBin: await workerPath(),
      tls: settings.tls ?? madeTls,
      edgePort: options.edge ? settings.edge.port || (await freePort(settings.origin.host)) : undefined,
      coordinator: { url: '', ownerUrl: '' },
      originPort: settings.origin.port,
    };
    const ready = new Map<string, ReadyLine>();
    const state: RunState = {
      runId,
      launcher: processMark(process.pid) ?? { pid: process.pid, startTicks: '', bootId: '' },
      startedAt: new Date().toISOString(),
      addresses: {},
      processes: [],
    };
    let allReady = false;
    const saveState = () => {
      state.processes = running.map((service) => service.state());
      if (allReady) state.addresses = addressesOf(ready);
      writeState(instance.stateFile, state);
    };

    const start = async (definition: ServiceDefinition): Promise<void> => {
      signal.throwIfAborted();
      const { name, cwd, args } = definition;
      const logFile = `${instance.logDir}/${name}.log`;
      rotateLog(logFile);
      const service = supervise({
        name,
        cwd,
        args,
        logFile,
        env: (last) => ({
          ...process.env,
          // For the coordinator alone, which its definition gives them to.
          ROSTRUM_SECRET: undefined,
          DATABASE_URL: undefined,
          // Our own services trust our own certificate.
          ...(madeTls ? { NODE_EXTRA_CA_CERTS: trustFile(instance.tlsDir, madeTls.certFile) } : {}),
          ...definition.env(context, last),
          [runIdVariable]: runId,
        }),
        onReady: (line) => {
          const again = ready.has(name);
          ready.set(name, line);
          if (again) report.say(`${name} is back`);
          saveState();
        },
        onDeath: (how, nextTryMs) => report.say(`${name} ${how}; starting it again in ${nextTryMs / 1000} s`),
        onChange: saveState,
      });
      running.push(service);
      saveState();
      const line = await service.firstReady;
      report.say(`${name} is ready${line.url ? ` at ${line.url}` : ''}`);
    };

    await start(parts.services['host-console']);
    const coordinator = ready.get('host-console');
    context.coordinator = { url: coordinator?.url ?? '', ownerUrl: text(coordinator, 'ownerUrl') ?? '' };
    await Promise.all([start(parts.services['panel-sfu']), start(parts.services.broadcaster)]);
    if (options.edge) {
      // Where it answers itself; its public address is the edge's.
      context.originPort = Number(new URL(ready.get('broadcaster')?.metrics ?? '').port);
      await start(parts.services.edge);
    }
    if (options.demo) await start(parts.services.demo);
    signal.throwIfAborted();
    allReady = true;
    saveState();
    return { addresses: state.addresses, stop };
  } catch (error) {
    await (stopping ?? stop());
    throw error;
  } finally {
    // From here on, whoever called stops it.
    signal.removeEventListener('abort', stopAtOnce);
  }
}
