/** Many viewers, over processes: one may have 20,000 files open here, and more of them than cores would only be in the way. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { FromHolders, Heard, ToHolders } from './holders.ts';

const PROCESSES = 2;

export class Viewers {
  readonly #children: ChildProcess[];

  private constructor(children: ChildProcess[]) {
    this.#children = children;
  }

  /** Connects `count` viewers to a port of this machine. */
  static async connect(port: number, count: number): Promise<Viewers> {
    const file = fileURLToPath(new URL('./holders.ts', import.meta.url));
    const viewers = new Viewers(
      Array.from({ length: PROCESSES }, () =>
        fork(file, { execArgv: ['--disable-warning=ExperimentalWarning'], serialization: 'advanced' }),
      ),
    );
    const share = (index: number): number =>
      Math.floor((count * (index + 1)) / PROCESSES) - Math.floor((count * index) / PROCESSES);
    await Promise.all(
      viewers.#children.map((child, index) =>
        viewers.#tell(child, { do: 'connect', port, count: share(index) }, 'connect'),
      ),
    );
    return viewers;
  }

  /** All ask for `path`. Resolves when the requests are on their way; `heard` when the answers are, or never come. */
  async ask(path: string): Promise<{ readonly heard: Promise<Heard> }> {
    const heard = Promise.all(this.#children.map((child) => said(child, 'hear'))).then((all) => ({
      atMs: Float64Array.from(all.flatMap((one) => [...one.atMs])),
      failed: all.reduce((sum, one) => sum + one.failed, 0),
      bodies: [...new Set(all.flatMap((one) => one.bodies))],
      cpuMs: all.reduce((sum, one) => sum + one.cpuMs, 0),
    }));
    heard.catch(() => undefined); // whoever awaits it hears of it
    await Promise.all(this.#children.map((child) => this.#tell(child, { do: 'ask', path }, 'ask')));
    return { heard };
  }

  get pids(): readonly number[] {
    return this.#children.flatMap(({ pid }) => pid ?? []);
  }

  async leave(): Promise<void> {
    await Promise.all(
      this.#children.map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const exit = once(child, 'exit');
        child.send({ do: 'leave' } satisfies ToHolders);
        await exit;
      }),
    );
  }

  async #tell(child: ChildProcess, message: ToHolders, did: FromHolders['did']): Promise<void> {
    const done = said(child, did);
    child.send(message);
    await done;
  }
}

function said<D extends FromHolders['did']>(
  child: ChildProcess,
  did: D,
): Promise<Extract<FromHolders, { did: D }>> {
  return new Promise((resolve, reject) => {
    const ended = (): void => reject(new Error(`a process of viewers ended before it said "${did}"`));
    const listen = (message: FromHolders): void => {
      if (message.did !== did) return;
      child.off('message', listen).off('exit', ended);
      resolve(message as Extract<FromHolders, { did: D }>);
    };
    child.on('message', listen).once('exit', ended);
  });
}
