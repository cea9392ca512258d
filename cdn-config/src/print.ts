/**
 * Prints an edge's configuration:
 *   node src/print.ts varnish [--origin-host 127.0.0.1] [--origin-port 8080]
 *   node src/print.ts cloudfront --origin-host live.example.org [--origin-port 443] [--name rostrum] [--shield-region eu-central-1]
 */
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { cloudFrontPlan, type PolicyIds } from './cloudfront.ts';
import { PATH_RULES } from './policy.ts';
import { varnishVcl } from './generators/varnish.ts';

const USAGE =
  'usage: node src/print.ts cloudfront|varnish [--origin-host HOST] [--origin-port PORT] [--name NAME] [--shield-region REGION]';

const hostName = z.string().regex(/^[A-Za-z0-9.:_-]+$/, 'letters, digits, dots and dashes');
const port = z.coerce.number().int().min(1).max(65_535);
const varnishSettings = z.object({
  'origin-host': hostName.default('127.0.0.1'),
  'origin-port': port.default(8080),
});
const cloudFrontSettings = z.object({
  'origin-host': hostName,
  'origin-port': port.default(443),
  name: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, '1 to 64 letters, digits, dashes')
    .default('rostrum'),
  'shield-region': z
    .string()
    .regex(/^[a-z0-9-]+$/, 'an AWS region')
    .default('eu-central-1'),
});

/** The text for the given arguments. Throws with a message for people when they make no sense. */
export function printed(argv: readonly string[]): string {
  const text = { type: 'string' } as const;
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { 'origin-host': text, 'origin-port': text, name: text, 'shield-region': text },
  });
  if (positionals.length !== 1) throw new Error(USAGE);
  switch (positionals[0]) {
    case 'varnish': {
      const settings = parse(varnishSettings, values);
      return varnishVcl({ originHost: settings['origin-host'], originPort: settings['origin-port'] });
    }
    case 'cloudfront': {
      const settings = parse(cloudFrontSettings, values);
      const { distribution, ...policies } = cloudFrontPlan({
        name: settings.name,
        originHost: settings['origin-host'],
        originPort: settings['origin-port'],
        shieldRegion: settings['shield-region'],
      });
      const idOf = (name: string): string => `<Id of ${settings.name}-${name}>`;
      const ids: PolicyIds = {
        cachePolicies: Object.fromEntries(
          PATH_RULES.map((rule) => [rule.name, idOf(rule.name)]),
        ) as PolicyIds['cachePolicies'],
        originRequestPolicy: idOf('origin'),
      };
      return `${JSON.stringify({ ...policies, distribution: distribution(ids) }, null, 2)}\n`;
    }
    default:
      throw new Error(USAGE);
  }
}

function parse<T>(schema: z.ZodType<T>, values: object): T {
  const parsed = schema.safeParse(values);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => `--${issue.path.join('.')}: ${issue.message}`);
  throw new Error(issues.join('\n'));
}

if (import.meta.main) {
  try {
    process.stdout.write(printed(process.argv.slice(2)));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 2;
  }
}
