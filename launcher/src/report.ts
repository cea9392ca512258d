/** Where a step tells what it does. Progress goes to stderr: stdout is for results. */
export interface Report {
  /** A line that stays. */
  say(text: string): void;
  /** How far a long step is; may come often, is shown every few seconds. */
  progress(text: string): void;
}

const progressEveryMs = 5_000;

/** Prints plain lines with the seconds since the start in front. */
export function stderrReport(nowMs: () => number = () => performance.now()): Report {
  const startMs = nowMs();
  let nextProgressMs = 0;
  const print = (text: string) => {
    const seconds = ((nowMs() - startMs) / 1000).toFixed(1).padStart(6);
    process.stderr.write(`${seconds} s  ${text}\n`);
  };
  return {
    say(text) {
      nextProgressMs = 0;
      print(text);
    },
    progress(text) {
      if (nowMs() < nextProgressMs) return;
      nextProgressMs = nowMs() + progressEveryMs;
      print(`  ${text}`);
    },
  };
}
