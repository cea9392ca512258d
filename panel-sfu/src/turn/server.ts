/** coturn as a child process, under a policy. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ProgramError, startProgram } from '@rostrum/service-kit/program';
import { watchCertificate } from './certificate-watch.ts';
import { type TurnPolicy, turnserverConf } from './policy.ts';
import { type SilenceLimits, watchAnswers } from './silence.ts';
import { answersStun } from './stun.ts';
import { createUsage, type Usage } from './usage.ts';

export interface TurnOptions {
  readonly policy: TurnPolicy;
  /** One line of what coturn says, but for those that tell of people. */
  readonly log: (line: string) => void;
  /** How often the certificate's files are looked at. */
  readonly certificateEveryMs?: number;
  /** How it is asked whether it is still there. */
  readonly silence?: SilenceLimits;
  /** What it is started through, which has to become it: `ip netns exec NAME`. */
  readonly through?: readonly string[];
}

export interface Turn {
  readonly pid: number | undefined;
  /** Resolves when it ended though nobody asked it to, or answers no more: with how. */
  readonly died: Promise<string>;
  readonly usage: Usage;
  /** Whether it answers now. */
  answers(): Promise<boolean>;
  /** Ends it and what it relays. Idempotent. */
  close(): Promise<void>;
}

/** The kernel ends it with us: one left over would share its port with the next one, each taking a part of the people. */
const WITH_US = ['setpriv', '--pdeathsig', 'KILL'];
const CERTIFICATE_EVERY_MS = 60_000;
const ANSWER_WITHIN_MS = 1000;
const SILENCE: SilenceLimits = { everyMs: 2000, misses: 4, enoughMs: 5000 };

/** Starts it and resolves when it answers. @throws ProgramError with what it said when it does not start */
export async function startTurn(options: TurnOptions): Promise<Turn> {
  const { policy, log, certificateEveryMs, through = [], silence = SILENCE } = options;
  const folder = await mkdtemp(join(tmpdir(), 'rostrum-turn-'));
  const config = join(folder, 'turnserver.conf');
  const usage = createUsage();
  const { tls, port } = policy.listen;
  const ask = policy.listen.ips[0] ?? policy.relay.ip;
  await writeFile(config, turnserverConf(policy, folder), { mode: 0o600 });
  const [command = '', ...args] = [...through, ...WITH_US, 'turnserver', '-c', config];
  const program = startProgram(command, args, (line) => {
    if (!usage.took(line)) log(line);
  });
  let closing = false;
  const stopWatching = tls
    ? watchCertificate(tls, certificateEveryMs ?? CERTIFICATE_EVERY_MS, () => {
        log('the certificate is another one: it is read anew, and calls go on');
        if (program.pid !== undefined) process.kill(program.pid, 'SIGUSR2');
      })
    : () => undefined;
  const answers = (): Promise<boolean> => answersStun(ask, port, ANSWER_WITHIN_MS);
  let stopAsking = (): void => undefined;
  const close = async (): Promise<void> => {
    closing = true;
    stopWatching();
    stopAsking();
    await program.stop();
    await rm(folder, { recursive: true, force: true });
  };
  const up = async (): Promise<void> => {
    while (!closing && !(await answersStun(ask, port, 200))) await delay(50);
    while (!closing && tls && !(await accepts(ask, tls.port))) await delay(50);
  };
  const { ips, port: udpAndTcp } = policy.listen;
  const where = `${ips.join(' ') || 'all addresses'}, ports ${[udpAndTcp, ...(tls ? [tls.port] : [])].join(' and ')}`;
  // It would try for ever.
  const refused = program.says('Cannot bind').then((): void => {
    throw new ProgramError(`turnserver cannot listen at ${where}`);
  });
  refused.catch(() => undefined);
  try {
    await program.ready(Promise.race([up(), refused]));
    // It reads it once: the secret need not lie on the disk.
    await rm(config);
  } catch (error) {
    await close();
    throw error;
  }
  const silent = new Promise<string>((resolve) => {
    stopAsking = watchAnswers(answers, program.pid, silence, () => resolve('does not answer'));
  });
  return {
    pid: program.pid,
    usage,
    died: Promise.race([silent, program.ended]).then((how) =>
      closing ? new Promise<string>(() => undefined) : how,
    ),
    answers,
    close,
  };
}

function accepts(ip: string, port: number): Promise<boolean> {
  const socket = connect(port, ip);
  return new Promise((resolve) => {
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
  }).then((accepted) => {
    socket.destroy();
    return accepted === true;
  });
}
