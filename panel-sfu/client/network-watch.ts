import type { NetworkVerdict } from '@rostrum/contracts/network-verdict';
import type { RoomClient } from '@rostrum/room-client/room';
import { adapt, type NetworkSample, type NetworkState, networkOf, unseen, WHOLE } from './adapt.ts';
import { isSilent, NOTHING_YET, type Path, pathOf, sampleOf } from './network-sample.ts';
import { isOwnWayDown, NOT_REPORTED, nextReport, toldQuality } from './quality-report.ts';
import type { StatsRecord } from './rtc-stats.ts';
import type { Session } from './session.ts';

/** Silence is looked for twice in each sample. A stall of a busy machine is over before it was seen so often in a row. */
const LOOK_INTERVAL_MS = 500;
const SILENT_LOOKS = 2;

export interface NetworkTold {
  /** What goes over it: at once, and with each change. */
  network(network: NetworkState): void;
  /** The word for it, with each sample; the same object until it changes. */
  quality(verdict: NetworkVerdict): void;
}

/**
 * The one who reads the statistics of a session's transports. From what they count follows what is to be done about the network,
 * that it is silent, and the word for it, of which the coordinator has reports.
 */
export function watchNetwork(
  session: Pick<Session, 'transports' | 'receiver' | 'silent' | 'steady'>,
  room: Pick<RoomClient, 'command' | 'getState'>,
  told: NetworkTold,
): () => void {
  const [send, receive] = session.transports;
  let stopped = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let path: Path | null = null;
  let tally = NOTHING_YET;
  let adaptation = WHOLE;
  let reporting = NOT_REPORTED;
  let looks = 0;
  let silentLooks = 0;

  const look = async (): Promise<void> => {
    looks += 1;
    const sent = await reportsOf(send);
    const before = path;
    path = pathOf(sent);
    if (stopped) return;
    silentLooks = isSilent(before, path) ? silentLooks + 1 : 0;
    if (silentLooks >= SILENT_LOOKS) session.silent();
    // What was lost with a network says nothing of the next.
    if (silentLooks > 0 || !session.steady()) {
      tally = NOTHING_YET;
      adaptation = unseen(adaptation);
      reporting = { ...reporting, looks: [] };
    } else if (looks % 2 === 0) await sample(sent);
  };
  const sample = async (sent: readonly StatsRecord[]): Promise<void> => {
    const received = await reportsOf(receive);
    if (stopped) return;
    const seen = sampleOf(sent, received, tally, performance.now());
    tally = seen.tally;
    adaptTo(seen.sample);
    const next = nextReport(
      reporting,
      { send: sent, recv: received, sample: seen.sample },
      session.receiver.consumers(),
    );
    reporting = next.reporting;
    if (next.report) void room.command('media:quality', next.report);
    told.quality(toldQuality(room) ?? reporting.verdict);
  };
  const adaptTo = (sample: NetworkSample): void => {
    const before = networkOf(adaptation);
    adaptation = adapt(adaptation, ownWayDown() ? sample : { ...sample, received: new Map() });
    const now = networkOf(adaptation);
    if (now.send.layers !== before.send.layers || now.receive.layers !== before.receive.layers) {
      told.network(now);
    }
  };
  const ownWayDown = (): boolean => {
    const received = session.receiver.tracks().filter(({ track }) => track !== null);
    return isOwnWayDown(toldQuality(room), new Set(received.map(({ personId }) => personId)).size);
  };
  const lookLater = (): void => {
    timer = setTimeout(() => {
      // Statistics that cannot be read now are no reason to do anything.
      void look()
        .catch(() => undefined)
        .then(() => stopped || lookLater());
    }, LOOK_INTERVAL_MS);
  };
  told.network(networkOf(adaptation));
  lookLater();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

async function reportsOf(
  transport: Session['transports'][number] | undefined,
): Promise<readonly StatsRecord[]> {
  return transport ? ([...(await transport.getStats()).values()] as StatsRecord[]) : [];
}
