import { attachSink, type Pipeline, parseLaunch, type SampleOut } from '@rostrum/node-gst';

/** Longer than any of these pipelines takes on a machine that is worth demonstrating on. */
const DEADLINE_MS = 300_000;

export interface Collected {
  /** The samples of each appsink, by its name, in order. Their bytes are copies. */
  readonly [sink: string]: readonly SampleOut[];
}

/**
 * Runs a pipeline that reads or is fed to its end, and gives what its appsinks got.
 * @param feed pushes into its appsrcs, and ends them
 * @throws Error with GStreamer's message when something in it fails, or when it takes over five minutes
 */
export async function runToEnd(
  description: string,
  sinks: readonly string[],
  feed: (pipeline: Pipeline) => void = () => undefined,
): Promise<Collected> {
  const pipeline = parseLaunch(description);
  const collected: Record<string, SampleOut[]> = {};
  let timer: NodeJS.Timeout | undefined;
  try {
    const failed = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(`not done within ${DEADLINE_MS / 1000} s: ${description}`)),
        DEADLINE_MS,
      );
      pipeline.onMessage(({ type, message, debug }) => {
        if (type === 'error') reject(new Error(`${message ?? 'unknown error'} (${debug ?? 'no detail'})`));
      });
    });
    const ends = sinks.map((name) => {
      const sink = pipeline.element(name);
      if (!sink) throw new Error(`no sink ${name} in: ${description}`);
      const samples: SampleOut[] = [];
      collected[name] = samples;
      const { promise, resolve } = Promise.withResolvers<void>();
      attachSink(sink, (sample) => samples.push({ ...sample, data: Buffer.from(sample.data) }), {
        onEos: resolve,
        maxQueued: 8,
        whenFull: 'wait',
      });
      return promise;
    });
    // It plays once its sinks have something, so it is fed meanwhile.
    const playing = pipeline.play(DEADLINE_MS);
    feed(pipeline);
    await Promise.race([Promise.all([playing, ...ends]), failed]);
    return collected;
  } finally {
    clearTimeout(timer);
    await pipeline.close();
  }
}
