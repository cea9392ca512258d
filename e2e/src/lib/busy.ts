import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** So many processes that want a core each, at normal priority, each in a session of its own: other work on the machine. */
export class Busy {
  readonly #loops: readonly ChildProcess[];

  constructor(count: number) {
    this.#loops = Array.from({ length: count }, () =>
      // Ends by itself if whoever started it cannot end it.
      spawn(process.execPath, ['-e', 'const end = Date.now() + 600_000; while (Date.now() < end);'], {
        stdio: 'ignore',
        detached: true,
      }),
    );
  }

  async stop(): Promise<void> {
    await Promise.all(
      this.#loops.map(async (loop) => {
        if (loop.exitCode !== null || loop.signalCode !== null) return;
        const ended = once(loop, 'exit');
        loop.kill('SIGKILL');
        await ended;
      }),
    );
  }
}
