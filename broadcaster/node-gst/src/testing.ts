import { attachSink, type Element, init, type Pipeline, parseLaunch, type SampleOut } from './index.ts';

/** Runs a test on a pipeline and closes it whatever happens. */
export async function withPipeline<T>(
  description: string,
  test: (pipeline: Pipeline) => T | Promise<T>,
): Promise<T> {
  init();
  const pipeline = parseLaunch(description);
  try {
    return await test(pipeline);
  } finally {
    await pipeline.close();
  }
}

/** What is surely there. */
export function must<T>(value: T | null | undefined, what = 'value'): T {
  if (value === null || value === undefined) throw new Error(`no ${what}`);
  return value;
}

export function elementOf(pipeline: Pipeline, name: string): Element {
  return must(pipeline.element(name), name);
}

/** Waits for a condition; fails with its name after the deadline. */
export async function until(what: string, condition: () => boolean, timeoutMs = 10_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`${what} did not happen within ${timeoutMs} ms`);
    await pause(5);
  }
}

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Plays a pipeline to its end and gives the samples of its appsink `out`. */
export async function collect(pipeline: Pipeline, sinkName = 'out'): Promise<SampleOut[]> {
  const samples: SampleOut[] = [];
  let ended = false;
  attachSink(elementOf(pipeline, sinkName), (sample) => samples.push(sample), {
    onEos: () => {
      ended = true;
    },
  });
  await pipeline.play();
  await until(`the end of ${sinkName}`, () => ended);
  return samples;
}

/** The code of the GstError that a call throws. */
export function codeOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : `no GstError: ${String(error)}`;
  }
  return 'nothing thrown';
}
