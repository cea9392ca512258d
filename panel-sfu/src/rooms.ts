import { type NodeNotice, RostrumError, type SfuOutput } from '@rostrum/contracts';
import type { types } from 'mediasoup';
import type { Logger } from 'pino';
import { Room, type RoomCounts } from './room.ts';
import type { WorkerPool, WorkerSlot } from './workers.ts';

export interface RoomsOptions {
  readonly pool: WorkerPool;
  readonly listenIp: string;
  readonly announcedIp: string | undefined;
  readonly tell: (notice: NodeNotice) => void;
  readonly logger: Logger;
}

/** The rooms of this node, each on the worker that had the fewest when it opened. */
export class Rooms {
  readonly #options: RoomsOptions;
  readonly #rooms = new Map<string, Room>();
  readonly #opening = new Map<string, Promise<Room>>();

  constructor(options: RoomsOptions) {
    this.#options = options;
  }

  get ids(): string[] {
    return [...this.#rooms.keys()];
  }
  counts(): RoomCounts & { readonly rooms: number } {
    const all = [...this.#rooms.values()].map((room) => room.counts());
    const sum = (key: keyof RoomCounts): number => all.reduce((n, c) => n + c[key], 0);
    return {
      rooms: all.length,
      people: sum('people'),
      transports: sum('transports'),
      producers: sum('producers'),
      consumers: sum('consumers'),
      egresses: sum('egresses'),
    };
  }

  origins(): types.TransportTuple[] {
    return [...this.#rooms.values()].flatMap((room) => room.origins());
  }

  find(roomId: string): Room | null {
    return this.#rooms.get(roomId) ?? null;
  }

  /** Throws `not-found`. */
  get(roomId: string): Room {
    const room = this.#rooms.get(roomId);
    if (!room || room.closed) throw new RostrumError('not-found', 'no such room on this node');
    return room;
  }

  /** Opens a room, or answers for the one that is open. Throws `unavailable` while no worker lives. */
  async open(roomId: string): Promise<SfuOutput<'room.open'>> {
    const open = this.#rooms.get(roomId);
    if (open && !open.closed) return { rtpCapabilities: open.rtpCapabilities() };
    let opening = this.#opening.get(roomId);
    if (!opening) {
      opening = this.#create(roomId).finally(() => this.#opening.delete(roomId));
      this.#opening.set(roomId, opening);
    }
    return { rtpCapabilities: (await opening).rtpCapabilities() };
  }

  async #create(roomId: string): Promise<Room> {
    const { pool, listenIp, announcedIp, tell, logger } = this.#options;
    const slot = pool.leastLoaded();
    if (!slot) throw new RostrumError('unavailable', 'no worker is running');
    slot.rooms += 1; // counted from now, so that rooms opened at once spread
    const { worker, webRtcServer } = slot;
    let room: Room;
    try {
      const warn = (error: unknown, message: string): void => logger.warn({ err: error, roomId }, message);
      room = await Room.open({ roomId, worker, webRtcServer, listenIp, announcedIp, tell, warn });
    } catch (error) {
      slot.rooms -= 1;
      throw error;
    }
    this.#rooms.set(roomId, room);
    room.router.observer.once('close', () => this.#closed(room, slot));
    room.router.once('workerclose', () => tell({ type: 'room.lost', roomId }));
    logger.info({ roomId, workerPid: worker.pid }, 'room opened');
    return room;
  }

  #closed(room: Room, slot: WorkerSlot): void {
    slot.rooms -= 1;
    if (this.#rooms.get(room.id) === room) this.#rooms.delete(room.id);
    this.#options.logger.info({ roomId: room.id }, 'room closed');
  }

  /** Idempotent. */
  async close(roomId: string): Promise<void> {
    const opening = this.#opening.get(roomId);
    if (opening) await opening.catch(() => undefined); // whoever opened it has the error
    this.#rooms.get(roomId)?.close();
  }

  closeAll(): void {
    for (const room of [...this.#rooms.values()]) room.close();
  }
}
