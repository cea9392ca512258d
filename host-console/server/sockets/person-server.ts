import type { IncomingMessage } from 'node:http';
import {
  type Failure,
  isCrew,
  PERSON_NAMESPACE,
  type Result,
  RostrumError,
  type ServerToPerson,
  STAGE,
} from '@rostrum/contracts';
import type { Logger } from 'pino';
import type { Server } from 'socket.io';
import { sessionOf } from '../identity/accounts/session-cookie.ts';
import { joinModeOf, type Limits } from '../identity/limits.ts';
import type { MediaCaller, MediaPlane } from '../media/media-plane.ts';
import type { Metrics } from '../metrics.ts';
import type { Clock } from '../ports.ts';
import type { NetworkQuality } from '../quality/network-quality.ts';
import { deviceOf } from '../reports/device.ts';
import type { Presence } from '../reports/presence.ts';
import type { StandingSession } from '../store/index.ts';
import { KeyedBuckets, type Rate } from '../token-bucket.ts';
import { type Access, roleIn, standingOf } from '../webinars/access.ts';
import type { Attendance } from '../webinars/attendance.ts';
import type { Caller, ParsedCommand } from '../webinars/commands.ts';
import type { FoldedState } from '../webinars/fold.ts';
import { VIEWER_CLASSES } from '../webinars/project.ts';
import type { WebinarRegistry } from '../webinars/registry.ts';
import { NO_CROWD, Turnout } from '../webinars/turnout.ts';
import { Dispatcher, isCommand, mediaCaller, type Request } from './dispatch.ts';
import { type Admitted, admit, Refusal } from './handshake.ts';
import { type Connection, type PersonNamespace, type PersonSocket, WebinarRoom } from './room.ts';

/** Commands of one person. Joining a full stage takes two for each of the others' tracks. */
export interface CommandRates {
  readonly stage: Rate;
  readonly audience: Rate;
  /** Connections of one person. */
  readonly connect: Rate;
  /** Refused handshakes of one address. */
  readonly refused: Rate;
}

export const COMMAND_RATES: CommandRates = {
  stage: { burst: 200, perSecond: 40 },
  audience: { burst: 20, perSecond: 4 },
  connect: { burst: 30, perSecond: 1 },
  refused: { burst: 200, perSecond: 5 },
};

type BucketName =
  | 'connect'
  | 'refused'
  | `handshakesOf${'Address' | 'Room'}`
  | 'stage'
  | 'audience'
  | `commandsOf${'Address' | 'Room'}`;

type Arrived = Admitted & { readonly address: string };

/** A client that goes on after this many refusals in a row is disconnected. */
const REFUSALS_UNTIL_CLOSED = 500;

export interface PersonServerOptions {
  readonly io: Server;
  readonly registry: WebinarRegistry;
  readonly mediaPlane: MediaPlane;
  readonly quality: NetworkQuality;
  readonly attendance: Attendance;
  readonly presence: Pick<Presence, 'came' | 'went'>;
  readonly access: Access;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly rates: CommandRates;
  readonly limits: Limits;
  /** Of a request, as it is counted by. */
  readonly addressOf: (request: IncomingMessage) => string;
  /** Where it comes from, as far as somebody who is believed says so. */
  readonly countryOf: (request: IncomingMessage) => string | null;
  readonly publicUrl: () => string;
  /** Which of these sessions still stand, and who they are in which webinar. */
  readonly standing: (sessionIds: readonly string[]) => Promise<ReadonlyMap<string, StandingSession>>;
  readonly goLiveAnswerMs?: number | undefined;
}

/** The Socket.IO face to people: who connects, what they ask, what they are told. */
export class PersonServer {
  readonly #options: PersonServerOptions;
  readonly #namespace: PersonNamespace;
  readonly #dispatcher: Dispatcher;
  readonly #rooms = new Map<string, WebinarRoom>();
  readonly #buckets: Readonly<Record<BucketName, KeyedBuckets>>;
  readonly #startedMs: number;

