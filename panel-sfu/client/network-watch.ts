import { adapt, type NetworkState, networkOf, WHOLE } from './adapt.ts';
import { NOTHING_YET, type Report, sampleOf } from './network-sample.ts';
import type { Session } from './session.ts';

const SAMPLE_INTERVAL_MS = 1000;

/** Looks at a session's network each second and says what is to be done about it, at once and with each change. */
export function watchNetwork(
  { transports: [send, receive] }: Pick<Session, 'transports'>,
  onChange: (network: NetworkState) => void,
): () => void {
  let stopped = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let tally = NOTHING_YET;
  let adaptation = WHOLE;
  const reportsOf = async (transport: typeof send | undefined): Promise<Report[]> =>
    transport ? ([...(await transport.getStats()).values()] as Report[]) : [];
  const look = async (): Promise<void> => {
    const [sent, received] = await Promise.all([reportsOf(send), reportsOf(receive)]);
    if (stopped) return;
    const seen = sampleOf(sent, received, tally, performance.now());
    tally = seen.tally;
    const before = networkOf(adaptation);
    adaptation = adapt(adaptation, seen.sample);
    const now = networkOf(adaptation);
    if (now.send.layers !== before.send.layers || now.receive.layers !== before.receive.layers) onChange(now);
  };
  const lookLater = (): void => {
    timer = setTimeout(() => {
      // Statistics that cannot be read now are no reason to do anything.
      void look()
        .catch(() => undefined)
        .then(() => stopped || lookLater());
    }, SAMPLE_INTERVAL_MS);
  };
  onChange(networkOf(adaptation));
  lookLater();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
