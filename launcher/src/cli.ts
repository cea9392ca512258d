import { parseArgs } from 'node:util';
import { findingState } from '@rostrum/contracts';
import { runArchive } from './archive.ts';
import { runBackup } from './backup.ts';
import { listBenchmarks, runBenchmark, runConformance } from './bench.ts';
import { runCdn } from './cdn.ts';
import { describeFindings, lookFromOutside } from './outside.ts';
import { runRecompose } from './recompose.ts';
import { stderrReport } from './report.ts';
import { readSettings, SettingsError } from './settings.ts';
import { namespacesLack } from './setup/namespaces.ts';
import { diagnose, type Purpose, SetupError, setUp, TESTS } from './setup/steps.ts';
import { AlreadyRunningError } from './state.ts';
import { down, status } from './status.ts';
import { ServiceStartError } from './supervisor.ts';
import { runTests } from './test-run.ts';
import { addressesWithDemo, up } from './up.ts';
import { describeUser, planUser } from './user.ts';
import { readOffer } from './weights/offer.ts';
import { describePlan, planWeights } from './weights/plan.ts';
import { weightTable } from './weights/table.ts';

const help = `Rostrum: webinars on your own machine.

  ./rostrum up [--demo] [--tls] [--edge] [--turn] [--json] [--user NAME]
                                           run it here until Ctrl-C; --demo with synthetic panelists on air,
                                           --tls over HTTPS (cameras need it off localhost),
                                           --edge with Varnish in front of the origin, for many viewers
                                           (with --tls too: HTTPS and HTTP/2 by HAProxy),
                                           --turn with a TURN server, for panelists behind firewalls,
                                           --json one line on stdout when all is ready,
                                           --user whose the services are when root starts it (else: rostrum)
  ./rostrum status [--json]                what runs, and whether it is well
  ./rostrum down                           stop it
  ./rostrum setup [--demo] [--edge] [--turn] [--test]
                                           bring and build what is missing, and no more
  ./rostrum doctor [--demo] [--edge] [--turn] [--test]
                                           name what is missing and the mend
  ./rostrum doctor --public [--turn]       how it looks from outside: names, certificates, mail, disk, clock, CDN
                                           (docs/public.md)
  ./rostrum test                           everything that CI runs
  ./rostrum bench [NAME] [--json]          run a benchmark; without a name, list them
  ./rostrum conformance URL [--seconds 60] [--json]
                                           walk a live LL-HLS channel, ours or anybody's (URL of its multivariant
                                           playlist), and print which rules of the protocol held
  ./rostrum cdn plan | apply | purge | rotate-keys | destroy | print
                                           CloudFront in front of the origin, made and kept as the settings say
                                           (docs/cdn.md; ./rostrum cdn help)
  ./rostrum recompose ID [--without PERSON]…
                                           a new picture of a show that has ended, from its isolated tracks and its
                                           scenes, in the time that it took (docs/recompose.md)
  ./rostrum archive verify | repair | export | import
                                           recordings on disk and in the bucket: what is wrong with them, and
                                           to another machine (docs/archive-tools.md; ./rostrum archive help)
  ./rostrum backup PLACE [--secrets]       database and files of this installation, also while it runs, as a folder or
                                           a .tar.gz; --secrets with its keys (docs/backup.md)
  ./rostrum restore PLACE                  such a backup into an installation that has nothing yet

Settings come from the environment and are described in launcher/README.md.`;

/** What was typed is not a command. */
class UsageError extends Error {
  readonly code = 'usage';
}

/** The exit codes: 1 something failed, 2 wrong usage or settings, 3 it runs already (or does not run), 130 stopped. */
function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError || error instanceof SettingsError) return 2;
  return error instanceof AlreadyRunningError ? 3 : 1;
}

const out = (text: string) => process.stdout.write(`${text}\n`);
const report = stderrReport();
const interrupted = new AbortController();

/** Resolves at the first Ctrl-C, SIGTERM or hang-up; `onMore` is called at every later one. */
function untilSignal(onMore: () => void): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (interrupted.signal.aborted) onMore();
      interrupted.abort(new Error(`stopped by ${name}`));
      resolve();
    });
  }
  return promise;
}

