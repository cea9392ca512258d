export * from './cloudfront.ts';
export * from './policy.ts';
export * from './varnish.ts';
