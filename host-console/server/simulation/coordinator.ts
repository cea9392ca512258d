import { type LinkClaims, RostrumError, type ServerToPerson, STAGE } from '@rostrum/contracts';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import type { Server } from 'socket.io';
import { createMediaPlane, dialledNodes, type MediaCaller, type MediaPlane } from '../media/index.ts';
import type { Clock } from '../ports.ts';
import { Dispatcher } from '../sockets/dispatch.ts';
import type { WebinarActor } from '../webinars/actor.ts';
import { recordingShape } from '../webinars/features/recording/shape.ts';
import { WebinarRegistry } from '../webinars/registry.ts';
import { NO_CROWD } from '../webinars/turnout.ts';
import { type Disk, openDisk } from './disk.ts';
import { Gate, NODE_TOKEN } from './nodes.ts';
import type { SimPerson } from './people.ts';
import type { World } from './world.ts';

const logger = pino({ level: 'silent' });

/** A connection of a person, as the coordinator's sockets have it. */
export interface Connection {
  readonly connectionId: string;
  readonly person: SimPerson;
  readonly actor: WebinarActor;
}

/**
 * A coordinator's process: the real registry, actors, dispatcher and media side, put together as `coordinator.ts` does, over
 * a disk and connections of the history. Killed, it does nothing any more, whatever it was doing.
 */
export class SimCoordinator {
  readonly gate = new Gate();
  readonly registry: WebinarRegistry;
  readonly plane: MediaPlane;
  readonly dispatcher: Dispatcher;
  readonly connections = new Map<string, Connection>();
  readonly #world: World;
  readonly #disk: Disk;
  #alive = true;

  constructor(world: World, disk: Disk) {
    this.#world = world;
    this.#disk = disk;
    const clock: Clock = {
      nowMs: () => world.time.nowMs,
      nowUnixMs: () => 1_800_000_000_000 + world.time.nowMs,
    };
    const store = openDisk(disk, world, () => this.#alive);
    this.registry = new WebinarRegistry({
      store,
      clock,
      logger,
      events: {
        committed: (events, state) => {
          if (!this.#alive) return;
          for (const { event } of events) {
            this.plane.observe(state, event);
            if (event.type === 'person.removed') void this.#remove(state.webinarId, event.personId);
          }
        },
        lost: () => undefined,
      },
    });
    this.plane = createMediaPlane({
      // Of a Socket.IO server the node registry uses two namespaces.
      nodes: dialledNodes({
        io: this.gate.io as unknown as Server,
        nodeToken: NODE_TOKEN,
        logger,
        nowMs: clock.nowMs,
      }),
      wordSide: {
        state: (webinarId) => this.registry.loaded(webinarId)?.state ?? null,
        phase: async (webinarId) => {
          const row = await store.webinars.find(webinarId);
          return row?.doorsOpen ? 'doors' : (row?.phase ?? null);
        },
        recordingIsDeleted: async () => false,
        shape: async (webinarId) => {
          const state = await this.registry.get(webinarId);
          return state && recordingShape(state.state);
        },
        append: async (webinarId, decide) => {
          const actor = await this.registry.get(webinarId);
          if (!actor) throw new RostrumError('not-found', 'no such webinar');
          await actor.submit(decide);
        },
        servesPages: () => undefined,
        network: () => undefined,
        isConnected: ({ connectionId }) => this.connections.has(connectionId),
        tell: (to, event, ...args) => this.#tell(to, event, args[0]),
      },
      iceServers: () => [],
      logger,
      nowMs: clock.nowMs,
      nowUnixMs: clock.nowUnixMs,
      metrics: new Registry(),
    });
    this.dispatcher = new Dispatcher({
      mediaPlane: this.plane,
      quality: { report: () => undefined, joined: () => undefined, happened: () => undefined },
      clock,
      attendance: { keep: () => undefined },
      logger,
    });
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** As at a start: takes up what the log says is live, or waits for word of its recording. */
  async adopt(): Promise<void> {
    for (const webinarId of this.#disk.logs.keys()) {
      const actor = await this.registry.get(webinarId).catch(() => null);
      if (!this.#alive) return;
      const { phase } = actor?.state ?? {};
      if (actor && (phase?.phase !== 'scheduled' || phase.doors)) this.plane.adopt(actor.state);
    }
  }

  kill(): void {
    this.#world.tell('the coordinator is killed');
    this.#alive = false;
    const lost = [...this.connections.values()];
    this.connections.clear();
    this.gate.close();
    void this.plane.close();
    for (const { person, connectionId } of lost) person.cut(connectionId);
  }

  /** Throws `RostrumError` where the handshake would be refused. */
  async connect(person: SimPerson, connectionId: string): Promise<Connection> {
    const { webinarId, personId, name, role } = person;
    const actor = await this.registry.get(webinarId);
    if (!actor || !this.#alive) throw new RostrumError('unavailable', 'nobody answers');
    const removed = (): boolean => actor.state.people.get(personId)?.removed === true;
    if (removed()) throw new RostrumError('forbidden', 'removed');
    if (STAGE.includes(role) && !actor.state.people.has(personId)) {
      await actor.submit((state) =>
        state.people.has(personId) ? [] : [{ type: 'person.admitted', personId, name, role }],
      );
    }
    if (!this.#alive || removed() || this.registry.loaded(webinarId) !== actor)
      throw new RostrumError('unavailable', 'not any more');
    const connection = { connectionId, person, actor };
    this.connections.set(connectionId, connection);
    this.plane.attended(webinarId);
    return connection;
  }

  disconnect(connectionId: string): void {
    const connection = this.connections.get(connectionId);
    if (!connection || !this.#alive) return;
    this.connections.delete(connectionId);
    this.plane.disconnected(callerOf(connection));
    connection.person.cut(connectionId);
  }

  run(connection: Connection, command: string, input: unknown): Promise<unknown> {
    const { person, actor, connectionId } = connection;
    const { personId, name, role, webinarId } = person;
    const claims: LinkClaims = { linkId: `link-${personId}`, generation: 0, webinarId, personId, role, name };
    return this.dispatcher.run(
      { caller: { personId, name, role }, claims, connectionId, actor, crowd: () => NO_CROWD },
      command,
      input,
    );
  }

  async #remove(webinarId: string, personId: string): Promise<void> {
    const theirs = [...this.connections.values()].filter(
      ({ person }) => person.webinarId === webinarId && person.personId === personId,
    );
    await this.plane.dismiss(webinarId, personId, 'removed').catch(() => undefined);
    for (const { connectionId } of theirs) this.disconnect(connectionId);
  }

  #tell(to: MediaCaller, event: keyof ServerToPerson, body: unknown): void {
    this.#world.time.after(this.#world.upTo(40), () =>
      this.connections.get(to.connectionId)?.person.told(to.connectionId, event, body),
    );
  }
}

const callerOf = ({ person, connectionId }: Connection): MediaCaller => ({
  webinarId: person.webinarId,
  personId: person.personId,
  connectionId,
});
