export { Publisher, type PublisherOptions } from './publisher.ts';
export { type S3Place, s3Target } from './s3.ts';