interface Flags {
  demo: boolean;
  tls: boolean;
  edge: boolean;
  turn: boolean;
  json: boolean;
  test: boolean;
  seconds: string;
}

/** The links that a person opens; the console's makes the owner's account while there is none. Without those that were shown before. */
function showLinks(
  addresses: Record<string, unknown>,
  before: ReadonlySet<unknown> = new Set(),
): Set<unknown> {
  const { owner, host, console, setup } = addresses;
  const links: Record<string, unknown> = {
    ...addresses,
    console: setup ?? console,
    host: host === owner ? undefined : host,
  };
  const shown = new Set(before);
  for (const name of ['console', 'host', 'panelist', 'watch', 'playlist'] as const) {
    const link = links[name];
    if (typeof link !== 'string' || shown.has(link)) continue;
    out(`${name.padStart(12)}  ${link}`);
    shown.add(link);
  }
  return shown;
}

/** With `--json` there is one line, and the demo's links belong into it. */
const DEMO_WITHIN_MS = 60_000;

async function runUp(flags: Flags): Promise<number> {
  let hurry = () => {};
  const stopAsked = untilSignal(() => hurry());
  const running = await up(readSettings(process.env), flags, report, interrupted.signal);
  hurry = () => void running.stop();
  if (flags.json) {
    const { addresses, demoIsLate } = await addressesWithDemo(running, DEMO_WITHIN_MS, interrupted.signal);
    if (demoIsLate)
      report.say('the demo has not reported yet; `./rostrum status` has its links when it does');
    out(JSON.stringify(addresses));
  } else {
    report.say('Rostrum is up. Ctrl-C stops it.');
    const shown = showLinks(running.addresses());
    running.demo?.then(
      () => showLinks(running.addresses(), shown),
      () => {}, // stopped before it was ready
    );
  }
  await stopAsked;
  report.say('stopping');
  await running.stop();
  return 0;
}

async function runStatus(flags: Flags): Promise<number> {
  const now = await status(readSettings(process.env).homeDir);
  if (flags.json) {
    out(JSON.stringify(now));
  } else if (!now.running) {
    out('Rostrum does not run here.');
  } else {
    out(now.ready ? `Rostrum runs (pid ${now.pid}).` : `Rostrum is starting (pid ${now.pid}).`);
    for (const { name, pid, state, restarts, healthy, weight } of now.processes) {
      const told = [
        `pid ${pid ?? '-'}`,
        state,
        ...(healthy === null ? [] : [healthy ? 'well' : 'NOT WELL']),
        ...(restarts > 0 ? [`restarts: ${restarts}`] : []),
        ...(weight === null ? [] : [weight]),
      ];
      out(`${name.padStart(12)}  ${told.join(', ')}`);
    }
    if (now.weightsWarning !== null) out(now.weightsWarning);
    if (now.userWarning !== null) out(now.userWarning);
    showLinks(now);
  }
  return now.running ? 0 : 3;
}

async function runDoctor(purpose: Purpose): Promise<number> {
  const settings = readSettings(process.env);
  const lack = purpose.includes('test') ? await namespacesLack() : null;
  const found = [...(await diagnose(purpose)), ...(lack === null ? [] : [lack])];
  out(found.length === 0 ? 'Nothing is missing.' : found.join('\n'));
  // Without its weights it works too: a note, and no failure.
  const offer = readOffer();
  out(['', ...weightTable(), '', ...describePlan(offer, planWeights(offer))].join('\n'));
  out(describeUser(await planUser(settings)));
  return found.length === 0 ? 0 : 1;
}

async function runPublicDoctor(turn: boolean): Promise<number> {
  report.say('looking at it from outside …');
  const { ROSTRUM_SMTP_URL, ROSTRUM_CDN_ORIGIN_HOST } = process.env;
  const others = { smtpUrl: ROSTRUM_SMTP_URL, cdnOriginHost: ROSTRUM_CDN_ORIGIN_HOST };
  const findings = await lookFromOutside(readSettings(process.env), others, turn);
  out(describeFindings(findings).join('\n'));
  return findings.some((finding) => findingState(finding) === 'bad') ? 1 : 0;
}

