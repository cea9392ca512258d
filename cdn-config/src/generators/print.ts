/** Configurations as text, for those who run them by other means. */
import { parseArgs } from 'node:util';
import type { MediaKey } from '@rostrum/contracts/media-right';
import { mediaKeyRing, mediaKeySettings, mediaKeySource, refuseBoth } from '@rostrum/service-kit/media-keys';
import { type Environment, parseSettings } from '@rostrum/service-kit/settings';
import { z } from 'zod';
import { readCdnOptions } from '../cloudfront/settings.ts';
import { haproxyConfig } from './haproxy.ts';
import { desiredJson } from './json.ts';
import { rightsPolicy } from './rights.ts';
import { terraformJson } from './terraform.ts';
import { varnishVcl } from './varnish.ts';

export const PRINT_USAGE = `terraform | json | rights |
  varnish [--origin-host HOST] [--origin-port PORT] [--private passed|kept] |
  haproxy --pem FILE [--host HOST] [--port PORT] [--varnish-socket FILE] [--control-socket FILE]`;

const hostName = z.string().regex(/^[A-Za-z0-9.:_-]+$/, 'letters, digits, dots and dashes');
const port = z.coerce.number().int().min(1).max(65_535);
const file = z.string().regex(/^\/[^'\n\r]+$/, 'an absolute path');
const varnishFlags = z.strictObject({
  'origin-host': hostName.default('127.0.0.1'),
  'origin-port': port.default(8080),
  /** `kept` only where nobody gets to Varnish but through HAProxy. */
  private: z.enum(['passed', 'kept']).default('passed'),
});
const haproxyFlags = z.strictObject({
  host: hostName.default('0.0.0.0'),
  port: port.default(443),
  pem: file,
  'varnish-socket': file.default('/run/varnish.sock'),
  'control-socket': file.default('/run/haproxy.sock'),
});

/** What was typed makes no sense; the message says what would. */
export class PrintError extends Error {}

/** The text for these words. @throws PrintError, SettingsError */
export function printed(argv: readonly string[], env: Environment): string {
  const [what, ...rest] = argv;
  switch (what) {
    case 'terraform':
      flagsOf(z.strictObject({}), rest);
      return inJson(terraformJson(readCdnOptions(env)));
    case 'json':
      flagsOf(z.strictObject({}), rest);
      return inJson(desiredJson(readCdnOptions(env)));
    case 'rights':
      flagsOf(z.strictObject({}), rest);
      return inJson(rightsPolicy(readCdnOptions(env)));
    case 'varnish': {
      const flags = flagsOf(varnishFlags, rest);
      return varnishVcl({
        originHost: flags['origin-host'],
        originPort: flags['origin-port'],
        rightsVerified: flags.private === 'kept',
      });
    }
    case 'haproxy': {
      const {
        'varnish-socket': varnishSocket,
        'control-socket': controlSocket,
        ...flags
      } = flagsOf(haproxyFlags, rest);
      return haproxyConfig({ ...flags, varnishSocket, controlSocket, mediaKeys: keysOf(env) });
    }
    default:
      throw new PrintError(`print what? ${PRINT_USAGE}`);
  }
}

/** What is printed holds them as they are now. @throws SettingsError */
function keysOf(env: Environment): readonly MediaKey[] {
  const schema = z.object(mediaKeySettings).superRefine(refuseBoth);
  const given = parseSettings(schema, env, { secrets: ['ROSTRUM_MEDIA_KEYS'] });
  const silent = { info() {}, warn() {}, error() {} };
  return mediaKeyRing(mediaKeySource(given), silent).keys;
}

const inJson = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;

function flagsOf<T extends z.ZodObject>(schema: T, argv: readonly string[]): z.output<T> {
  const options = Object.fromEntries(
    Object.keys(schema.shape).map((name) => [name, { type: 'string' } as const]),
  );
  const parsed = schema.safeParse({ ...parseArgs({ args: [...argv], options }).values });
  if (parsed.success) return parsed.data;
  throw new PrintError(
    parsed.error.issues.map((issue) => `--${issue.path.join('.')}: ${issue.message}`).join('\n'),
  );
}
