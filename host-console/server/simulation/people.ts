import { type Role, RostrumError, STAGE } from '@rostrum/contracts';
import type { Connection, SimCoordinator } from './coordinator.ts';
import type { World } from './world.ts';

/** A page waits so long for an answer, ms. */
const PATIENCE_MS = 10_000;

/** A page in somebody's browser: it connects again when it is cut off, and wants back what it had. */
export class SimPerson {
  readonly personId: string;
  readonly webinarId: string;
  readonly role: Exclude<Role, 'owner'>;
  /** On the stage, as far as the page knows. */
  onStage = false;
  wantsStage = false;
  readonly producers = new Set<string>();
  /** Questions it was told are kept. */
  readonly acknowledged: string[] = [];
  connection: { readonly of: SimCoordinator; readonly is: Connection } | null = null;
  readonly #world: World;
  readonly #coordinator: () => SimCoordinator | null;
  #online = false;
  #made = 0;
  #busy = false;
  /** Something of the stage was asked for and never answered: it is begun anew, not resumed. */
  #broken = false;
  #turn = 0;
  #lastSentMs = 0;
  #attempt: Promise<void> = Promise.resolve();

  constructor(options: {
    personId: string;
    webinarId: string;
    role: Exclude<Role, 'owner'>;
    world: World;
    coordinator: () => SimCoordinator | null;
  }) {
    this.personId = options.personId;
    this.webinarId = options.webinarId;
    this.role = options.role;
    this.#world = options.world;
    this.#coordinator = options.coordinator;
  }

  get name(): string {
    return `Name of ${this.personId}`;
  }

  /** Opens the page. */
  come(): void {
    if (this.#online) return;
    this.#online = true;
    void this.#connect();
  }

  /** Closes it. */
  go(): void {
    this.#online = false;
    this.wantsStage = false;
    this.#forgetStage();
    this.#cutOff();
  }

  /** The network drops; the page stays and comes back. */
  drop(): void {
    this.#cutOff();
  }

  async takeStage(): Promise<void> {
    this.wantsStage = STAGE.includes(this.role);
    await this.#stage(false);
  }

  async leaveStage(): Promise<void> {
    this.wantsStage = false;
    this.#turn += 1;
    this.#forgetStage();
    await this.run('media:leave', {});
  }

  async ask(questionId: string): Promise<void> {
    if (await this.run('question:ask', { questionId, text: 'Why?' })) this.acknowledged.push(questionId);
  }

  /** Whether it was answered well, to this page. Refusals are what they are; anything else is a fault of ours. */
  async run(command: string, input: unknown): Promise<boolean> {
    return (await this.#run(command, input)) !== undefined;
  }

  told(connectionId: string, event: string, body: unknown): void {
    if (this.connection?.is.connectionId !== connectionId || event !== 'media.reset') return;
    this.#turn += 1;
    this.#forgetStage();
    const { reason } = body as { reason: string };
    if (reason === 'removed' || reason === 'replaced') this.wantsStage = false;
    else this.#later(() => this.#stage(false));
  }

  /** The connection is gone, whoever cut it. */
  cut(connectionId: string): void {
    if (this.connection?.is.connectionId !== connectionId) return;
    this.connection = null;
    this.#later(() => this.#connect());
  }

  #cutOff(): void {
    const { connection } = this;
    if (!connection) return;
    this.connection = null;
    // What the page knows at once reaches the coordinator a moment later, or much later.
    this.#world.time.after(this.#world.upTo(3000), () =>
      connection.of.disconnect(connection.is.connectionId),
    );
    this.#later(() => this.#connect());
  }

  #later(act: () => Promise<void>): void {
    this.#world.time.after(100 + this.#world.upTo(2000), () => {
      if (this.#online) void act();
    });
  }

  async #connect(): Promise<void> {
    const coordinator = this.#coordinator();
    if (!this.#online || this.connection || this.#busy) return;
    if (!coordinator) return this.#later(() => this.#connect());
    this.#busy = true;
    this.#made += 1;
    const connectionId = `${this.personId}-c${this.#made}`;
    try {
      const connecting = coordinator.connect(this, connectionId);
      const is = await Promise.race([connecting, this.#world.time.delay(PATIENCE_MS)]);
      if (!is) {
        // One that comes after all finds nobody.
        connecting.then(
          () => coordinator.disconnect(connectionId),
          () => undefined,
        );
        throw new RostrumError('unavailable', 'no answer');
      }
      if (!coordinator.connections.has(connectionId)) throw new RostrumError('unavailable', 'cut off again');
      this.connection = { of: coordinator, is };
      if (!this.#online) this.#cutOff();
      else if (this.wantsStage) await this.#stage(this.onStage);
    } catch (error) {
      if (!(error instanceof RostrumError)) return this.#world.fault(error);
      if (error.code === 'forbidden') {
        this.#online = false;
        this.wantsStage = false;
        this.#forgetStage();
      }
    } finally {
      this.#busy = false;
    }
    // Whatever happened while it was being connected.
    if (this.#online && !this.connection) this.#later(() => this.#connect());
  }

  /** One attempt at a time; a later wish makes the one under way give up. */
  #stage(resume: boolean): Promise<void> {
    this.#turn += 1;
    const turn = this.#turn;
    this.#attempt = this.#attempt.then(() => this.#tryStage(resume, turn));
    return this.#attempt;
  }

  async #tryStage(resume: boolean, turn: number): Promise<void> {
    const { connection } = this;
    const over = (): boolean => this.connection !== connection || this.#turn !== turn;
    if (!this.wantsStage || !connection || over()) return;
    const joined = (await this.#run('media:join', { resume: resume && !this.#broken })) as
      | { resumed: boolean }
      | undefined;
    if (over()) return;
    if (!joined) return this.#later(() => this.#stage(false));
    if (joined.resumed) return;
    this.#forgetStage();
    this.onStage = true;
    // Until everything is answered: what an answer was lost of is not known here, and stands there.
    this.#broken = true;
    for (const source of ['camera', 'mic'] as const) {
      const kind = source === 'mic' ? 'audio' : 'video';
      const input = { transportId: 'transport1', kind, source, rtpParameters: {} };
      const made = (await this.#run('media:produce', input)) as { producerId: string } | undefined;
      if (over() || !this.onStage) return;
      if (!made) return this.#later(() => this.#stage(false));
      this.producers.add(made.producerId);
    }
    this.#broken = false;
  }

  #forgetStage(): void {
    this.onStage = false;
    this.producers.clear();
  }

  /** undefined: refused, or not answered to this page. */
  async #run(command: string, input: unknown): Promise<unknown> {
    const { connection } = this;
    if (!connection) return undefined;
    // Nothing overtakes on a connection.
    const { time } = this.#world;
    this.#lastSentMs = Math.max(this.#lastSentMs, time.nowMs + this.#world.upTo(40));
    await time.delay(this.#lastSentMs - time.nowMs);
    if (!connection.of.alive || !connection.of.connections.has(connection.is.connectionId)) return undefined;
    try {
      const answer = await Promise.race([
        connection.of.run(connection.is, command, input).then((value) => ({ value })),
        this.#world.time.delay(PATIENCE_MS),
      ]);
      if (!answer) return undefined;
      await this.#world.time.delay(this.#world.upTo(40));
      return this.connection === connection && connection.of.alive ? answer.value : undefined;
    } catch (error) {
      if (!(error instanceof RostrumError) || error.code === 'internal') this.#world.fault(error);
      return undefined;
    }
  }
}