async function runBench(name: string | undefined, flags: Flags): Promise<number> {
  const benchmarks = listBenchmarks();
  if (name === undefined) {
    for (const { name: known, about } of benchmarks) out(`${known.padStart(12)}  ${about}`);
    return 0;
  }
  if (!benchmarks.some((known) => known.name === name)) {
    throw new UsageError(
      `there is no benchmark ${name}; there are: ${benchmarks.map((known) => known.name).join(', ')}`,
    );
  }
  void untilSignal(() => {});
  await setUp(report, TESTS, interrupted.signal);
  return runBenchmark(name, flags.json ? ['--json'] : [], interrupted.signal);
}

async function runConformanceOf(url: string | undefined, flags: Flags): Promise<number> {
  if (url === undefined || !URL.canParse(url)) {
    throw new UsageError('./rostrum conformance wants the URL of a multivariant playlist');
  }
  void untilSignal(() => {});
  await setUp(report, [], interrupted.signal);
  const args = [url, '--seconds', flags.seconds, ...(flags.json ? ['--json'] : [])];
  return runConformance(args, interrupted.signal);
}

async function runTest(): Promise<number> {
  void untilSignal(() => {});
  await setUp(report, TESTS, interrupted.signal);
  const { passed, failed: failedTests } = await runTests(report, interrupted.signal);
  // Tests that did not run are not tests that passed.
  const lack = await namespacesLack();
  if (lack !== null) out(lack);
  const failed = failedTests + (lack === null ? 0 : 1);
  out(`${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0 ? 0 : 1;
}

/** It has words of its own, as `cdn` has. */
async function recompose(args: readonly string[]): Promise<number> {
  const settings = readSettings(process.env);
  await setUp(report, [], interrupted.signal);
  return runRecompose(args, settings);
}

async function main(argv: string[]): Promise<number> {
  if (argv[0] === 'cdn') return runCdn(argv.slice(1));
  if (argv[0] === 'recompose') return recompose(argv.slice(1));
  if (argv[0] === 'backup' || argv[0] === 'restore') return runBackup(argv);
  if (argv[0] === 'archive') return runArchive(argv.slice(1));
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      demo: { type: 'boolean', default: false },
      tls: { type: 'boolean', default: false },
      edge: { type: 'boolean', default: false },
      turn: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      test: { type: 'boolean', default: false },
      public: { type: 'boolean', default: false },
      seconds: { type: 'string', default: '60' },
      user: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const [command = 'help', argument, ...rest] = positionals;
  if (rest.length > 0 || (argument !== undefined && !['bench', 'conformance'].includes(command))) {
    throw new UsageError(`too many words after "${command}"`);
  }
  const purpose: Purpose = values.test
    ? TESTS
    : (['demo', 'edge', 'turn'] as const).filter((name) => values[name]);
  if (values.user !== undefined) process.env.ROSTRUM_USER = values.user;
  switch (values.help ? 'help' : command) {
    case 'up':
      return runUp(values);
    case 'status':
      return runStatus(values);
    case 'down':
      if (await down(readSettings(process.env).homeDir)) return 0;
      out('Rostrum does not run here.');
      return 3;
    case 'setup':
      readSettings(process.env);
      void untilSignal(() => {});
      await setUp(report, purpose, interrupted.signal);
      return 0;
    case 'doctor':
      return values.public ? runPublicDoctor(values.turn) : runDoctor(purpose);
    case 'bench':
      return runBench(argument, values);
    case 'conformance':
      return runConformanceOf(argument, values);
    case 'test':
      return runTest();
    case 'help':
      out(help);
      return 0;
    default:
      throw new UsageError(`there is no command "${command}"; ./rostrum help lists them`);
  }
}

const expected = [UsageError, SettingsError, SetupError, AlreadyRunningError, ServiceStartError];

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (interrupted.signal.aborted) {
    process.exitCode = 130;
  } else {
    const known = error instanceof Error && expected.some((type) => error instanceof type);
    const wrongFlag =
      error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
    process.stderr.write(`${known || wrongFlag ? (error as Error).message : (error as Error).stack}\n`);
    process.exitCode = wrongFlag ? 2 : exitCodeOf(error);
  }
}
// Nothing may hold it open any more: signal handlers do.
process.exit();
