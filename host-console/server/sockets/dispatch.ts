import {
  badInput,
  type CommandOutput,
  type LinkClaims,
  type PersonCommand,
  personCommands,
  type QualityReport,
  type Role,
  RostrumError,
  type WebinarEvent,
} from '@rostrum/contracts';
import { KeyedQueue } from '@rostrum/service-kit/keyed-queue';
import type { Logger } from 'pino';
import type { MediaCaller, MediaCommand, MediaPlane } from '../media/media-plane.ts';
import type { Clock } from '../ports.ts';
import type { NetworkQuality } from '../quality/network-quality.ts';
import { standingOf } from '../webinars/access.ts';
import type { WebinarActor } from '../webinars/actor.ts';
import type { Attendance } from '../webinars/attendance.ts';
import {
  type Caller,
  isMediaCommand,
  type ParsedCommand,
  type StartingCommand,
} from '../webinars/commands.ts';
import { decide, toggledBy } from '../webinars/decide.ts';
import type { Crowd } from '../webinars/turnout.ts';

/** A command with everything needed to authorise and run it. */
export interface Request {
  readonly caller: Caller;
  readonly claims: LinkClaims;
  readonly connectionId: string;
  readonly actor: WebinarActor;
  /** Who is there now. */
  readonly crowd: () => Crowd;
}

/** What a command that is about no media needs to know. */
export type Actor = Pick<Request, 'caller' | 'actor' | 'crowd'>;

export const isCommand = (event: unknown): event is PersonCommand =>
  typeof event === 'string' && Object.hasOwn(personCommands, event);

/** Going live is answered for within this; what takes longer goes on, and its outcome is shown. */
const GO_LIVE_ANSWER_MS = 12_000;
/** Who does what nobody asked for: ends a webinar that nobody attends, opens the doors in time. */
const NOBODY: Caller = { personId: 'coordinator', name: 'Rostrum', role: 'owner' };

export interface DispatcherOptions {
  readonly mediaPlane: MediaPlane;
  readonly quality: Pick<NetworkQuality, 'report' | 'joined' | 'happened'>;
  readonly attendance: Pick<Attendance, 'keep'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly goLiveAnswerMs?: number | undefined;
}