  constructor(options: PersonServerOptions) {
    this.#options = options;
    this.#namespace = options.io.of(PERSON_NAMESPACE);
    this.#dispatcher = new Dispatcher(options);
    const { rates, limits } = options;
    this.#buckets = {
      connect: new KeyedBuckets(rates.connect),
      refused: new KeyedBuckets(rates.refused),
      handshakesOfAddress: new KeyedBuckets(limits.handshakes.address),
      handshakesOfRoom: new KeyedBuckets(limits.handshakes.room),
      stage: new KeyedBuckets(rates.stage),
      audience: new KeyedBuckets(rates.audience),
      commandsOfAddress: new KeyedBuckets(limits.commands.address),
      commandsOfRoom: new KeyedBuckets(limits.commands.room),
    };
    this.#startedMs = options.clock.nowMs();
    this.#namespace.use((socket, next) => {
      this.#admit(socket).then(
        (admitted) => {
          socket.data = admitted;
          next();
        },
        (error: unknown) => {
          const refusal = error instanceof Refusal ? error : new Refusal('unavailable', error);
          if (!(error instanceof Refusal)) options.logger.error({ err: error }, 'handshake failed');
          options.metrics.handshakesRefused.inc({ code: refusal.data.code });
          next(refusal);
        },
      );
    });
    this.#namespace.on('connection', (socket) => this.#connected(socket, socket.data as Arrived));
    for (const viewerClass of VIEWER_CLASSES) options.metrics.connections.set({ class: viewerClass }, 0);
  }

  /** Runs `work` when no command that goes live or ends is under way. */
  inPhaseTurn<T>(webinarId: string, work: () => Promise<T>): Promise<T> {
    return this.#dispatcher.inPhaseTurn(webinarId, work);
  }

  /** Has a command done that came another way than over a socket; its caller may give it. Throws `not-found`. */
  async command(webinarId: string, caller: Caller, command: ParsedCommand): Promise<void> {
    const actor = await this.#options.registry.get(webinarId);
    if (!actor) throw new RostrumError('not-found', 'no such webinar');
    await this.#dispatcher.act({ actor, caller, crowd: () => NO_CROWD }, command);
  }

  /** Whether anyone is connected to the webinar. */
  hasPeople(webinarId: string): boolean {
    return (this.#rooms.get(webinarId)?.size ?? 0) > 0;
  }

  /** Whether anyone of the crew is connected. */
  hasCrew(webinarId: string): boolean {
    return (this.#rooms.get(webinarId)?.count('crew') ?? 0) > 0;
  }

  /** Ends a webinar that nobody attends. Throws what a host's command would be answered. */
  async endUnattended(webinarId: string): Promise<void> {
    const actor = this.#options.registry.loaded(webinarId);
    if (actor) await this.#dispatcher.endUnattended(actor);
  }

  /** By nobody of the crew. Throws what a host's command would be answered. */
  async openDoors(webinarId: string): Promise<void> {
    const actor = await this.#options.registry.get(webinarId);
    if (actor) await this.#dispatcher.openDoors(actor);
  }

  /** The same. */
  async closeDoors(webinarId: string): Promise<void> {
    const actor = await this.#options.registry.get(webinarId);
    if (actor) await this.#dispatcher.closeDoors(actor);
  }

  publish(...change: Parameters<WebinarRoom['publish']>): void {
    this.#rooms.get(change[1].webinarId)?.publish(...change);
  }

  /** Everyone connected to the webinar has to connect anew. */
  disconnectAll(webinarId: string): void {
    this.#rooms.get(webinarId)?.disconnectAll();
  }

  /** Closes the connections of somebody who was removed or sent out; the next handshake is refused with that. */
  async remove(webinarId: string, personId: string): Promise<void> {
    const connections = this.#rooms.get(webinarId)?.connectionsOf(personId) ?? [];
    try {
      await this.#options.mediaPlane.dismiss(webinarId, personId, 'removed');
    } finally {
      for (const { socket } of connections) socket.disconnect(true);
    }
  }

  /** Closes the connections of links that were revoked; the next handshake is refused with `revoked`. */
  async revoke(webinarId: string, state: FoldedState): Promise<void> {
    const room = this.#rooms.get(webinarId);
    const nowUnixMs = this.#options.clock.nowUnixMs();
    const revoked =
      room?.all().filter(({ claims }) => standingOf(state, claims, nowUnixMs) === 'revoked') ?? [];
    // Whoever is there by another link as well stays on the stage by that.
    const people = new Set(revoked.map(({ viewer }) => viewer.personId));
    for (const { socket } of revoked) socket.disconnect(true);
    for (const personId of people) {
      if (room?.connectionsOf(personId).length === 0)
        await this.#options.mediaPlane.dismiss(webinarId, personId, 'removed');
    }
  }

  /** Closes the connections of sessions that have ended, and of whoever is somebody else in the webinar by now. */
  async reviewSessions(): Promise<void> {
    const bySession = [...this.#rooms].flatMap(([webinarId, room]) =>
      room.all().flatMap(({ claims, socket }) => {
        const { account } = claims;
        return account ? [{ webinarId, sessionId: account.sessionId, role: claims.role, socket }] : [];
      }),
    );
    if (bySession.length === 0) return;
    const standing = await this.#options.standing([...new Set(bySession.map((one) => one.sessionId))]);
    for (const { webinarId, sessionId, role, socket } of bySession) {
      const session = standing.get(sessionId);
      const now = session && roleIn(session.role, session.webinars.get(webinarId) ?? null);
      if (now !== role) socket.disconnect(true);
    }
  }

  /** How many connections stand by each link. */
  connectionsByLink(webinarId: string): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { claims } of this.#rooms.get(webinarId)?.all() ?? []) {
      counts.set(claims.linkId, (counts.get(claims.linkId) ?? 0) + 1);
    }
    return counts;
  }

  isConnected(connectionId: string): boolean {
    return this.#namespace.sockets.has(connectionId);
  }

  /** To exactly this connection; nothing when it is gone. */
  tell<E extends keyof ServerToPerson>(
    to: MediaCaller,
    event: E,
    ...args: Parameters<ServerToPerson[E]>
  ): void {
    this.#namespace.sockets.get(to.connectionId)?.emit(event, ...args);
  }

  /** About once a second: presence, health, networks, gauges, and rooms nobody is in. */
  tick(): void {
    this.#options.quality.tick();
    const counts = { crew: 0, stage: 0, audience: 0 };
    for (const [webinarId, room] of this.#rooms) {
      if (room.isDeserted) {
        room.close();
        this.#rooms.delete(webinarId);
        continue;
      }
      room.tickTurnout();
      if (room.size === 0) continue;
      room.tickPresence(this.#options.mediaPlane.onStage(webinarId));
      room.tickHealth();
      room.tickQuality();
      for (const viewerClass of VIEWER_CLASSES) counts[viewerClass] += room.count(viewerClass);
    }
    for (const viewerClass of VIEWER_CLASSES) {
      this.#options.metrics.connections.set({ class: viewerClass }, counts[viewerClass]);
    }
  }

  close(): void {
    for (const room of this.#rooms.values()) room.close();
  }

  async #admit(socket: PersonSocket): Promise<Arrived> {
    const { clock, access } = this.#options;
    const nowMs = clock.nowMs();
    const address = this.#options.addressOf(socket.request);
    const buckets = this.#buckets;
    try {
      const admitted = await admit(
        socket.handshake.auth,
        access,
        clock,
        sessionOf(socket.request.headers, this.#options.publicUrl()),
      );
      const { personId, webinarId, role } = admitted.claims;
      // A crowd keeps neither crew nor stage out.
      const waitMs =
        buckets.connect.take(personId, nowMs) ||
        (role === 'attendee' &&
          (buckets.handshakesOfAddress.take(address, nowMs) ||
            buckets.handshakesOfRoom.take(webinarId, nowMs)));
      if (waitMs) throw new Refusal('rate-limited');
      return { ...admitted, address };
    } catch (error) {
      const bad = error instanceof Refusal && error.data.code === 'token-invalid';
      if (bad && buckets.refused.take(address, nowMs) > 0) throw new Refusal('rate-limited');
      throw error;
    }
  }

  #roomOf(state: FoldedState): WebinarRoom {
    let room = this.#rooms.get(state.webinarId);
    if (!room) {
      room = new WebinarRoom({
        namespace: this.#namespace,
        clock: this.#options.clock,
        state,
        turnout: new Turnout({
          clock: this.#options.clock,
          sinceMs: this.#startedMs,
          allowed: this.#options.limits.identity.open,
          state,
        }),
        originUrl: () => this.#options.mediaPlane.originUrl(state.webinarId),
        health: () => ({
          ...this.#options.mediaPlane.health(state.webinarId),
          unattended: this.#options.attendance.asked(state.webinarId),
        }),
        quality: () => this.#options.quality.of(state.webinarId),
      });
      this.#rooms.set(state.webinarId, room);
    }
    return room;
  }

  #connected(socket: PersonSocket, { claims, expiresUnixMs, actor, lastSeq, address }: Arrived): void {
    const { personId, name, role } = claims;
    const request: Request = {
      caller: { personId, name, role },
      claims,
      connectionId: socket.id,
      actor,
      crowd: () => this.#rooms.get(actor.webinarId)?.turnout.crowdOf(personId) ?? NO_CROWD,
    };
    // Removed, revoked or taken over by another writer between the handshake and now: the client tries again and is told.
    if (
      standingOf(actor.state, claims, this.#options.clock.nowUnixMs()) !== 'good' ||
      this.#options.registry.loaded(actor.webinarId) !== actor
    ) {
      socket.conn.close();
      return;
    }
    const room = this.#roomOf(actor.state);
    const countedBy = joinModeOf(actor.state, claims) === 'open' ? address : null;
    const connection = room.add(socket, request.caller, claims, actor, countedBy, lastSeq);
    this.#options.mediaPlane.attended(actor.webinarId);
    this.#options.presence.came({
      webinarId: actor.webinarId,
      ...request.caller,
      ...deviceOf(socket.request.headers['user-agent']),
      region: this.#options.countryOf(socket.request),
    });
    this.#listen(connection, request, expiresUnixMs, address);
    socket.on('disconnect', () => {
      room.remove(connection);
      this.#options.presence.went(actor.webinarId, personId);
      this.#options.quality.happened(mediaCaller(request), 'disconnect');
      this.#options.mediaPlane.disconnected(mediaCaller(request));
    });
    // The newest stay: whoever sits at one that was forgotten somewhere is not there.
    for (const { socket: oldest } of room
      .connectionsOf(personId)
      .slice(0, -this.#options.limits.socketsPerPerson)) {
      oldest.emit('closing', { reason: 'too-many-connections' });
      oldest.disconnect(true);
    }
  }

  #listen({ socket, viewer }: Connection, request: Request, expiresUnixMs: number, address: string): void {
    const { clock, metrics } = this.#options;
    const onStage = isCrew(viewer.role) || STAGE.includes(viewer.role);
    const isGuest = (): boolean => request.actor.state.people.get(viewer.personId)?.guest ?? false;
    let refusals = 0;

    socket.onAny((event: unknown, ...args: unknown[]) => {
      const startMs = clock.nowMs();
      const last = args.at(-1);
      const acknowledge = typeof last === 'function' ? (last as (result: Result<unknown>) => void) : null;
      const inputs = acknowledge ? args.slice(0, -1) : args;
      const command = isCommand(event) ? event : 'unknown';
      const answer = (result: Result<unknown>): void => {
        metrics.commandSeconds.observe(
          { command, outcome: result.ok ? 'ok' : result.error.code },
          (clock.nowMs() - startMs) / 1000,
        );
        acknowledge?.(result);
      };
      const retryAfterMs = this.#waitMs(request, onStage || isGuest(), address, startMs);
      if (retryAfterMs > 0) {
        refusals += 1;
        answer(failed(new RostrumError('rate-limited', 'too many commands; slow down', { retryAfterMs })));
        if (refusals >= REFUSALS_UNTIL_CLOSED) socket.disconnect(true);
        return;
      }
      refusals = 0;
      this.#run(request, event, inputs, expiresUnixMs).then(answer, (error: unknown) =>
        answer(failed(this.#asError(error, request, command))),
      );
    });
  }

  /** 0, or how long the next command has to wait. */
  #waitMs({ caller, actor }: Request, onStage: boolean, address: string, nowMs: number): number {
    const { webinarId } = actor;
    const person = `${webinarId} ${caller.personId}`;
    const buckets = this.#buckets;
    if (onStage) return buckets.stage.take(person, nowMs);
    return (
      buckets.audience.take(person, nowMs) ||
      buckets.commandsOfAddress.take(address, nowMs) ||
      buckets.commandsOfRoom.take(webinarId, nowMs)
    );
  }

  async #run(
    request: Request,
    event: unknown,
    inputs: readonly unknown[],
    expiresUnixMs: number,
  ): Promise<Result<unknown>> {
    if (this.#options.clock.nowUnixMs() >= expiresUnixMs) {
      throw new RostrumError('unauthenticated', 'the link has expired');
    }
    if (inputs.length > 1) throw new RostrumError('bad-input', 'a command takes one input');
    return { ok: true, value: await this.#dispatcher.run(request, event, inputs[0]) };
  }

  #asError(error: unknown, { actor, caller }: Request, command: string): RostrumError {
    if (error instanceof RostrumError) return error;
    this.#options.logger.error(
      { err: error, webinarId: actor.webinarId, personId: caller.personId, command },
      'command failed',
    );
    return new RostrumError('internal', 'something went wrong on the server');
  }
}

const failed = (error: RostrumError): { ok: false; error: Failure } => ({
  ok: false,
  error: error.toFailure(),
});
