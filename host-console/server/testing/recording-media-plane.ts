import {
  type CommandInput,
  type CommandOutput,
  type RecordingRemains,
  RostrumError,
  type WebinarState,
} from '@rostrum/contracts';
import type { MediaCaller, MediaCommand, MediaHealth, MediaPlane, WordSide } from '../media/media-plane.ts';

/** A media side that does nothing and writes down what it was asked. Its broadcaster can be switched off. */
export class RecordingMediaPlane implements MediaPlane {
  readonly calls: { readonly what: string; readonly with: readonly unknown[] }[] = [];
  words: WordSide | null = null;
  origin: string | null = 'http://origin.test:8080';
  healthNow: MediaHealth = {
    stage: { is: 'unused' },
    broadcaster: { is: 'unused' },
    shed: [],
    picture: null,
    recording: null,
    withheld: [],
    downloads: [],
    goingLive: null,
  };
  remainsNow: readonly RecordingRemains[] = [];
  /** People on the stage. */
  staged: readonly string[] = ['panelist-1'];
  /** Startings of a channel wait for this. */
  starting: Promise<void> = Promise.resolve();

  of(what: string): readonly (readonly unknown[])[] {
    return this.calls.filter((c) => c.what === what).map((c) => c.with);
  }

  async handle<C extends MediaCommand>(
    caller: MediaCaller,
    command: C,
    input: CommandInput<C>,
  ): Promise<CommandOutput<C>> {
    this.#note('handle', caller, command, input);
    return { answered: command } as unknown as CommandOutput<C>;
  }
  disconnected(caller: MediaCaller): void {
    this.#note('disconnected', caller);
  }
  async dismiss(webinarId: string, personId: string, reason: 'removed' | 'returned'): Promise<void> {
    this.#note('dismiss', webinarId, personId, reason);
  }
  async startChannel(
    webinarId: string,
    channelId: string,
    _state: WebinarState,
  ): Promise<{ originUrl: string }> {
    this.#note('startChannel', webinarId, channelId);
    await this.starting;
    if (!this.origin) throw new RostrumError('no-broadcaster', 'no broadcaster is connected');
    return { originUrl: this.origin };
  }
  async openDoors(webinarId: string, channelId: string): Promise<{ originUrl: string }> {
    this.#note('openDoors', webinarId, channelId);
    await this.starting;
    if (!this.origin) throw new RostrumError('no-broadcaster', 'no broadcaster is connected');
    return { originUrl: this.origin };
  }
  withdrawChannel(webinarId: string): void {
    this.#note('withdrawChannel', webinarId);
  }
  recordingTrouble(): MediaHealth['recording'] {
    return this.healthNow.recording;
  }
  lost(webinarId: string): void {
    this.#note('lost', webinarId);
  }
  attended(webinarId: string): void {
    this.#note('attended', webinarId);
  }
  health(): MediaHealth {
    return this.healthNow;
  }
  /** Logs what a broadcaster would say of the recording. */
  async settle(webinarId: string, recorded: boolean): Promise<void> {
    await this.words?.append(webinarId, () => [{ type: 'webinar.recordingSettled', recorded }]);
  }
  observe(state: WebinarState, event: { type: string }): void {
    this.#note('observe', event.type, state.phase.phase);
  }
  adopt(state: WebinarState): void {
    this.#note('adopt', state.webinarId);
  }
  recordingRemains(): readonly RecordingRemains[] {
    return this.remainsNow;
  }
  withMedia(): readonly string[] {
    return this.staged;
  }
  stageNode(): string | null {
    return this.staged.length > 0 ? 'sfu-of-test' : null;
  }
  holdsMedia({ personId }: MediaCaller): boolean {
    return this.staged.includes(personId);
  }
  onStage(): readonly string[] {
    return this.staged;
  }
  originUrl(): string | null {
    return this.origin;
  }
  readiness(): { sfuNodes: number; broadcasterNodes: number } {
    return { sfuNodes: 1, broadcasterNodes: this.origin ? 1 : 0 };
  }
  async close(): Promise<void> {
    this.#note('close');
  }

  #note(what: string, ...args: unknown[]): void {
    this.calls.push({ what, with: args });
  }
}
