import { z } from 'zod';
import { Api } from '../lib/api.ts';
import { launchChromium } from '../lib/browser.ts';
import { openShow } from '../lib/show.ts';
import { castOf } from './cast.ts';

/**
 * The demo: synthetic panelists in headless Chromium on a live webinar. Started by `./rostrum up --demo` once all
 * services are ready; prints one line of JSON with the links, then keeps the show running until it is told to stop.
 */
const Settings = z.object({
  ROSTRUM_OWNER_URL: z.url('the link into the console that the coordinator prints when it is ready'),
  ROSTRUM_DEMO_PANELISTS: z.coerce.number().int().min(1).max(4).default(3),
  ROSTRUM_DEMO_PROFILE: z.enum(['fast', 'standard', 'scale']).default('standard'),
  ROSTRUM_PARENT_PIPE: z.string().optional(),
});

const parsed = Settings.safeParse(process.env);
if (!parsed.success) {
  for (const issue of parsed.error.issues)
    process.stderr.write(`${issue.path.join('.')}: ${issue.message}\n`);
  process.exit(2);
}
const settings = parsed.data;

const log = (msg: string): void => {
  process.stdout.write(`${JSON.stringify({ level: 30, time: Date.now(), name: 'demo', msg })}\n`);
};

const browser = await launchChromium();
let stopping = false;
async function stop(): Promise<never> {
  if (!stopping) {
    stopping = true;
    await browser.close();
  }
  process.exit(0);
}
process.on('SIGTERM', () => void stop());
process.on('SIGINT', () => void stop());
if (settings.ROSTRUM_PARENT_PIPE) process.stdin.resume().on('end', () => void stop());
browser.on('disconnected', () => {
  if (stopping) return;
  log('Chromium went away');
  process.exit(1);
});

const show = await openShow({
  api: Api.fromLink(settings.ROSTRUM_OWNER_URL),
  browser,
  title: 'What we learned this quarter',
  profile: settings.ROSTRUM_DEMO_PROFILE,
  cast: await castOf(settings.ROSTRUM_DEMO_PANELISTS),
  direction: 'automatic',
  progress: log,
});
const view = await show.host.until('the webinar to be live', (v) => v.phase.phase === 'live');
process.stdout.write(
  `${JSON.stringify({
    ready: 'demo',
    host: show.hostUrl,
    panelist: show.panelistUrl,
    watch: show.watchUrl,
    playlist: view.phase.phase === 'live' ? view.phase.playlistUrl : null,
  })}\n`,
);
