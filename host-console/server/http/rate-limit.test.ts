import { rateLimitFields } from './rate-limit.ts';

test('what is left of a rate is told in whole requests and seconds, never more than there is', () => {
  const rate = { burst: 300, perSecond: 30 };
  expect(rateLimitFields(rate, 300)).toEqual({
    'ratelimit-policy': '"default";q=300;w=10',
    ratelimit: '"default";r=300;t=0',
  });
  expect(rateLimitFields(rate, 0.9).ratelimit).toBe('"default";r=0;t=10');
  expect(rateLimitFields(rate, 299.5).ratelimit).toBe('"default";r=299;t=1');
});
