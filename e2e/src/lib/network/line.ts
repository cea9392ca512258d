/** The rules and devices that make a line bad, in the namespace that it goes through. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { NetworkError, run, runAll } from './commands.ts';
import { type Condition, QUEUE_MS, type Way } from './conditions.ts';

const DELAY_PROGRAM = fileURLToPath(new URL('./delay.py', import.meta.url));
const TUNNEL = 'delay';
const TABLE = 100;
/** A packet and a half: less would never let a whole one through. */
const BURST_BYTES = 2300;

export interface LineDevices {
  readonly namespace: string;
  /** Towards the person. */
  readonly inner: string;
  /** Towards everybody else. */
  readonly outer: string;
}

/** A condition that holds. */
export interface Held {
  /** The line is good again. */
  lift(): Promise<void>;
}

/** Makes it so. Where a step fails, those before it are undone. */
export async function hold(line: LineDevices, condition: Condition): Promise<Held> {
  const undo: (() => Promise<void>)[] = [];
  const lift = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const ways: readonly Way[] = condition.only ? [condition.only] : ['up', 'down'];
    for (const way of ways) {
      const { from, to } = waysOf(line)[way];
      if (condition.loss !== undefined) undo.push(await lose(line.namespace, from, condition.loss));
      if (condition.kbits !== undefined) undo.push(await limit(line.namespace, to, condition.kbits));
    }
    if (condition.delayMs !== undefined) {
      const from = ways.map((way) => waysOf(line)[way].from);
      undo.push(await delay(line.namespace, from, condition));
    }
  } catch (error) {
    await lift();
    throw error;
  }
  return { lift };
}

/** The device that a packet comes in by, and the one it leaves by. */
const waysOf = ({
  inner,
  outer,
}: LineDevices): Record<Way, { readonly from: string; readonly to: string }> => ({
  up: { from: inner, to: outer },
  down: { from: outer, to: inner },
});

async function lose(namespace: string, device: string, share: number): Promise<() => Promise<void>> {
  const rule = (what: 'A' | 'D'): Promise<string> =>
    run(
      `ip netns exec ${namespace} iptables -w -${what} FORWARD -i ${device} -m statistic --mode random --probability ${share} -j DROP`,
    );
  await rule('A');
  return async () => {
    await rule('D');
  };
}

async function limit(namespace: string, device: string, kbits: number): Promise<() => Promise<void>> {
  await run(
    `tc -n ${namespace} qdisc add dev ${device} root tbf rate ${kbits}kbit burst ${BURST_BYTES} latency ${QUEUE_MS}ms`,
  );
  return async () => {
    await run(`tc -n ${namespace} qdisc del dev ${device} root`);
  };
}

/** What comes in by the devices goes through a tunnel whose other end is a program that hands it back later. */
async function delay(
  namespace: string,
  devices: readonly string[],
  condition: Condition,
): Promise<() => Promise<void>> {
  const ip = `ip -n ${namespace}`;
  await run(`${ip} tuntap add dev ${TUNNEL} mode tun`);
  let program: ChildProcess | undefined;
  const undo = async (): Promise<void> => {
    for (const device of devices) await run(`${ip} rule del iif ${device} table ${TABLE}`).catch(() => '');
    if (program && program.exitCode === null && program.signalCode === null) {
      const ended = once(program, 'exit');
      program.stdin?.end();
      await ended;
    }
    await run(`${ip} link del ${TUNNEL}`);
  };
  try {
    program = await startDelay(namespace, condition);
    await runAll([
      `${ip} link set ${TUNNEL} up`,
      `${ip} route add default dev ${TUNNEL} table ${TABLE}`,
      ...devices.map((device) => `${ip} rule add iif ${device} table ${TABLE}`),
    ]);
    return undo;
  } catch (error) {
    await undo();
    throw error;
  }
}

async function startDelay(
  namespace: string,
  { delayMs = 0, jitterMs = 0, bursts = false }: Condition,
): Promise<ChildProcess> {
  const how = [TUNNEL, String(delayMs), String(jitterMs), ...(bursts ? ['bursts'] : [])];
  const program = spawn('ip', ['netns', 'exec', namespace, 'python3', DELAY_PROGRAM, ...how], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let said = '';
  program.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const ended = once(program, 'exit').then(() => {
    throw new NetworkError(`the delaying program ended: ${said.trim()}`, null);
  });
  // It also ends when it is told to, long after.
  ended.catch(() => undefined);
  await Promise.race([once(program.stdout, 'data'), ended]);
  return program;
}
