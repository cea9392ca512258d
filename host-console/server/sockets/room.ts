import { isDeepStrictEqual } from 'node:util';
import type {
  LoggedEvent,
  PersonQuality,
  PersonToServer,
  QualityUpdate,
  ServerToPerson,
  ShowHealth,
  Sync,
  ViewDelta,
} from '@rostrum/contracts';
import type { Namespace, Socket } from 'socket.io';
import type { Bearer } from '../identity/rights.ts';
import type { Clock } from '../ports.ts';
import type { WebinarActor } from '../webinars/actor.ts';
import type { FoldedState } from '../webinars/fold.ts';
import {
  classOf,
  concernedBy,
  deltasOf,
  mergeTouches,
  project,
  type Touch,
  VIEWER_CLASSES,
  type Viewer,
  type ViewerClass,
} from '../webinars/project.ts';
import type { Turnout } from '../webinars/turnout.ts';
import { Slices } from './slices.ts';

export type PersonSocket = Socket<PersonToServer, ServerToPerson>;
export type PersonNamespace = Namespace<PersonToServer, ServerToPerson>;

/** One connection of a person; they may have several. */
export interface Connection {
  readonly socket: PersonSocket;
  readonly viewer: Viewer;
  readonly claims: Bearer;
  viewerClass: ViewerClass;
}

/**
 * The audience gets its deltas together at this pace, so that a storm of votes costs one message a beat and not one a
 * vote: 50 ms, and with thousands connected as many ms as keep it to 20,000 messages a second.
 */
export const audienceBeatMs = (connected: number): number => Math.max(50, connected / 20);

/** Connections told in one turn of the event loop: some milliseconds of it. */
const SLICE = 400;

/** Presence is for the eye: once a second, slower for a large audience, again 20,000 messages a second at most. */
const PRESENCE_MS = 1000;

/** Those connected to one webinar: who is told what, and when. */
export class WebinarRoom {
  readonly webinarId: string;
  readonly #namespace: PersonNamespace;
  readonly #clock: Clock;
  readonly #originUrl: () => string | null;
  readonly #health: () => ShowHealth;
  #toldHealth: ShowHealth | null = null;
  readonly #quality: () => readonly PersonQuality[];
  #toldQuality: ReadonlyMap<string, PersonQuality> = new Map();
  readonly #connections = new Map<string, Connection>();
  readonly #byPerson = new Map<string, Set<Connection>>();
  readonly #pending: Record<ViewerClass, LoggedEvent[]> = { crew: [], stage: [], audience: [] };
  /** What changed without an event. */
  readonly #moved: Record<ViewerClass, Touch[]> = { crew: [], stage: [], audience: [] };
  readonly turnout: Turnout;
  #state: FoldedState;
  #beat: NodeJS.Timeout | null = null;
  readonly #deltaSlices = new Slices(() => this.#flushAudienceAtBeat());
  readonly #presenceSlices = new Slices(() => undefined);
  #audienceFlushedAtMs = Number.NEGATIVE_INFINITY;
  #attendees = 0;
  #told: { watching: number; onStage: readonly string[] } = { watching: -1, onStage: [] };
  #toldAudience = { watching: -1, atMs: 0 };

  constructor(options: {
    namespace: PersonNamespace;
    clock: Clock;
    state: FoldedState;
    turnout: Turnout;
    originUrl: () => string | null;
    health: () => ShowHealth;
    quality: () => readonly PersonQuality[];
  }) {
    this.webinarId = options.state.webinarId;
    this.#namespace = options.namespace;
    this.#clock = options.clock;
    this.#state = options.state;
    this.turnout = options.turnout;
    this.#originUrl = options.originUrl;
    this.#health = options.health;
    this.#quality = options.quality;
  }

  get size(): number {
    return this.#connections.size;
  }

  /** Nobody is connected, and nobody is expected back. */
  get isDeserted(): boolean {
    return this.size === 0 && this.turnout.isEmpty;
  }

