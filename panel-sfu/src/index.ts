/** The node as a library, for tests and benchmarks that run it in their own process. */
export { egressCapabilities, MEDIA_CODECS } from './codecs.ts';
export { Egress, type EgressOptions } from './egress.ts';
export type { Room, RoomCounts } from './room.ts';
export { type Service, startService } from './service.ts';
export { readSettings, type Settings } from './settings.ts';
