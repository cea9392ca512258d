/** An audience of a recording, over two processes. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { FromWatchers, ToWatchers, Watched, WatchedFile } from './watchers.ts';

const PROCESSES = 2;

export interface Audience {
  readonly pids: readonly number[];
  /** They go. What they saw since they came. */
  leave(): Promise<Watched>;
}

export async function watchRecording(options: {
  readonly port: number;
  readonly count: number;
  readonly segmentMs: number;
  readonly files: readonly WatchedFile[];
}): Promise<Audience> {
  const file = fileURLToPath(new URL('./watchers.ts', import.meta.url));
  const children = Array.from({ length: PROCESSES }, () =>
    fork(file, { execArgv: ['--disable-warning=ExperimentalWarning'], serialization: 'advanced' }),
  );
  const tell = (message: ToWatchers): Promise<FromWatchers[]> =>
    Promise.all(
      children.map(async (child) => {
        const answered = Promise.race([
          once(child, 'message'),
          once(child, 'exit').then(() => Promise.reject(new Error('a process of viewers ended by itself'))),
        ]);
        child.send(message);
        const [answer] = (await answered) as [FromWatchers];
        return answer;
      }),
    );
  await tell({ do: 'watch', ...options, count: Math.ceil(options.count / PROCESSES) });
  return {
    pids: children.flatMap(({ pid }) => pid ?? []),
    async leave() {
      const exits = Promise.all(children.map((child) => once(child, 'exit')));
      const all = (await tell({ do: 'leave' })).filter((answer) => answer.did === 'leave');
      await exits;
      const sum = (of: 'bytes' | 'seeks' | 'failed'): number => all.reduce((so, one) => so + one[of], 0);
      return {
        tookMs: Float64Array.from(all.flatMap(({ tookMs }) => [...tookMs])),
        bytes: sum('bytes'),
        seeks: sum('seeks'),
        failed: sum('failed'),
      };
    },
  };
}
