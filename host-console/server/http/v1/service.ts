import {
  badInput,
  type ChangePlan,
  type ChangeRecording,
  type ChangeWebinarRules,
  folderOf,
  type PageQuery,
  type PersonCommand,
  type PlannedWebinar,
  personCommands,
  type RecordingDownload,
  type RecordingInfo,
  RostrumError,
  type V1Participant,
  type V1ParticipantPage,
  type WebinarPage,
  type WebinarRules,
  type WebinarSummary,
} from '@rostrum/contracts';
import { z } from 'zod';
import { type Bearer, hosts, runs } from '../../identity/rights.ts';
import type { Clock } from '../../ports.ts';
import type { WebinarRepository } from '../../store/index.ts';
import type { Decision } from '../../webinars/actor.ts';
import type { Caller, Decidable, ParsedCommand } from '../../webinars/commands.ts';
import { decide } from '../../webinars/decide.ts';
import { isSentOut, mayBeOnStage } from '../../webinars/features/people/standing.ts';
import { changePlan } from '../../webinars/features/plan/decide.ts';
import type { FoldedState } from '../../webinars/fold.ts';
import { phaseView } from '../../webinars/project.ts';
import { planned } from '../plan-area.ts';
import type { WebinarService } from '../webinar-service.ts';
import { type Cursors, cut } from './cursors.ts';
import { mustMatch } from './etag.ts';

export interface V1ServiceOptions {
  readonly webinars: Pick<WebinarRepository, 'page' | 'find'>;
  readonly service: WebinarService;
  readonly cursors: Cursors;
  readonly clock: Clock;
  /** As a command of the webinar's people would: resolves when what was decided is durable. Throws `not-found`. */
  readonly submit: (webinarId: string, decision: Decision) => Promise<FoldedState>;
  /** The same in turn with going live and ending. */
  readonly submitInTurn: (webinarId: string, decision: Decision) => Promise<FoldedState>;
  readonly command: (webinarId: string, caller: Caller, command: ParsedCommand) => Promise<void>;
  /** The state, also of a webinar that is not in memory: whoever writes it goes on. null: there is none. */
  readonly stateOf: (webinarId: string) => Promise<FoldedState | null>;
  readonly onStage: (webinarId: string) => readonly string[];
  readonly originUrl: (webinarId: string) => string | null;
  /** Files to download, as broadcasters told of them last. */
  readonly downloads: (webinarId: string) => readonly RecordingDownload[];
}

const WebinarPosition = z.tuple([z.number(), z.string()]);
const PersonPosition = z.tuple([z.string()]);

/** What programs ask for. Parsed input and an identified bearer in, contract bodies out; what is decided is decided as for people. */
export class V1Service {
  readonly #o: V1ServiceOptions;

  constructor(options: V1ServiceOptions) {
    this.#o = options;
  }

  webinars(bearer: Bearer, query: PageQuery): Promise<WebinarPage> {
    return this.#page(bearer, query, 'webinars');
  }

  async recordings(bearer: Bearer, query: PageQuery) {
    const { webinars: recordings, next } = await this.#page(bearer, query, 'recordings');
    return { recordings, next };
  }

