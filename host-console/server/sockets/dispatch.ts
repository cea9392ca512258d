import {
  badInput,
  type PersonCommand,
  personCommands,
  type Role,
  RostrumError,
  type WebinarEvent,
} from '@rostrum/contracts';
import type { MediaCaller, MediaPlane } from '../media/media-plane.ts';
import type { WebinarActor } from '../webinars/actor.ts';
import { type Caller, isMediaCommand, type ParsedCommand } from '../webinars/commands.ts';
import { decide } from '../webinars/decide.ts';

/** A command with everything needed to authorise and run it. */
export interface Request {
  readonly caller: Caller;
  readonly connectionId: string;
  readonly actor: WebinarActor;
}

export const isCommand = (event: unknown): event is PersonCommand =>
  typeof event === 'string' && Object.hasOwn(personCommands, event);

/** Parse, then authorise, then act. Answers the command's output; throws `RostrumError`. */
export class Dispatcher {
  readonly #mediaPlane: MediaPlane;
  /** Going live and ending take turns per webinar: each waits for the other's channel. */
  readonly #phaseTurn = new Map<string, Promise<unknown>>();

  constructor(mediaPlane: MediaPlane) {
    this.#mediaPlane = mediaPlane;
  }

  async run(request: Request, event: unknown, input: unknown): Promise<unknown> {
    if (!isCommand(event)) throw new RostrumError('bad-input', 'no such command');
    const parsed = personCommands[event].input.safeParse(input);
    if (!parsed.success) throw badInput(parsed.error);
    this.#authorise(request, event);
    if (isMediaCommand(event))
      return this.#mediaPlane.handle(mediaCaller(request), event, parsed.data as never);
    // The schema was looked up by the command's name, so name and input belong together.
    await this.#act(request, { name: event, input: parsed.data } as ParsedCommand);
    return null;
  }

  #authorise({ caller, actor }: Request, command: PersonCommand): void {
    const person = actor.state.people.get(caller.personId);
    if (person?.removed) throw new RostrumError('forbidden', 'you were removed');
    const roles: readonly Role[] = personCommands[command].roles;
    // A guest counts as a panelist for media, for as long as they are one.
    const asGuest = isMediaCommand(command) && person?.guest === true && roles.includes('panelist');
    if (!asGuest && !roles.includes(caller.role)) {
      throw new RostrumError('forbidden', `${command} is not for the role ${caller.role}`);
    }
  }

  async #act(request: Request, command: ParsedCommand): Promise<void> {
    const { actor, caller } = request;
    switch (command.name) {
      case 'webinar:goLive':
        await this.#inPhaseTurn(actor.webinarId, () => this.#goLive(request));
        return;
      case 'webinar:end':
        await this.#inPhaseTurn(actor.webinarId, () =>
          actor.submit((state) => decide(state, command, caller)),
        );
        return;
      case 'person:mute':
        decide(actor.state, command, caller);
        await this.#mediaPlane.mute(actor.webinarId, command.input.personId, caller.name);
        return;
      default:
        await actor.submit((state): readonly WebinarEvent[] => decide(state, command, caller));
    }
  }

  async #goLive({ actor, caller }: Request): Promise<void> {
    // A webinar goes live once: its channel has its id, so that a repeat after a failure finds the channel it started.
    const channelId = actor.webinarId;
    const { phase } = actor.state.phase;
    const originUrl =
      phase === 'scheduled'
        ? (await this.#mediaPlane.startChannel(actor.webinarId, channelId, actor.state)).originUrl
        : '';
    await actor.submit((state) =>
      decide(state, { name: 'webinar:goLive', channel: { channelId, originUrl } }, caller),
    );
  }

  #inPhaseTurn<T>(webinarId: string, work: () => Promise<T>): Promise<T> {
    const result = (this.#phaseTurn.get(webinarId) ?? Promise.resolve()).then(work);
    const turn = result
      .catch(() => undefined)
      .then(() => {
        if (this.#phaseTurn.get(webinarId) === turn) this.#phaseTurn.delete(webinarId);
      });
    this.#phaseTurn.set(webinarId, turn);
    return result;
  }
}

export const mediaCaller = ({ caller, connectionId, actor }: Request): MediaCaller => ({
  webinarId: actor.webinarId,
  personId: caller.personId,
  connectionId,
});
