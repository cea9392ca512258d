import { createWriteStream, type WriteStream } from 'node:fs';

/** After a failure the file is left alone for so long. */
const RETRY_MS = 5000;

export interface LogFile {
  /** Appends a line. Never throws and never waits: whoever logs is worth more than its log. */
  write(line: string): void;
  /** Resolves when what could be written is. */
  end(): Promise<void>;
}

/**
 * A log that outlives a full disk: lines that find no room are counted, `say` hears of it once, and when there is room again
 * the log goes on with a line that tells how many are missing at most (of those that were written together some may be there).
 */
export function openLogFile(
  path: string,
  say: (trouble: string) => void,
  nowMs: () => number = () => performance.now(),
): LogFile {
  let missed = 0;
  let failedAtMs: number | null = null;
  let ended = false;
  let stream = open();

  function open(): WriteStream {
    const opened = createWriteStream(path, { flags: 'a', mode: 0o600 });
    // Every write that fails hears of it itself; this one is for a file that cannot be opened.
    opened.on('error', (error) => failed(error, 0));
    return opened;
  }

  function failed(error: Error, lines: number): void {
    missed += lines;
    if (failedAtMs === null) say(`${path}: ${error.message}; what is logged until it can be written is lost`);
    failedAtMs = nowMs();
  }

  function again(): void {
    stream = open();
    failedAtMs = null;
    const lines = missed;
    const told = {
      level: 40,
      time: Date.now(),
      name: 'launcher',
      msg: `up to ${lines} lines are missing here`,
    };
    // What was cut off in the middle of a line ends here.
    stream.write(`\n${JSON.stringify(told)}\n`, (error) => {
      if (error) failed(error, 0);
      else missed -= lines;
    });
  }

  return {
    write(line) {
      if (ended) return;
      if (failedAtMs !== null) {
        if (nowMs() - failedAtMs < RETRY_MS) {
          missed += 1;
          return;
        }
        again();
      }
      stream.write(`${line}\n`, (error) => {
        if (error) failed(error, 1);
      });
    },
    end() {
      ended = true;
      return new Promise((resolve) => stream.end(() => resolve()));
    },
  };
}
