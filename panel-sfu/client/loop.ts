/**
 * Runs `work` whenever kicked, one at a time; kicks while it runs lead to one more run. The way the wanted and the
 * actual media are kept equal: callers change what is wanted and kick.
 */
export function createLoop(work: () => Promise<void>, onError: (error: unknown) => void): () => void {
  let running = false;
  let kicked = false;
  const run = async (): Promise<void> => {
    running = true;
    try {
      while (kicked) {
        kicked = false;
        await work();
      }
    } catch (error) {
      onError(error);
    } finally {
      running = false;
    }
    if (kicked) void run();
  };
  return () => {
    kicked = true;
    if (!running) void run();
  };
}
