import { randomInt } from 'node:crypto';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, runAll } from './commands.ts';
import type { Condition } from './conditions.ts';
import { type Held, hold, type LineDevices } from './line.ts';
import { addNamespace, nextName, pidsIn, removeNamespace, setKernel, sweepNamespaces } from './namespaces.ts';

/** Devices inside the namespaces. */
const OUTER = 'outer';
const INNER = 'inner';
const HOME = 'eth0';

/**
 * Somebody's home behind a line that can be made bad: two namespaces of their own, one with the home's programs in it and one that
 * the line goes through. This machine's own programs are reached at `serverIp`, and see the home at `homeIp`.
 */
export class Network {
  /** This machine as the home sees it. */
  readonly serverIp: string;
  readonly #home: string;
  readonly #line: LineDevices;
  readonly #subnet: string;
  readonly #folder: string;
  #homeHost: number = HOSTS.home;
  #held: Held | null = null;

  private constructor(name: string, subnet: string, folder: string) {
    this.#home = `${name}-home`;
    this.#line = { namespace: `${name}-line`, inner: INNER, outer: OUTER };
    this.#subnet = subnet;
    this.#folder = folder;
    this.serverIp = this.#ip(HOSTS.server);
  }

  /** Throws `NetworkError` where that cannot be had. */
  static async open(): Promise<Network> {
    await sweepNamespaces();
    const name = nextName();
    const folder = await mkdtemp(join(tmpdir(), 'rostrum-network-'));
    const network = new Network(name, freeSubnet(), folder);
    try {
      await network.#build(`r${name.slice(name.indexOf('-') + 1).replace('-', 'n')}`);
      return network;
    } catch (error) {
      await network.close();
      throw error;
    }
  }

  get homeIp(): string {
    return this.#ip(this.#homeHost);
  }

  /** From now on, in place of what held before. */
  async condition(condition: Condition): Promise<void> {
    await this.lift();
    this.#held = await hold(this.#line, condition);
  }

  /** The line is good again. */
  async lift(): Promise<void> {
    const held = this.#held;
    this.#held = null;
    await held?.lift();
  }

  /** The home has another address from now on, as after a walk from one network into another. */
  async moveHome(): Promise<void> {
    const before = this.homeIp;
    this.#homeHost = this.#homeHost === HOSTS.home ? HOSTS.home + 1 : HOSTS.home;
    const ip = `ip -n ${this.#home}`;
    await runAll([
      `${ip} addr del ${before}/29 dev ${HOME}`,
      `${ip} addr add ${this.homeIp}/29 dev ${HOME}`,
      // It went with the address.
      `${ip} route replace default via ${this.#ip(HOSTS.gateway)}`,
    ]);
  }

  /** Stops every program in the home for as long as `meanwhile` takes, as a laptop that sleeps does. */
  async asleep(meanwhile: () => Promise<void>): Promise<void> {
    const pids = await pidsIn(this.#home);
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    try {
      await meanwhile();
    } finally {
      for (const pid of pids) process.kill(pid, 'SIGCONT');
    }
  }

  /** @returns path of a program that is this one, run in the home */
  async program(path: string): Promise<string> {
    const wrapper = join(this.#folder, 'program');
    await writeFile(wrapper, `#!/bin/sh\nexec ip netns exec ${this.#home} ${path} "$@"\n`);
    await chmod(wrapper, 0o755);
    return wrapper;
  }

  /** Ends what still runs in the home, and the home. Idempotent. */
  async close(): Promise<void> {
    await this.lift();
    const listed = await run('ip netns list');
    for (const name of [this.#home, this.#line.namespace]) {
      if (listed.split(/\s/).includes(name)) await removeNamespace(name);
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  #ip(host: number): string {
    return `${this.#subnet}.${host}`;
  }

  /** @param device this machine's end of the line */
  async #build(device: string): Promise<void> {
    const line = this.#line.namespace;
    await addNamespace(line);
    await addNamespace(this.#home);
    await setKernel(line, 'ipv4.ip_forward', 1);
    await runAll([
      `ip link add ${device} type veth peer name ${OUTER} netns ${line}`,
      `ip addr add ${this.serverIp}/29 dev ${device}`,
      `ip link set ${device} up`,
      `ip -n ${line} addr add ${this.#ip(HOSTS.line)}/29 dev ${OUTER}`,
      `ip -n ${line} link set ${OUTER} up`,
      `ip -n ${line} link add ${INNER} type veth peer name ${HOME} netns ${this.#home}`,
      `ip -n ${line} addr add ${this.#ip(HOSTS.gateway)}/29 dev ${INNER}`,
      `ip -n ${line} link set ${INNER} up`,
      `ip -n ${this.#home} addr add ${this.homeIp}/29 dev ${HOME}`,
      `ip -n ${this.#home} link set ${HOME} up`,
      `ip -n ${this.#home} route add default via ${this.#ip(HOSTS.gateway)}`,
      `ip route add ${this.#ip(8)}/29 via ${this.#ip(HOSTS.line)} dev ${device}`,
    ]);
  }
}

/** Last numbers of the addresses: two nets of eight. */
const HOSTS = { server: 1, line: 2, gateway: 9, home: 10 } as const;

/** Three numbers of a net that this machine has no address in. */
function freeSubnet(): string {
  const taken = Object.values(networkInterfaces()).flatMap((all) =>
    (all ?? []).map(({ address }) => address),
  );
  for (;;) {
    const subnet = `10.${randomInt(64, 192)}.${randomInt(256)}`;
    if (!taken.some((address) => address.startsWith(`${subnet}.`))) return subnet;
  }
}