  async participants(bearer: Bearer, webinarId: string, query: PageQuery): Promise<V1ParticipantPage> {
    const state = await this.#stateFor(bearer, webinarId);
    const list = `participants ${webinarId}`;
    const { cursors } = this.#o;
    const [after] = query.cursor ? cursors.read(list, query.cursor, PersonPosition) : [''];
    const people = [...state.people.values()]
      .filter(({ personId }) => personId > after)
      .toSorted((a, b) => (a.personId < b.personId ? -1 : 1));
    const [page, next] = cut(people, query.limit, (last) => cursors.of(list, [last.personId]));
    const onStage = new Set(this.#o.onStage(webinarId));
    const onAir = new Set(state.scene.onAir.map(({ personId }) => personId));
    const nowUnixMs = this.#o.clock.nowUnixMs();
    const participants = page.map((person): V1Participant => {
      const { personId, name, role, guest, removed, mutedBy } = person;
      return {
        ...{ personId, name, role, guest, muted: mutedBy !== null },
        state: removed ? 'removed' : isSentOut(person, nowUnixMs) ? 'sent-out' : 'admitted',
        ...{ onStage: onStage.has(personId), onAir: onAir.has(personId) },
      };
    });
    return { participants, next };
  }

  /** Everybody who may be heard from the stage and is not of the crew. */
  async muteAll(bearer: Bearer, webinarId: string): Promise<{ muted: number }> {
    this.#authorise(bearer, webinarId, 'person:mute');
    let muted = 0;
    await this.#o.submit(webinarId, (state) => {
      const events = [...state.people.values()]
        .filter((p) => mayBeOnStage(p) && (p.role === 'panelist' || p.guest))
        .flatMap(({ personId }) => decide(state, { name: 'person:mute', input: { personId } }, bearer));
      muted = events.filter(({ type }) => type === 'person.muted').length;
      return events;
    });
    return { muted };
  }

  /** What the control room would do over a socket. Throws what it would be answered. */
  async command(bearer: Bearer, webinarId: string, name: PersonCommand, input: unknown): Promise<void> {
    this.#authorise(bearer, webinarId, name);
    const parsed = personCommands[name].input.safeParse(input);
    if (!parsed.success) throw badInput(parsed.error);
    // The schema was looked up by the command's name, so name and input belong together.
    await this.#o.command(webinarId, bearer, { name, input: parsed.data } as ParsedCommand);
  }

  async rules(bearer: Bearer, webinarId: string): Promise<WebinarRules> {
    return rulesOf(await this.#stateFor(bearer, webinarId));
  }

  async changeRules(
    bearer: Bearer,
    webinarId: string,
    { moderation, mayUnmute, recordTracks }: z.output<typeof ChangeWebinarRules>,
    ifMatch: string | undefined,
  ): Promise<WebinarRules> {
    const commands: Decidable[] = [
      ...(moderation === undefined ? [] : [{ name: 'moderation:set', input: { moderation } } as const]),
      ...(mayUnmute === undefined ? [] : [{ name: 'unmuting:set', input: { mayUnmute } } as const]),
      ...(recordTracks === undefined
        ? []
        : [{ name: 'tracks:set', input: { record: recordTracks } } as const]),
    ];
    return rulesOf(await this.#change(bearer, webinarId, 'moderation:set', commands, rulesOf, ifMatch));
  }

  async plan(bearer: Bearer, webinarId: string): Promise<PlannedWebinar> {
    return planned(await this.#stateFor(bearer, webinarId));
  }

  async changePlan(
    bearer: Bearer,
    webinarId: string,
    change: ChangePlan,
    ifMatch: string | undefined,
  ): Promise<PlannedWebinar> {
    if (!hosts(bearer, webinarId)) {
      throw new RostrumError('forbidden', 'only the owner and the webinar’s host edit it');
    }
    // In turn with going live, which starts a channel by what is planned then.
    const doing = change.profile === undefined ? this.#o.submit : this.#o.submitInTurn;
    const changed = await doing(webinarId, (state) => {
      mustMatch(ifMatch, planEdit(planned(state)));
      return changePlan(state, change);
    });
    return planned(changed);
  }

  async recording(bearer: Bearer, webinarId: string): Promise<RecordingInfo> {
    return this.#recordingOf(await this.#stateFor(bearer, webinarId));
  }

  async changeRecording(
    bearer: Bearer,
    webinarId: string,
    { published, downloads }: z.output<typeof ChangeRecording>,
    ifMatch: string | undefined,
  ): Promise<RecordingInfo> {
    const commands: Decidable[] = [
      ...(published === undefined ? [] : [{ name: 'recording:publish', input: { published } } as const]),
      ...(downloads === undefined
        ? []
        : [{ name: 'recording:wantDownloads', input: { renditions: downloads } } as const]),
    ];
    const changed = await this.#change(
      ...([bearer, webinarId, 'recording:publish', commands, editOf, ifMatch] as const),
    );
    return this.#recordingOf(changed);
  }

  /** What `If-Match` is asked of. */
  recordingEdit({ published, downloads }: RecordingInfo): unknown {
    return { published, downloads: downloads.map(({ rendition }) => rendition) };
  }

  async #page(bearer: Bearer, query: PageQuery, list: 'webinars' | 'recordings'): Promise<WebinarPage> {
    const { webinars, service, cursors } = this.#o;
    const { account } = bearer;
    if (bearer.role !== 'owner' && !account) {
      const own = await this.#find(bearer);
      const told = list === 'webinars' || own.recording !== 'none';
      return { webinars: told ? [own] : [], next: null };
    }
    const rows = await webinars.page({
      limit: query.limit + 1,
      after: query.cursor ? cursors.read(list, query.cursor, WebinarPosition) : null,
      recorded: list === 'recordings',
      of: bearer.role === 'owner' ? null : (account?.accountId ?? null),
    });
    const [page, next] = cut(rows, query.limit, (last) =>
      cursors.of(list, [last.createdUnixMs, last.webinarId]),
    );
    return { webinars: page.map((row) => service.summaryOf(row)), next };
  }

  #find(bearer: Bearer): Promise<WebinarSummary> {
    return this.#o.service.get(bearer, bearer.webinarId);
  }

  /** All of them together, on the state that `ifMatch` was asked of. */
  #change(
    bearer: Bearer,
    webinarId: string,
    right: PersonCommand,
    commands: readonly Decidable[],
    editable: (state: FoldedState) => unknown,
    ifMatch: string | undefined,
  ): Promise<FoldedState> {
    this.#authorise(bearer, webinarId, right);
    return this.#o.submit(webinarId, (state) => {
      mustMatch(ifMatch, editable(state));
      return commands.flatMap((command) => decide(state, command, bearer));
    });
  }

  #authorise(bearer: Bearer, webinarId: string, name: PersonCommand): void {
    const mine = runs(bearer, webinarId);
    const roles: readonly string[] = personCommands[name].roles;
    if (mine && roles.includes(bearer.role)) return;
    throw new RostrumError(
      'forbidden',
      mine ? `not for the role ${bearer.role}` : 'not a webinar of the bearer',
    );
  }

  async #stateFor(bearer: Bearer, webinarId: string): Promise<FoldedState> {
    if (!runs(bearer, webinarId)) throw new RostrumError('forbidden', 'not a webinar of the bearer');
    const state = await this.#o.stateOf(webinarId);
    if (!state) throw new RostrumError('not-found', 'no such webinar');
    return state;
  }

  async #recordingOf(state: FoldedState): Promise<RecordingInfo> {
    const { webinarId, phase, edit } = state;
    const row = await this.#o.webinars.find(webinarId);
    if (!row) throw new RostrumError('not-found', 'no such webinar');
    const { recording, remains, watchUrl } = this.#o.service.summaryOf(row);
    const originUrl = this.#o.originUrl(webinarId);
    const view = phaseView(state, originUrl);
    const ended = phase.phase === 'ended' ? phase : null;
    const base = originUrl ?? ended?.channel?.originUrl ?? null;
    const files = new Map(this.#o.downloads(webinarId).map((file) => [file.rendition, file]));
    return {
      ...{ webinarId, state: recording, remains, published: edit.published, watchUrl },
      durationMs: recording === 'ready' ? (ended?.recordedBy?.durationMs ?? null) : null,
      playlistUrl: view.phase === 'ended' ? view.recordingUrl : null,
      downloads: edit.downloads.map((rendition) => {
        const file = files.get(rendition);
        const ready = file?.state === 'ready' ? file : null;
        const folder = base && `${base.replace(/\/+$/, '')}${folderOf('recordings', webinarId)}`;
        return {
          rendition,
          state: file?.state ?? 'wanted',
          bytes: ready?.bytes ?? null,
          url: ready && folder ? `${folder}/${ready.path}` : null,
        };
      }),
    };
  }
}

/** What `If-Match` is asked of. */
export const planEdit = ({ title, profile, moderation, tracks, plan }: PlannedWebinar): unknown => ({
  ...{ title, profile, moderation, tracks, plan },
});

const rulesOf = ({ moderation, mayUnmute, keepsTracks }: FoldedState): WebinarRules => ({
  moderation,
  mayUnmute,
  recordTracks: keepsTracks,
});

const editOf = ({ edit }: FoldedState): unknown => ({
  published: edit.published,
  downloads: [...edit.downloads],
});
