import { PROFILES } from '@rostrum/contracts/profile';
import {
  cacheControl,
  EDGE_RESPONSE_TIMEOUT_S,
  ERROR_TTL_S,
  freshForS,
  holdLimitMs,
  PATH_RULES,
  PLAYLIST_KEY_PARAMETERS,
} from './policy.ts';

test.each(Object.values(PROFILES))('[LL20] how long answers of profile $name are fresh', (profile) => {
  expect(freshForS('playlist-awaited', profile)).toBe(6 * profile.targetDurationS);
  expect(freshForS('playlist-at-once', profile)).toBeLessThanOrEqual(1);
  expect(freshForS('multivariant', profile)).toBeLessThanOrEqual(Math.max(1, profile.segmentMs / 2000));
  expect(freshForS('error', profile)).toBeLessThanOrEqual(1);
  expect(cacheControl('media', profile)).toBe('public, max-age=31536000, immutable');
});

test('[LL21] the key of a playlist is its path and the directives, of everything else the path', () => {
  expect(PLAYLIST_KEY_PARAMETERS).toEqual(['_HLS_msn', '_HLS_part', '_HLS_skip']);
  const [first, ...others] = PATH_RULES;
  expect(first).toMatchObject({ pattern: '/live/*.m3u8', keyParameters: PLAYLIST_KEY_PARAMETERS });
  for (const rule of others) expect(rule.keyParameters).toEqual([]);
});

test('[LL23] an edge waits longer than the origin ever holds', () => {
  for (const profile of Object.values(PROFILES)) {
    expect(EDGE_RESPONSE_TIMEOUT_S * 1000).toBeGreaterThan(holdLimitMs(profile));
  }
});

test('[LL20] what an edge may keep a playlist is what the longest profile asks for', () => {
  expect(PATH_RULES[0]?.maxTtlS).toBe(24);
  expect(ERROR_TTL_S).toBe(1);
});
