import { ApiError } from '../lib/api.ts';
import { NotDrawnError } from './people/shelf.ts';

/** What is wrong with the demo, in words for whoever started it: one line, without a stack. Pure. */

/** A step that took longer than it may. */
export class LateError extends Error {
  readonly code = 'late';
  constructor(who: string, withinMs: number) {
    super(`${who} did not answer in ${withinMs / 1000} s`);
  }
}

const CONNECTION = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT',
]);

function causes(error: unknown): unknown[] {
  const chain: unknown[] = [];
  for (let at = error; at !== undefined && at !== null && chain.length < 5; ) {
    chain.push(at);
    at = at instanceof Error ? at.cause : undefined;
  }
  return chain;
}

/** Why a step failed, and what would do where something is to be done. Ends without a full stop. */
export function reasonOf(error: unknown): string {
  if (error instanceof NotDrawnError)
    return `${error.message}: ./rostrum setup --demo draws the demo's panelists`;
  if (error instanceof ApiError && error.status === 401)
    return 'the coordinator does not know the link any more';
  if (error instanceof ApiError) return `the coordinator answered ${error.status}`;
  const unreachable = causes(error).some(
    (at) => at instanceof Error && 'code' in at && CONNECTION.has(String(at.code)),
  );
  if (unreachable) return 'the coordinator is not there';
  const message = error instanceof Error ? error.message : String(error);
  return oneLine(message);
}

const LONGEST = 200;

/** The first line, shortened. */
export function oneLine(text: string): string {
  const first = text.split('\n', 1)[0]?.trim() ?? '';
  return first.length > LONGEST ? `${first.slice(0, LONGEST - 1)}…` : first;
}

/** Milliseconds as a person says them. */
export const inSeconds = (ms: number): string => `${Math.max(1, Math.round(ms / 1000))} s`;

/**
 * Tells each trouble once, not at every attempt, until it is over or another.
 */
export class Teller {
  readonly #say: (level: 'info' | 'trouble', line: string) => void;
  readonly #told = new Map<string, string>();

  constructor(say: (level: 'info' | 'trouble', line: string) => void) {
    this.#say = say;
  }

  /** @param what it concerns, so that two troubles at once are told once each */
  trouble(what: string, line: string, retryInMs: number): void {
    if (this.#told.get(what) === line) return;
    this.#told.set(what, line);
    this.#say('trouble', `${line}; trying again in ${inSeconds(retryInMs)}`);
  }

  /** @param line said if there was trouble, or `always` */
  well(what: string, line: string, always = false): void {
    if (this.#told.delete(what) || always) this.#say('info', line);
  }

  info(line: string): void {
    this.#say('info', line);
  }
}
