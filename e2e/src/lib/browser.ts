import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { installSyntheticMedia, type SyntheticMedia } from './synthetic-media.ts';

/** Debian's Chromium, headless, with fake permission prompts and no calls home. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.ROSTRUM_CHROMIUM ?? '/usr/bin/chromium',
    args: [
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

/** Opens a panelist link with a synthetic camera and microphone; the page then does what it does for anybody. */
export async function openPanelist(
  browser: Browser,
  url: string,
  media: SyntheticMedia,
): Promise<OpenPanelist> {
  const context = await browser.newContext({
    viewport: { width: 960, height: 640 },
    ignoreHTTPSErrors: true,
  });
  await context.addInitScript(installSyntheticMedia, media);
  const page = await context.newPage();
  await page.goto(url);
  return { page, context, close: () => context.close() };
}
