/** What somebody watches with, as coarse as a report needs it: nothing by which one of them would be known again. Pure. */
import type { Browser, Device } from '@rostrum/contracts';

export interface DeviceAndBrowser {
  readonly device: Device;
  readonly browser: Browser;
}

/** By the `User-Agent` of the connection. An iPad that asks for desktop pages says that it is a Mac, and is counted as one. */
export function deviceOf(userAgent: string | undefined): DeviceAndBrowser {
  if (!userAgent) return { device: 'unknown', browser: 'other' };
  // Long ones are made up; what tells stands at the beginning.
  const text = userAgent.slice(0, 512);
  return { device: kindOf(text), browser: BROWSERS.find(([, sign]) => sign.test(text))?.[0] ?? 'other' };
}

function kindOf(text: string): Device {
  if (/iPad|Tablet|PlayBook|Silk(?!.*Mobile)|Android(?!.*Mobile)/.test(text)) return 'tablet';
  if (/Mobi|iPhone|iPod/.test(text)) return 'phone';
  return /Windows|Macintosh|Linux|X11|CrOS/.test(text) ? 'desktop' : 'unknown';
}

/** Most call themselves Chrome or Safari as well: the first that fits. */
const BROWSERS: readonly (readonly [Browser, RegExp])[] = [
  ['edge', /\bEdg(e|A|iOS)?\//],
  ['opera', /\b(OPR|Opera)\//],
  ['samsung', /\bSamsungBrowser\//],
  ['firefox', /\b(Firefox|FxiOS)\//],
  ['chrome', /\b(Chrome|Chromium|CriOS|HeadlessChrome)\//],
  ['safari', /\bVersion\/.*\bSafari\//],
];
