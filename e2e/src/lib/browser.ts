import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { installSyntheticMedia, type SyntheticMedia } from './synthetic-media.ts';

export interface ChromiumOptions {
  /** What starts it in place of the program itself. */
  readonly executablePath?: string;
  /** Origins whose pages get at cameras as if they came by TLS. */
  readonly trustedOrigins?: readonly string[];
}

/** Where Chromium is. */
export const chromiumPath = (): string => process.env.ROSTRUM_CHROMIUM ?? '/usr/bin/chromium';

/** Debian's Chromium, headless, with fake permission prompts and no calls home. */
export function launchChromium(options: ChromiumOptions = {}): Promise<Browser> {
  const { executablePath = chromiumPath(), trustedOrigins = [] } = options;
  return chromium.launch({
    executablePath,
    args: [
      ...(trustedOrigins.length > 0
        ? [`--unsafely-treat-insecure-origin-as-secure=${trustedOrigins.join(',')}`]
        : []),
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      '--autoplay-policy=no-user-gesture-required',
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      '--disable-renderer-backgrounding',
      '--disable-background-timer-throttling',
      '--disable-backgrounding-occluded-windows',
      // On one machine the ICE candidates are loopback addresses; hiding them behind mDNS names cannot work there.
      '--disable-features=WebRtcHideLocalIpsWithMdns',
    ],
  });
}

export interface OpenPanelist {
  readonly page: Page;
  readonly context: BrowserContext;
  /** The tab is closed as a person closes it. */
  close(): Promise<void>;
}

export interface PageOptions {
  /** A script that looks at the page from inside, or a function of its own: runs before the page's scripts. */
  readonly probe?: string | (() => void);
  /** What makes it another browser than it is, each run on its own before the page's scripts. */
  readonly scripts?: readonly (() => void)[];
  readonly width?: number;
  readonly height?: number;
}

/** Opens a panelist link with a synthetic camera and microphone; the page then does what it does for anybody. */
export async function openPanelist(
  browser: Browser,
  url: string,
  media: SyntheticMedia,
  { probe, scripts = [], width = 960, height = 640 }: PageOptions = {},
): Promise<OpenPanelist> {
  const context = await browser.newContext({
    viewport: { width, height },
    ignoreHTTPSErrors: true,
  });
  await context.addInitScript(installSyntheticMedia, media);
  if (probe !== undefined)
    await context.addInitScript(typeof probe === 'string' ? { content: probe } : probe);
  for (const script of scripts) await context.addInitScript(script);
  const page = await context.newPage();
  await page.goto(url);
  return { page, context, close: () => context.close() };
}