  all(): Connection[] {
    return [...this.#connections.values()];
  }

  connectionsOf(personId: string): readonly Connection[] {
    return [...(this.#byPerson.get(personId) ?? [])];
  }

  count(viewerClass: ViewerClass): number {
    let n = 0;
    for (const c of this.#connections.values()) if (c.viewerClass === viewerClass) n += 1;
    return n;
  }

  /** Takes the connection in and sends its first message: what it missed since `lastSeq`, or everything. */
  add(
    socket: PersonSocket,
    viewer: Viewer,
    claims: Bearer,
    actor: WebinarActor,
    address: string | null,
    lastSeq: number | undefined,
  ): Connection {
    const { state } = actor;
    if (this.size === 0 && this.#state !== state) {
      // While nobody was here it may have been written elsewhere.
      this.#state = state;
      this.turnout.recount(state);
    }
    this.turnout.enter(viewer.personId, address, state);
    const connection: Connection = { socket, viewer, claims, viewerClass: classOf(state, viewer) };
    this.#connections.set(socket.id, connection);
    const known = this.#byPerson.get(viewer.personId);
    if (known) known.add(connection);
    else {
      this.#byPerson.set(viewer.personId, new Set([connection]));
      if (viewer.role === 'attendee') this.#attendees += 1;
    }
    socket.emit('sync', this.#sync(viewer, actor, lastSeq), this.#clock.nowUnixMs());
    socket.emit('presence', {
      watching: this.#attendees,
      onStage: connection.viewerClass === 'audience' ? [] : this.#told.onStage,
    });
    if (connection.viewerClass === 'crew') socket.emit('health', this.#health());
    const { personId } = viewer;
    const quality = [...this.#toldQuality.values()].filter(
      (q) => connection.viewerClass === 'crew' || q.personId === personId,
    );
    if (quality.length > 0) socket.emit('quality', { people: quality, gone: [] });
    return connection;
  }

  remove(connection: Connection): void {
    if (!this.#connections.delete(connection.socket.id)) return;
    this.turnout.leave(connection.viewer.personId, this.#state);
    const { personId, role } = connection.viewer;
    const others = this.#byPerson.get(personId);
    others?.delete(connection);
    if (others?.size === 0) {
      this.#byPerson.delete(personId);
      if (role === 'attendee') this.#attendees -= 1;
    }
  }

  /** Tells everyone what durable events mean to them: crew and stage now, the audience at its beat. */
  publish(events: readonly LoggedEvent[], state: FoldedState): void {
    this.#state = state;
    this.turnout.follow(mergeTouches(events.map(({ event }) => event)), state);
    const moved = this.turnout.takeMoved();
    for (const viewerClass of VIEWER_CLASSES) {
      this.#pending[viewerClass].push(...events);
      this.#moved[viewerClass].push(...moved);
    }
    this.#flush('crew');
    this.#flush('stage');
    const movers = events.flatMap(({ event }) =>
      event.type === 'hand.accepted' || event.type === 'guest.returned' ? [event.personId] : [],
    );
    if (movers.length === 0) {
      this.#flushAudienceAtBeat();
      return;
    }
    // Before someone changes sides, both sides are told everything up to here.
    this.#flush('audience');
    this.#deltaSlices.finish();
    for (const personId of movers) this.#move(personId);
  }

  /** Tells what counts otherwise since people came, or have been gone for a minute. Call about once a second. */
  tickTurnout(): void {
    this.turnout.tick(this.#state);
    const moved = this.turnout.takeMoved();
    if (moved.length === 0) return;
    for (const viewerClass of VIEWER_CLASSES) this.#moved[viewerClass].push(...moved);
    this.#flush('crew');
    this.#flush('stage');
    this.#flushAudienceAtBeat();
  }

  /** Sends presence where it changed. Call about once a second. */
  tickPresence(onStage: readonly string[]): void {
    const nowMs = this.#clock.nowMs();
    const watching = this.#attendees;
    if (watching !== this.#told.watching || onStage.join() !== this.#told.onStage.join()) {
      this.#told = { watching, onStage };
      const ids = [...this.#idsOf('crew'), ...this.#idsOf('stage')];
      if (ids.length > 0) this.#namespace.to(ids).emit('presence', { watching, onStage });
    }
    const pauseMs = Math.max(PRESENCE_MS, this.#connections.size / 20) - 100;
    if (watching !== this.#toldAudience.watching && nowMs - this.#toldAudience.atMs >= pauseMs) {
      this.#toldAudience = { watching, atMs: nowMs };
      this.#presenceSlices.start(
        slicesOf(this.#idsOf('audience')).map((ids) => () => {
          this.#namespace.to(ids).emit('presence', { watching, onStage: [] });
        }),
      );
    }
  }

  /** Tells the crew how the media fares, where that changed. Call about once a second. */
  tickHealth(): void {
    const health = this.#health();
    if (isDeepStrictEqual(health, this.#toldHealth)) return;
    this.#toldHealth = health;
    const ids = this.#idsOf('crew');
    if (ids.length > 0) this.#namespace.to(ids).emit('health', health);
  }

  /** Tells the crew, and each person of themselves, how networks fare, where that changed. Call about once a second. */
  tickQuality(): void {
    const told = this.#toldQuality;
    const now = new Map(this.#quality().map((q) => [q.personId, q]));
    this.#toldQuality = now;
    const people = [...now.values()].filter((q) => told.get(q.personId) !== q);
    const gone = [...told.keys()].filter((personId) => !now.has(personId));
    if (people.length === 0 && gone.length === 0) return;
    const crew = this.#idsOf('crew');
    if (crew.length > 0) this.#namespace.to(crew).emit('quality', { people, gone });
    const tellSelf = (personId: string, update: QualityUpdate): void => {
      for (const { socket, viewerClass } of this.#byPerson.get(personId) ?? []) {
        if (viewerClass !== 'crew') socket.emit('quality', update);
      }
    };
    for (const q of people) tellSelf(q.personId, { people: [q], gone: [] });
    for (const personId of gone) tellSelf(personId, { people: [], gone: [personId] });
  }

  /** Closes every connection; clients come back by themselves. */
  disconnectAll(): void {
    for (const { socket } of [...this.#connections.values()]) socket.conn.close();
  }

  close(): void {
    if (this.#beat) clearTimeout(this.#beat);
    this.#beat = null;
    this.#deltaSlices.finish();
    this.#presenceSlices.finish();
  }

  #sync(viewer: Viewer, actor: WebinarActor, lastSeq: number | undefined): Sync {
    const { state } = actor;
    const missed = lastSeq === undefined ? null : actor.eventsAfter(lastSeq);
    if (missed === null) {
      return {
        kind: 'snapshot',
        seq: state.seq,
        view: project(state, viewer, this.#originUrl(), this.turnout),
      };
    }
    const touches = [
      ...mergeTouches(missed.map((m) => m.event)),
      ...this.turnout.movedSince(state.seq - missed.length),
    ];
    const deltas = deltasOf(touches, state, viewer, this.#originUrl(), this.turnout);
    return { kind: 'deltas', seq: state.seq, deltas };
  }

  #flushAudienceAtBeat(): void {
    if (this.#beat || this.#deltaSlices.busy) return;
    if (this.#pending.audience.length === 0 && this.#moved.audience.length === 0) return;
    const waitMs = this.#audienceFlushedAtMs + audienceBeatMs(this.#connections.size) - this.#clock.nowMs();
    if (waitMs <= 0) {
      this.#flush('audience');
      return;
    }
    this.#beat = setTimeout(() => this.#flush('audience'), waitMs);
  }

  #flush(viewerClass: ViewerClass): void {
    if (viewerClass === 'audience') {
      this.#audienceFlushedAtMs = this.#clock.nowMs();
      if (this.#beat) clearTimeout(this.#beat);
      this.#beat = null;
    }
    const events = this.#pending[viewerClass];
    const moved = this.#moved[viewerClass];
    this.#pending[viewerClass] = [];
    this.#moved[viewerClass] = [];
    if ((events.length === 0 && moved.length === 0) || this.#connections.size === 0) return;

    const state = this.#state;
    const originUrl = this.#originUrl();
    const touches = [...mergeTouches(events.map((e) => e.event)), ...moved];
    const concerned = this.#connected(concernedBy(touches, state), viewerClass);
    const sends: Send[] = [];
    const send = (ids: readonly string[], deltas: readonly ViewDelta[]): void => {
      if (deltas.length === 0) return;
      const update = { seq: state.seq, deltas };
      for (const slice of slicesOf(ids)) {
        const run = (): void => {
          this.#namespace.to(slice).emit('deltas', update);
        };
        sends.push({ connections: slice.length, run });
      }
    };
    // Many voters of one question get the same deltas: one encoding for all of them.
    const groups = new Map<string, { deltas: ViewDelta[]; ids: string[] }>();
    const concernedIds = new Set<string>();
    for (const { viewer, socket } of concerned) {
      concernedIds.add(socket.id);
      const deltas = deltasOf(touches, state, viewer, originUrl, this.turnout);
      const key = JSON.stringify(deltas);
      const group = groups.get(key);
      if (group) group.ids.push(socket.id);
      else groups.set(key, { deltas, ids: [socket.id] });
    }
    for (const { deltas, ids } of groups.values()) send(ids, deltas);
    send(
      this.#idsOf(viewerClass).filter((id) => !concernedIds.has(id)),
      deltasOf(touches, state, viewerClass, originUrl, this.turnout),
    );
    // Who comes in between has its snapshot from this state or a later one, and is not among these.
    if (viewerClass === 'audience') this.#deltaSlices.start(turnsOf(sends));
    else for (const { run } of sends) run();
  }

  #idsOf(viewerClass: ViewerClass): string[] {
    const of = [...this.#connections.values()].filter((c) => c.viewerClass === viewerClass);
    return of.map((c) => c.socket.id);
  }

  #connected(people: ReadonlySet<string>, viewerClass: ViewerClass): Connection[] {
    const found: Connection[] = [];
    const add = (connections: Iterable<Connection>): void => {
      for (const c of connections) if (c.viewerClass === viewerClass) found.push(c);
    };
    if (people.size < this.#byPerson.size) {
      for (const personId of people) add(this.#byPerson.get(personId) ?? []);
    } else {
      for (const [personId, connections] of this.#byPerson) if (people.has(personId)) add(connections);
    }
    return found;
  }

  #move(personId: string): void {
    for (const connection of this.#byPerson.get(personId) ?? []) {
      connection.viewerClass = classOf(this.#state, connection.viewer);
    }
  }
}

function slicesOf(ids: readonly string[]): string[][] {
  const slices: string[][] = [];
  for (let at = 0; at < ids.length; at += SLICE) slices.push(ids.slice(at, at + SLICE));
  return slices;
}

interface Send {
  readonly connections: number;
  readonly run: () => void;
}

/** Sends put together into turns of about `SLICE` connections. */
function turnsOf(sends: readonly Send[]): (() => void)[] {
  const turns: Send[][] = [];
  let connections = SLICE;
  for (const send of sends) {
    if (connections >= SLICE) {
      turns.push([]);
      connections = 0;
    }
    turns.at(-1)?.push(send);
    connections += send.connections;
  }
  return turns.map((turn) => () => {
    for (const { run } of turn) run();
  });
}
