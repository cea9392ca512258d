import type { LoggedEvent } from '@rostrum/contracts';
import { RostrumError } from '@rostrum/contracts';
import { FencedError, type WebinarLog, type WebinarRepository, type WebinarRow } from '../store/index.ts';
import { emptyState, foldAll } from '../webinars/fold.ts';
import type { World } from './world.ts';

const ONLY_THE_LOG = 'there are no rows beside the log on this disk';

/** What every coordinator before this one has written. */
export class Disk {
  readonly logs = new Map<string, LoggedEvent[]>();
  readonly epochs = new Map<string, number>();

  log(webinarId: string): LoggedEvent[] {
    return this.logs.get(webinarId) ?? [];
  }
}

/** What the coordinator uses of its store there. */
export interface SimStore extends WebinarLog {
  readonly webinars: Pick<WebinarRepository, 'find' | 'live' | 'unsettled'>;
}

/** A store over the disk as one coordinator has it: slow, at times refusing, and silent once its process is dead. */
export function openDisk(disk: Disk, world: World, alive: () => boolean): SimStore {
  const step = async (): Promise<void> => {
    await world.time.delay(world.upTo(15));
    if (!alive()) await new Promise(() => undefined);
  };
  const unavailable = (): RostrumError => new RostrumError('unavailable', 'the disk does not answer');
  const stateOf = (webinarId: string) => foldAll(emptyState(webinarId), disk.log(webinarId));
  const idsWhere = async (wanted: (state: ReturnType<typeof stateOf>) => boolean): Promise<string[]> => {
    await step();
    return [...disk.logs.keys()].filter((id) => wanted(stateOf(id)));
  };
  return {
    events: {
      async create(webinarId, first, also) {
        if (also) throw new Error(ONLY_THE_LOG);
        await step();
        disk.logs.set(webinarId, [{ seq: 1, ...first }]);
        await step();
      },
      async claim(webinarId) {
        await step();
        if (world.chance(world.trouble.store)) throw unavailable();
        if (!disk.logs.has(webinarId)) return null;
        const epoch = (disk.epochs.get(webinarId) ?? 0) + 1;
        disk.epochs.set(webinarId, epoch);
        await step();
        return { epoch, lastSeq: disk.log(webinarId).length };
      },
      async read(webinarId, afterSeq) {
        await step();
        if (world.chance(world.trouble.store)) throw unavailable();
        return disk.log(webinarId).slice(afterSeq);
      },
      async append({ webinarId, epoch, expectedSeq, events, also }) {
        if (also) throw new Error(ONLY_THE_LOG);
        await step();
        if (world.chance(world.trouble.store)) throw unavailable();
        const log = disk.log(webinarId);
        if (disk.epochs.get(webinarId) !== epoch || log.length !== expectedSeq)
          throw new FencedError(webinarId);
        for (const event of events) log.push({ seq: log.length + 1, ...event });
        // Written, and the answer is lost: by the disk, or with the process.
        if (world.chance(world.trouble.store)) throw unavailable();
        await step();
      },
    },
    // Logs are short here: all of each is read.
    snapshots: {
      heads: async () => [],
      read: async function* () {},
      write: async () => false,
      forget: async () => undefined,
      prune: async () => 0,
      prunable: async () => [],
    },
    webinars: {
      live: () => idsWhere((state) => state.phase.phase === 'live'),
      unsettled: () =>
        idsWhere(({ phase }) => phase.phase === 'ended' && ['pending', 'deleting'].includes(phase.recording)),
      async find(webinarId): Promise<WebinarRow | null> {
        await step();
        if (!disk.logs.has(webinarId)) return null;
        const { phase, title, profile, startsAtUnixMs, plan } = stateOf(webinarId);
        const recording = phase.phase === 'ended' ? phase.recording : 'none';
        const doorsOpen = phase.phase === 'scheduled' && phase.doors !== undefined;
        const rest = { recording, doorsOpen, createdUnixMs: 0, linkGeneration: 0 };
        return { webinarId, title, startsAtUnixMs, profile, plan, phase: phase.phase, ...rest };
      },
    },
  };
}
