import { adapt, type NetworkState, networkOf, unseen, WHOLE } from './adapt.ts';
import { isSilent, NOTHING_YET, type Path, pathOf, sampleOf } from './network-sample.ts';
import type { StatsRecord } from './rtc-stats.ts';
import type { Session } from './session.ts';

/** Silence is looked for twice in each sample. A stall of a busy machine is over before it was seen so often in a row. */
const LOOK_INTERVAL_MS = 500;
const SILENT_LOOKS = 2;

/**
 * Looks at a session's network, says what is to be done about it, at once and with each change, and tells the session
 * of silence. `ownWayDown`: whether what is missing of what is received was lost on this person's way, and not on the senders'.
 */
export function watchNetwork(
  session: Pick<Session, 'transports' | 'silent' | 'steady'>,
  ownWayDown: () => boolean,
  onChange: (network: NetworkState) => void,
): () => void {
  const [send, receive] = session.transports;
  let stopped = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let path: Path | null = null;
  let tally = NOTHING_YET;
  let adaptation = WHOLE;
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
    } else if (looks % 2 === 0) await sample(sent);
  };
  const sample = async (sent: readonly StatsRecord[]): Promise<void> => {
    const received = await reportsOf(receive);
    if (stopped) return;
    const seen = sampleOf(sent, received, tally, performance.now());
    tally = seen.tally;
    const before = networkOf(adaptation);
    adaptation = adapt(adaptation, ownWayDown() ? seen.sample : { ...seen.sample, received: new Map() });
    const now = networkOf(adaptation);
    if (now.send.layers !== before.send.layers || now.receive.layers !== before.receive.layers) onChange(now);
  };
  const lookLater = (): void => {
    timer = setTimeout(() => {
      // Statistics that cannot be read now are no reason to do anything.
      void look()
        .catch(() => undefined)
        .then(() => stopped || lookLater());
    }, LOOK_INTERVAL_MS);
  };
  onChange(networkOf(adaptation));
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
