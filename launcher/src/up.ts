import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
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
import { type RunState, readState, stateWriter, takeLock } from './state.ts';
import { type ReadyLine, rotateLog, type Supervised, supervise } from './supervisor.ts';
import { planTurn, turnLack, turnTlsPort } from './turn.ts';
import { asUser, giveTo, planUser, takeUser, userWarning } from './user.ts';
import { openWeights, type Weights, withoutGoingFirst } from './weights/weights.ts';

export interface UpOptions {
  demo: boolean;
  /** Serve HTTPS, with a certificate of our own where none is given. */
  tls: boolean;
  /** Varnish in front of the origin (over TLS behind HAProxy), and viewers sent there. */
  edge: boolean;
  /** A TURN server beside the stage, for people whose network lets nothing else through. */
  turn: boolean;
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
  /** As they are now: the demo's come when it has reported. */
  addresses(): Addresses;
  /** Resolves when the demo has reported, if it ever does; undefined where none was asked for. */
  demo: Promise<unknown> | undefined;
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

/** Those that a service might need a right to. */
const portsOf = ({ settings, turn }: RunContext): number[] => [
  settings.console.port,
  settings.origin.port,
  settings.sfu.rtcPort,
  settings.sfu.metricsPort,
  ...(turn ? [settings.turn.port, ...(turn.tls ? [turn.tls.port] : [])] : []),
];

const coordinatorOf = (line: ReadyLine): RunContext['coordinator'] => ({
  url: line.url ?? '',
  ownerUrl: text(line, 'ownerUrl') ?? '',
});

/** The addresses that the services' ready lines give. */
function addressesOf(ready: Map<string, ReadyLine>): Addresses {
  const console = ready.get('host-console');
  const demo = ready.get('demo');
  const owner = text(console, 'ownerUrl');
  const entries: [string, string | undefined][] = [
    ['console', console?.url],
    ['owner', owner],
    ['setup', text(console, 'setupUrl')],
    ['host', text(demo, 'host') ?? owner],
    ['panelist', text(demo, 'panelist')],
    ['watch', text(demo, 'watch')],
    ['playlist', text(demo, 'playlist')],
    ['origin', ready.get('broadcaster')?.listens],
  ];
  const metrics = [...ready.values()].flatMap((line) => (line.metrics ? [line.metrics] : []));
  return { ...Object.fromEntries(entries.filter((entry): entry is [string, string] => !!entry[1])), metrics };
}

/**
 * The addresses with the demo's among them, for whom it is what they came for. A demo that has not reported within so long is
 * not waited for.
 */
export async function addressesWithDemo(
  running: Running,
  withinMs: number,
  signal: AbortSignal,
): Promise<{ addresses: Addresses; demoIsLate: boolean }> {
  const late = running.demo && delay(withinMs, 'late' as const, { signal, ref: false }).catch(() => 'late');
  const first = await Promise.race([running.demo, late]);
  return { addresses: running.addresses(), demoIsLate: first === 'late' };
}

/**
 * Sets up what is missing, starts the services and resolves when they are ready; the demo is a guest, started after them and
 * told of by `report` when something is wrong with it. Throws AlreadyRunningError, SetupError or ServiceStartError; then nothing
 * is left running.
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
  let weights: Weights | undefined;
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
      weights?.close();
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
      (['demo', 'edge', 'turn'] as const).filter((purpose) => options[purpose]),
      signal,
    );
    for (const dir of [instance.logDir, settings.dataDir]) mkdirSync(dir, { recursive: true });
    const madeTls =
      options.tls && !settings.tls ? await ownCertificate(instance.tlsDir, settings) : undefined;
    const context: RunContext = {
      settings,
      secret: settings.secret ?? keptSecret(settings.dataDir, 'secret'),
      nodeToken: settings.nodeToken ?? keptSecret(settings.dataDir, 'node-token'),
      mediaKeys: settings.mediaKeys ?? `own:${keptSecret(settings.dataDir, 'media-key')}`,
      workerBin: await workerPath(),
      tls: settings.tls ?? madeTls,
      edgePort: options.edge ? settings.edge.port || (await freePort(settings.origin.host)) : undefined,
      edgeControl: options.edge
        ? { port: await freePort('127.0.0.1'), secret: keptSecret(settings.dataDir, 'edge-secret') }
        : undefined,
      turn: undefined,
      coordinator: { url: '', ownerUrl: '' },
      demo: options.demo,
      originPort: settings.origin.port,
    };
    if (options.turn) {
      const files = settings.turn.cert ?? context.tls;
      context.turn = planTurn(
        settings,
        settings.turn.secret ?? keptSecret(settings.dataDir, 'turn-secret'),
        files && { port: await turnTlsPort(settings), ...files },
      );
      const lack = turnLack(context.turn, files !== undefined && files === madeTls);
      if (lack !== null) report.say(lack);
    }
    // After the secrets were made: they are the services' as well.
    const folders = [settings.dataDir, ...(madeTls ? [instance.tlsDir] : [])];
    const user = await giveTo(await takeUser(await planUser(settings)), folders);
    const asRoot = userWarning(user);
    if (asRoot !== null) report.say(asRoot);
    const ready = new Map<string, ReadyLine>();
    const state: RunState = {
      runId,
      launcher: processMark(process.pid) ?? { pid: process.pid, startTicks: '', bootId: '' },
      startedAt: new Date().toISOString(),
      addresses: {},
      processes: [],
      weightsWarning: null,
      userWarning: asRoot,
    };
    const weigher = openWeights();
    weights = weigher;
    state.weightsWarning = weigher.warning;
    if (weigher.warning !== null) report.say(weigher.warning);
    /** The weights in words, by the service's name. */
    const weighed = new Map<string, string>();
    let allReady = false;
    const write = stateWriter(instance.stateFile, (trouble) => report.say(trouble));
    const saveState = () => {
      state.processes = running.map((service) => ({
        ...service.state(),
        weight: weighed.get(service.name) ?? null,
      }));
      if (allReady) state.addresses = addressesOf(ready);
      write(state);
    };

