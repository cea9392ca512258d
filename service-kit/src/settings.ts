import { accessSync, constants } from 'node:fs';
import { hostname } from 'node:os';
import { z } from 'zod';

export type Environment = Readonly<Record<string, string | undefined>>;

export const Port = z.coerce
  .number({ error: 'a port number; 0 for any free one' })
  .int()
  .min(0, 'a port number; 0 for any free one')
  .max(65_535, 'at most 65535');
export const IpAddress = z.union([z.ipv4(), z.ipv6()], { error: 'an IP address' });
export const HttpUrl = z.url({ protocol: /^https?$/, error: 'an http(s) URL, e.g. http://localhost:3000' });
export const PemFile = z.string().refine((path) => {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}, 'the path of a PEM file that can be read');

/** Settings that every node has, for a node's own schema. */
export const nodeSettings = {
  ROSTRUM_COORDINATOR_URL: HttpUrl,
  ROSTRUM_NODE_TOKEN: z
    .string({ error: "the installation's node token" })
    .min(16, 'at least 16 characters')
    .max(512),
  /** 1: exit when standard input ends, which is when the parent process is gone. */
  ROSTRUM_PARENT_PIPE: z.enum(['0', '1'], { error: '0 or 1' }).default('0'),
  ROSTRUM_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
};

/** A node's name, stable over restarts: two nodes on one machine differ by port; without a fixed port, by process. */
export function defaultNodeId(kind: string, port: number): string {
  const host = hostname()
    .replaceAll(/[^A-Za-z0-9-]/g, '-')
    .slice(0, 40);
  return `${kind}-${host}-${port === 0 ? `p${process.pid}` : port}`;
}

/** Impossible settings: they stop the start. */
export class SettingsError extends Error {
  readonly code = 'bad-settings';
  /** One line for each wrong setting. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'SettingsError';
    this.problems = problems;
  }
}

export interface Wording {
  /** Settings whose value is never shown, not even when it is wrong. */
  readonly secrets: readonly string[];
  /** The line for one wrong setting. `shown` is its value as JSON, `not set`, or `set` for a secret. */
  readonly say?: (name: string, shown: string, message: string) => string;
}

const sayValue = (name: string, shown: string, message: string): string =>
  `${name} is ${shown === 'set' ? '(hidden)' : shown}: ${message}`;

/**
 * Reads the environment by a schema whose keys are variables. Throws `SettingsError` that names each wrong setting, its
 * value and what would do.
 */
export function parseSettings<S extends z.ZodType>(
  schema: S,
  env: Environment,
  { secrets, say = sayValue }: Wording,
): z.output<S> {
  // An empty variable is an unset one, as in docker-compose files.
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new SettingsError(
    parsed.error.issues.map((issue) => {
      const name = String(issue.path[0] ?? 'settings');
      const value = given[name];
      const shown = value === undefined ? 'not set' : secrets.includes(name) ? 'set' : JSON.stringify(value);
      return say(name, shown, issue.message);
    }),
  );
}
