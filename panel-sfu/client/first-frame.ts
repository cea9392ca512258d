import type { Session } from './session.ts';

const FIRST_FRAME = { pollMs: 10, giveUpMs: 15_000 } as const;

/** Sets the mark `rostrum:first-remote-frame` when the first remote frame is decoded, for the join benchmark. */
export function markFirstFrame(session: Session): () => void {
  const startedMs = performance.now();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  const poll = async (): Promise<void> => {
    const videos = [...session.receiver.consumers().values()].filter((c) => c.kind === 'video' && !c.closed);
    const stats = await Promise.all(videos.map((c) => c.getStats().catch(() => new Map<string, unknown>())));
    const decoded = stats
      .flatMap((s) => [...s.values()] as { type: string; framesDecoded?: number }[])
      .some((r) => r.type === 'inbound-rtp' && (r.framesDecoded ?? 0) > 0);
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