    const start = (definition: ServiceDefinition, guest: boolean): Supervised => {
      const { name, cwd, args } = definition;
      const logFile = `${instance.logDir}/${name}.log`;
      // Varnish and HAProxy have users of their own for what they do as root; the demo is a guest of whoever starts it.
      const ownsUser = user.is === 'other' && !guest && name !== 'edge';
      let lastDeath = '';
      let lastTrouble: string | null = null;
      rotateLog(logFile);
      const service = supervise({
        name,
        cwd,
        args,
        logFile,
        guest,
        through: guest
          ? withoutGoingFirst()
          : user.is === 'other' && ownsUser
            ? asUser(user, portsOf(context))
            : [],
        env: (last) => ({
          ...process.env,
          // For the coordinator, and TURN's for its server: their definitions give them to these.
          ROSTRUM_SECRET: undefined,
          ROSTRUM_TURN_SECRET: undefined,
          DATABASE_URL: undefined,
          // It has a password in it.
          ...(name === 'host-console' ? {} : { ROSTRUM_SMTP_URL: undefined }),
          // Our own services trust our own certificate.
          ...(madeTls ? { NODE_EXTRA_CA_CERTS: trustFile(instance.tlsDir, madeTls.certFile) } : {}),
          // Root's home is closed to them.
          ...(ownsUser
            ? { HOME: settings.dataDir, XDG_CACHE_HOME: undefined, XDG_CONFIG_HOME: undefined }
            : {}),
          ...definition.env(context, last),
          [runIdVariable]: runId,
        }),
        onStart: async (pid) => {
          const { said, trouble } = await weigher.weigh(name, pid);
          if (stopping) return;
          weighed.set(name, said);
          // What all of them lack was said once for all.
          if (trouble !== null && trouble !== lastTrouble) {
            report.say(`${name}: ${trouble}`);
            service.note(trouble);
          }
          lastTrouble = trouble;
          saveState();
        },
        onReady: (line, news) => {
          // A guest that says something new has come back to its own: the demo with another webinar.
          const again = ready.has(name) && (guest || news === 'started');
          ready.set(name, line);
          if (name === 'host-console') context.coordinator = coordinatorOf(line);
          if (again) report.say(`${name} is back${guest ? '; `./rostrum status` has its links' : ''}`);
          saveState();
        },
        // Whoever started a guest wants to know why it does not show; services tell their logs and the console.
        ...(guest ? { onWarning: (message) => report.say(message) } : {}),
        onSlow: (how) => report.say(`${name} ${how}`),
        onDeath: (how, nextTryMs, seldom) => {
          // Tried now and then for ever, it is told once for each way to die.
          if (!seldom || how !== lastDeath) {
            const often = seldom ? ' (it died too often to be tried sooner)' : '';
            report.say(
              `${name} ${how}; starting it again in ${(nextTryMs / 1000).toFixed(1)} s${often}; its log: ${logFile}`,
            );
          }
          lastDeath = how;
        },
        onChange: saveState,
      });
      running.push(service);
      for (const warning of [weigher.warning, asRoot]) if (warning !== null) service.note(warning);
      saveState();
      return service;
    };
    const started = async (definition: ServiceDefinition, guest = false): Promise<void> => {
      signal.throwIfAborted();
      const line = await start(definition, guest).firstReady;
      report.say(`${definition.name} is ready${line.url ? ` at ${line.url}` : ''}`);
    };

    await started(parts.services['host-console']);
    await Promise.all([
      started(parts.services['panel-sfu']),
      started(parts.services.broadcaster),
      ...(options.turn ? [started(parts.services.turn)] : []),
    ]);
    if (options.edge) {
      // Where it answers itself; its public address is the edge's.
      context.originPort = Number(new URL(ready.get('broadcaster')?.listens ?? '').port);
      await started(parts.services.edge);
    }
    signal.throwIfAborted();
    allReady = true;
    saveState();
    const demo = options.demo ? started(parts.services.demo, true) : undefined;
    // It is given up with us, and with nothing else.
    demo?.catch(() => {});
    return { addresses: () => state.addresses, demo, stop };
  } catch (error) {
    await (stopping ?? stop());
    throw error;
  } finally {
    // From here on, whoever called stops it.
    signal.removeEventListener('abort', stopAtOnce);
  }
}
