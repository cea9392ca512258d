const SINCE_BOOT_MS = Number(process.hrtime.bigint()) / 1e6 - performance.now();
/** CLOCK_MONOTONIC in milliseconds: the same in every process of a machine. */
export const monotonicMs = (): number => performance.now() + SINCE_BOOT_MS;
