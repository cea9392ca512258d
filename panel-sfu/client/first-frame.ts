import type { Session } from './session.ts';

const FIRST_FRAME = { pollMs: 10, giveUpMs: 15_000 } as const;

/**
 * For the join benchmark sets the marks `rostrum:first-remote-key-frame` when the first remote frame, which is a key frame, is
 * there as a whole, and `rostrum:first-remote-frame` when it is decoded.
 */
export function markFirstFrame(session: Session): () => void {
  const startedMs = performance.now();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  let received = false;
  const poll = async (): Promise<void> => {
    const videos = [...session.receiver.consumers().values()].filter((c) => c.kind === 'video' && !c.closed);
    const stats = await Promise.all(videos.map((c) => c.getStats().catch(() => new Map<string, unknown>())));
    const inbound = stats
      .flatMap((s) => [...s.values()] as { type: string; framesReceived?: number; framesDecoded?: number }[])
      .filter(({ type }) => type === 'inbound-rtp');
    if (!received && inbound.some(({ framesReceived = 0 }) => framesReceived > 0)) {
      received = true;
      performance.mark('rostrum:first-remote-key-frame');
    }
    const decoded = inbound.some(({ framesDecoded = 0 }) => framesDecoded > 0);
    if (decoded) performance.mark('rostrum:first-remote-frame');
    else if (!stopped && performance.now() - startedMs < FIRST_FRAME.giveUpMs) {
      timer = setTimeout(() => void poll(), FIRST_FRAME.pollMs);
    }
  };
  void poll();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
