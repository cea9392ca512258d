import { CONSENT_TEXT_VERSION, CONSENT_WORDS } from './consent-words.ts';

/** Which words each version stood for. A mended comma may take a version's place; what says something else may not. */
const SAID: Readonly<Record<number, string>> = {
  1: '75bad4878ebfc7e9',
};

test('what is asked is what its version says: when it asks for something else, raise the version', async () => {
  const asked = Object.values(CONSENT_WORDS).map((words) => words.asked);
  const bytes = new TextEncoder().encode(JSON.stringify(asked));
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  const hex = Array.from(digest.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join('');
  expect(SAID[CONSENT_TEXT_VERSION]).toBe(hex);
});
