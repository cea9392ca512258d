import { parseSettings } from '@rostrum/service-kit/settings';
import { z } from 'zod';

const schema = z.object({
  /** The link into the console that the coordinator prints when it is ready. */
  ROSTRUM_OWNER_URL: z.url('the link into the console that the coordinator prints when it is ready'),
  /** Where the demo notes which webinars are its own. */
  ROSTRUM_DATA_DIR: z.string({ error: "a folder: the instance's data" }).min(1),
  ROSTRUM_DEMO_PANELISTS: z.coerce
    .number({ error: 'from 1 to 4' })
    .int('from 1 to 4')
    .min(1, 'from 1 to 4')
    .max(4, 'from 1 to 4')
    .default(2),
  ROSTRUM_DEMO_PROFILE: z.enum(['fast', 'standard', 'scale']).default('standard'),
  ROSTRUM_PARENT_PIPE: z.enum(['0', '1']).default('0'),
});
export type Settings = z.infer<typeof schema>;

/** @throws SettingsError that names each wrong setting */
export const settingsFrom = (env: Readonly<Record<string, string | undefined>>): Settings =>
  parseSettings(schema, env, { secrets: ['ROSTRUM_OWNER_URL'] });
