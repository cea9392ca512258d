/** Three machines on this one: a client, a TURN server between, and us; a client reaches us by HTTP alone. Needs root. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** Debian keeps `ip` and `iptables` where only root looks. */
const env = { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` };
const root = async (...command: string[]): Promise<void> => {
  const [program = '', ...args] = command;
  await run(program, args, { env });
};

export interface Networks {
  /** Where pages and signalling are served to the client. */
  readonly houseIp: string;
  /** Where the stage listens: the TURN server has a way there, the client only where it is let. */
  readonly stageIp: string;
  /** Where the client reaches the TURN server. */
  readonly turnIp: string;
  /** Where the TURN server's media leaves. */
  readonly relayIp: string;
  /** Before a command that is to run on that machine. */
  readonly client: readonly string[];
  readonly turn: readonly string[];
  /** From now on the client's packets leave for these alone; `protocol` as iptables knows it. */
  onlyTo(ways: readonly { ip: string; protocol: 'udp' | 'tcp'; port: number }[]): Promise<void>;
  close(): Promise<void>;
}

/** Why they cannot be made here; null when they can. */
export async function whyNoNetworks(): Promise<string | null> {
  const name = `probe${process.pid}`;
  try {
    await root('ip', 'netns', 'add', name);
    await root('ip', 'netns', 'exec', name, 'iptables', '-L').finally(() => root('ip', 'netns', 'del', name));
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

export async function openNetworks(): Promise<Networks> {
  const id = `rt${process.pid}`;
  const [client, turn] = [`${id}c`, `${id}t`];
  // Another test at the same time has another number, and so other addresses.
  const net = (host: number): string => `10.214.${process.pid % 256}.${host}`;
  const inside = (name: string): string[] => ['ip', 'netns', 'exec', name];
  /** A cable of a /28 between two machines; null: us. */
  const cable = async (
    letter: string,
    ends: readonly (readonly [string | null, number])[],
  ): Promise<void> => {
    const names = ends.map((_, index) => `${id}${letter}${index}`);
    await root('ip', 'link', 'add', names[0] ?? '', 'type', 'veth', 'peer', 'name', names[1] ?? '');
    for (const [index, [machine, host]] of ends.entries()) {
      const name = names[index] ?? '';
      if (machine !== null) await root('ip', 'link', 'set', name, 'netns', machine);
      const there = machine === null ? [] : inside(machine);
      await root(...there, 'ip', 'address', 'add', `${net(host)}/28`, 'dev', name);
      await root(...there, 'ip', 'link', 'set', name, 'up');
    }
  };
  const close = async (): Promise<void> => {
    // Their ends of the cables go with them, and ours with those.
    for (const name of [client, turn]) await root('ip', 'netns', 'del', name).catch(() => undefined);
  };
  try {
    for (const name of [client, turn]) {
      await root('ip', 'netns', 'add', name);
      await root(...inside(name), 'ip', 'link', 'set', 'lo', 'up');
    }
    await cable('a', [
      [client, 2],
      [null, 1],
    ]);
    await cable('b', [
      [client, 18],
      [turn, 17],
    ]);
    await cable('c', [
      [turn, 34],
      [null, 33],
    ]);
    await root(...inside(client), 'ip', 'route', 'add', net(33), 'via', net(1));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    houseIp: net(1),
    stageIp: net(33),
    turnIp: net(17),
    relayIp: net(34),
    client: inside(client),
    turn: inside(turn),
    async onlyTo(ways) {
      const table = (...args: string[]): Promise<void> => root(...inside(client), 'iptables', ...args);
      await table('-F', 'OUTPUT');
      await table('-P', 'OUTPUT', 'DROP');
      await table('-A', 'OUTPUT', '-o', 'lo', '-j', 'ACCEPT');
      for (const { ip, protocol, port } of ways) {
        await table('-A', 'OUTPUT', '-d', ip, '-p', protocol, '--dport', String(port), '-j', 'ACCEPT');
      }
    },
    close,
  };
}
