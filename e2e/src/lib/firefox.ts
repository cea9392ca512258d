import { networkInterfaces } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Browser, firefox } from 'playwright-core';

const RELAY = fileURLToPath(new URL('./firefox-relay.ts', import.meta.url));

/**
 * An address of this machine that Firefox on it reaches by WebRTC. It names loopback addresses to nobody and tries none,
 * whatever its preferences say, so an SFU on 127.0.0.1 cannot be reached from it.
 */
export function outerAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const outer = addresses.find(({ family, internal }) => family === 'IPv4' && !internal);
  if (!outer) throw new Error('this machine has no IPv4 address beside its loopback one');
  return outer.address;
}

/**
 * Debian's Firefox ESR, headless, with the rights and devices that `launchChromium` gives. Playwright drives only a Firefox
 * of its own by its usual protocol; this one it drives by WebDriver BiDi.
 */
export function launchFirefox(): Promise<Browser> {
  return firefox.launch({
    channel: 'moz-firefox',
    executablePath: RELAY,
    headless: true,
    firefoxUserPrefs: {
      'media.navigator.permission.disabled': true,
      'media.navigator.streams.fake': true,
      'media.autoplay.default': 0,
      // A sound card of its own making: without any, no AudioContext ever starts.
      'media.cubeb.force_mock_context': true,
    },
  });
}
