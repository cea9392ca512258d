/** The node as a library, for tests and benchmarks that run it in their own process. */
export { MEDIA_CODECS } from './codecs.ts';
export type { RoomCounts } from './room.ts';
export { Rooms, type RoomsOptions } from './rooms.ts';
export { createRpcServer, type RpcServer } from './rpc.ts';
export { type Service, startService } from './service.ts';
export { readSettings, type Settings } from './settings.ts';
export { createWorkerPool, type WorkerPool } from './workers.ts';