/** Parse, then authorise, then act. Answers the command's output; throws `RostrumError`. */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  /** Going live, ending and cancelling take turns per webinar: each waits for the other's channel. */
  readonly #phaseTurn = new KeyedQueue();

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  async run(request: Request, event: unknown, input: unknown): Promise<unknown> {
    if (!isCommand(event)) throw new RostrumError('bad-input', 'no such command');
    const parsed = personCommands[event].input.safeParse(input);
    if (!parsed.success) throw badInput(parsed.error);
    this.#authorise(request, event);
    if (isMediaCommand(event)) return this.#media(mediaCaller(request), event, parsed.data);
    // The schema was looked up by the command's name, so name and input belong together.
    await this.act(request, { name: event, input: parsed.data } as ParsedCommand);
    return null;
  }

  async #media(caller: MediaCaller, event: MediaCommand | 'media:quality', input: unknown): Promise<unknown> {
    const { mediaPlane, quality } = this.#options;
    if (event === 'media:quality') {
      quality.report(caller, input as QualityReport);
      return null;
    }
    const answer: unknown = await mediaPlane.handle(caller, event, input as never);
    if (event === 'media:restartIce') quality.happened(caller, 'ice-restart');
    else if (event === 'media:join' && !(answer as CommandOutput<'media:join'>).resumed) {
      quality.joined(caller);
    }
    return answer;
  }

  #authorise({ caller, claims, actor }: Request, command: PersonCommand): void {
    const standing = standingOf(actor.state, claims, this.#options.clock.nowUnixMs());
    if (standing !== 'good') throw new RostrumError('forbidden', `you were ${standing}`);
    const person = actor.state.people.get(caller.personId);
    const roles: readonly Role[] = personCommands[command].roles;
    // A guest counts as a panelist for media, for as long as they are one.
    const asGuest = isMediaCommand(command) && person?.guest === true && roles.includes('panelist');
    if (!asGuest && !roles.includes(caller.role)) {
      throw new RostrumError('forbidden', `${command} is not for the role ${caller.role}`);
    }
  }

  /** What is parsed and authorised already. */
  async act(request: Actor, command: ParsedCommand): Promise<void> {
    const { actor, caller } = request;
    switch (command.name) {
      case 'webinar:goLive':
        await this.#answeredInTime(
          actor.webinarId,
          this.inPhaseTurn(actor.webinarId, () => this.#goLive(request)),
        );
        return;
      case 'doors:open':
        await this.#answeredInTime(actor.webinarId, this.openDoors(actor, caller));
        return;
      case 'doors:close':
        await this.closeDoors(actor, caller);
        return;
      case 'webinar:end':
        await this.#end(actor, caller);
        return;
      case 'webinar:keepLive':
        this.#options.attendance.keep(actor.webinarId);
        return;
      default:
        await actor.submit(
          (state): readonly WebinarEvent[] => decide(state, command, caller, request.crowd()),
          toggledBy(command, caller),
        );
    }
  }

  /** Ends a webinar that nobody attends, as its host would. */
  async endUnattended(actor: WebinarActor): Promise<void> {
    await this.#end(actor, NOBODY);
  }

  #end(actor: WebinarActor, caller: Caller): Promise<unknown> {
    return this.inPhaseTurn(actor.webinarId, () =>
      actor.submit((state) => decide(state, { name: 'webinar:end', input: {} }, caller)),
    );
  }

  /** What is not done in time is answered with `pending`, and not given up. */
  async #answeredInTime(webinarId: string, work: Promise<void>): Promise<void> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      reject(new RostrumError('pending', 'the broadcaster is slow; the webinar goes live when it is ready'));
      work.catch((error: unknown) =>
        this.#options.logger.warn({ err: error, webinarId }, 'a late going live did not come about'),
      );
    }, this.#options.goLiveAnswerMs ?? GO_LIVE_ANSWER_MS);
    try {
      await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Has the channel run before the show. By nobody: by the rule. */
  openDoors(actor: WebinarActor, caller: Caller = NOBODY): Promise<void> {
    return this.inPhaseTurn(actor.webinarId, async () => {
      const { phase } = actor.state;
      if (phase.phase === 'scheduled' && phase.doors) return;
      await this.#withChannel(actor, 'doors:open', caller);
    });
  }

  closeDoors(actor: WebinarActor, caller: Caller = NOBODY): Promise<unknown> {
    return this.inPhaseTurn(actor.webinarId, () =>
      actor.submit((state) => decide(state, { name: 'doors:close', input: {} }, caller)),
    );
  }

  async #goLive({ actor, caller }: Actor): Promise<void> {
    await this.#withChannel(actor, 'webinar:goLive', caller);
  }

  /** The channel runs before the log knows it. */
  async #withChannel(actor: WebinarActor, name: StartingCommand, caller: Caller): Promise<void> {
    // A webinar goes live once: its channel has its id, so that a repeat after a failure finds the channel it started.
    const channelId = actor.webinarId;
    const { mediaPlane } = this.#options;
    const start = name === 'doors:open' ? 'openDoors' : 'startChannel';
    const originUrl =
      actor.state.phase.phase === 'scheduled'
        ? (await mediaPlane[start](actor.webinarId, channelId, actor.state)).originUrl
        : '';
    try {
      await actor.submit((state) => decide(state, { name, channel: { channelId, originUrl } }, caller));
    } catch (error) {
      mediaPlane.withdrawChannel(actor.webinarId);
      throw error;
    }
  }

  inPhaseTurn<T>(webinarId: string, work: () => Promise<T>): Promise<T> {
    return this.#phaseTurn.run(webinarId, work);
  }
}

export const mediaCaller = ({ caller, connectionId, actor }: Request): MediaCaller => ({
  webinarId: actor.webinarId,
  personId: caller.personId,
  connectionId,
});
