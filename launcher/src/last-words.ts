/** What of a service's last lines tells a person why it ended. */
const LONGEST = 300;

export const LEVEL = { warning: 40, error: 50 } as const;

/** A line of a log (JSON) that is at least as bad as `level`, in its words; null for any other. */
export function logged(line: string, level: number): string | null {
  if (!line.startsWith('{')) return null;
  try {
    const told = JSON.parse(line) as { level?: unknown; msg?: unknown; err?: { message?: unknown } };
    if (typeof told.level !== 'number' || told.level < level) return null;
    return [told.msg, told.err?.message].filter((text) => typeof text === 'string').join(': ');
  } catch {
    return null; // cut off
  }
}

const isStack = (line: string): boolean =>
  /^\s+at |^Node\.js v|^node:internal|^file:\/\/|^\s*\^|^\s*$|^\s*[{}[\]]/.test(line);

/**
 * One line out of the last ones that a process printed: the last error it logged, else the error of an uncaught exception,
 * else what it said plainly (impossible settings: name, value and what would do). Empty where there is nothing of the kind.
 */
export function lastWords(lines: readonly string[]): string {
  const errors = lines.map((line) => logged(line, LEVEL.error)).filter((text) => text !== null);
  const plain = lines.filter((line) => !line.startsWith('{') && !isStack(line)).map((line) => line.trim());
  const thrown = plain.find((line) => /^(Uncaught )?\w*Error\b/.test(line));
  const said = errors.at(-1) ?? thrown ?? plain.join(' ');
  return said.length > LONGEST ? `${said.slice(0, LONGEST - 1)}…` : said;
}
