import type { Role, WebinarPhase } from '@rostrum/contracts';
import { holdingOf } from '../media/doors.ts';
import { tracksAreKept } from '../webinars/features/consent/consents.ts';
import { emptyState, type FoldedState, foldAll } from '../webinars/fold.ts';
import { SimCoordinator } from './coordinator.ts';
import { Disk } from './disk.ts';
import { SimBroadcaster, type SimNode, SimSfu } from './nodes.ts';
import { SimPerson } from './people.ts';
import { World } from './world.ts';

const CAST: readonly (readonly [string, Exclude<Role, 'owner'>])[] = [
  ['host', 'host'],
  ['ada', 'panelist'],
  ['bo', 'panelist'],
  ['cy', 'attendee'],
];
const WEBINARS = ['webinar1', 'webinar2'] as const;
/** Everything has settled by then, or never does: rooms and shows that nobody uses are kept for a while. */
const SETTLED_MS = 240_000;
const LOOK_MS = 5000;

/** One random history: what happens, and what is so when it is quiet again. */
export class History {
  readonly world: World;
  readonly disk = new Disk();
  readonly sfus: readonly SimSfu[];
  readonly broadcasters: readonly SimBroadcaster[];
  readonly people: SimPerson[] = [];
  #coordinator: SimCoordinator | null = null;
  #asked = 0;

  constructor(seed: number) {
    this.world = new World(seed);
    const gate = () => this.#coordinator?.gate ?? null;
    const many = this.world.chance(0.4) ? 2 : 1;
    const named = (kind: string) => Array.from({ length: many }, (_, i) => `${kind}${i + 1}`);
    this.sfus = named('sfu').map((id) => new SimSfu(id, this.world, gate));
    this.broadcasters = named('caster').map((id) => new SimBroadcaster(id, this.world, gate));
    for (const webinarId of WEBINARS) {
      for (const [name, role] of CAST) {
        this.people.push(
          new SimPerson({
            personId: `${name}-${webinarId}`,
            webinarId,
            role,
            world: this.world,
            coordinator: () => this.#coordinator,
          }),
        );
      }
    }
  }

  /** Lives it. Answers what is wrong at its end; nothing is what there should be. */
  async live(): Promise<string[]> {
    const { world } = this;
    const { restore } = world.time.install(world.random);
    try {
      for (const webinarId of WEBINARS) {
        const event = {
          type: 'webinar.created',
          title: 'T',
          startsAtUnixMs: null,
          profile: 'standard',
        } as const;
        this.disk.logs.set(webinarId, [{ seq: 1, atUnixMs: 0, event }]);
      }
      await this.#startCoordinator();
      for (const node of this.#nodes) node.start();
      for (const person of this.people) if (world.chance(0.6)) person.come();
      await world.time.pass(2000);
      world.trouble.store = world.chance(0.5) ? 0.05 : 0;
      const steps = 15 + Math.floor(world.random() * 25);
      for (let i = 0; i < steps; i += 1) {
        await this.#step();
        await world.time.pass(world.upTo(2500));
      }
      await this.#makeWell();
      const wrong = await this.#settle(() => this.#wrong());
      if (wrong.length > 0) return wrong;
      for (const person of this.people) person.go();
      return await this.#settle(() => this.#leftBehind());
    } finally {
      this.#coordinator?.kill();
      restore();
    }
  }

  get #nodes(): readonly SimNode[] {
    return [...this.sfus, ...this.broadcasters];
  }

  async #startCoordinator(): Promise<void> {
    this.world.tell('a coordinator starts');
    const coordinator = new SimCoordinator(this.world, this.disk);
    const adopting = coordinator.adopt();
    await Promise.race([adopting, this.world.time.pass(1000)]);
    await this.world.time.pass(500);
    this.#coordinator = coordinator;
  }

  async #step(): Promise<void> {
    const { world } = this;
    const person = world.pick(this.people);
    const ofTheirs = world.pick(this.people.filter((p) => p.webinarId === person.webinarId));
    const act = (what: string, doing: Promise<unknown>): void => {
      world.tell(`${person.personId}: ${what}`);
      doing.catch((error: unknown) => world.fault(error));
    };
    const acts: Readonly<Record<string, readonly [number, () => void | Promise<void>]>> = {
      come: [4, () => person.come()],
      go: [1, () => person.go()],
      drop: [3, () => person.drop()],
      takeStage: [6, () => act('takes the stage', person.takeStage())],
      leaveStage: [1, () => act('leaves the stage', person.leaveStage())],
      ask: [
        4,
        () => {
          this.#asked += 1;
          act('asks', person.ask(`question-${this.#asked}`));
        },
      ],
      goLive: [4, () => act('goes live', person.run('webinar:goLive', {}))],
      openDoors: [3, () => act('opens the doors', person.run('doors:open', {}))],
      closeDoors: [0.7, () => act('closes the doors', person.run('doors:close', {}))],
      bed: [0.7, () => act('sets the music', person.run('doors:rule', { bed: world.chance(0.5) }))],
      end: [1.5, () => act('ends', person.run('webinar:end', {}))],
      onAir: [
        3,
        () =>
          act(
            `${ofTheirs.personId} on air`,
            person.run('air:set', { personId: ofTheirs.personId, onAir: world.chance(0.7) }),
          ),
      ],
      direction: [
        1,
        () => act('directs', person.run('direction:set', { direction: world.pick(['automatic', 'manual']) })),
      ],
      tracks: [1, () => act('sets tracks', person.run('tracks:set', { record: world.chance(0.7) }))],
      consent: [
        4,
        () =>
          act(
            'answers',
            person.run('consent:answer', {
              to: world.pick(['recording', 'tracks']),
              given: world.chance(0.7),
              textVersion: 1,
            }),
          ),
      ],
      remove: [
        0.4,
        () =>
          act(`removes ${ofTheirs.personId}`, person.run('person:remove', { personId: ofTheirs.personId })),
      ],
      cutNode: [1.5, () => world.pick(this.#nodes).cut()],
      killNode: [1.5, () => world.pick(this.#nodes).kill()],
      startNode: [4, () => world.pick(this.#nodes).start()],
      stopNode: [1, () => world.pick(this.#nodes).stop()],
      nodeGoesOn: [3, () => world.pick(this.#nodes).goOn()],
      worker: [0.7, () => world.pick(this.sfus).loseWorker()],
      compositor: [1, () => world.pick(this.broadcasters).loseCompositor()],
      recorder: [1, () => world.pick(this.broadcasters).loseRecorder()],
      coordinator: [0.7, () => this.#restartCoordinator()],
    };
    let at = world.random() * Object.values(acts).reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, run] of Object.values(acts)) {
      at -= weight;
      if (at < 0) return run();
    }
  }

  async #restartCoordinator(): Promise<void> {
    this.#coordinator?.kill();
    this.#coordinator = null;
    await this.world.time.pass(this.world.upTo(5000));
    await this.#startCoordinator();
  }

  async #makeWell(): Promise<void> {
    this.world.tell('everything is well from here on');
    this.world.trouble.store = 0;
    for (const node of this.#nodes) {
      node.goOn();
      node.start();
    }
  }

  /** Looks until nothing is wrong; what is wrong for ever is the answer. */
  async #settle(look: () => string[]): Promise<string[]> {
    for (let passedMs = 0; ; passedMs += LOOK_MS) {
      const wrong = [...this.world.faults, ...look()];
      if (wrong.length === 0 || passedMs >= SETTLED_MS) return wrong;
      await this.world.time.pass(LOOK_MS);
    }
  }

  #wrong(): string[] {
    return WEBINARS.flatMap((webinarId) => {
      const log = this.disk.log(webinarId);
      const state = foldAll(emptyState(webinarId), log);
      return [
        ...log.flatMap(({ seq }, i) => (seq === i + 1 ? [] : [`${webinarId}: ${seq} stands at ${i + 1}`])),
        ...this.#wordsKept(webinarId),
        ...this.#stageAsIs(webinarId),
        ...this.#broadcastAsWanted(state),
      ].map((what) => `${webinarId}: ${what}`);
    });
  }

  #wordsKept(webinarId: string): string[] {
    const kept = this.disk
      .log(webinarId)
      .flatMap(({ event }) => (event.type === 'question.asked' ? [event.questionId] : []));
    const acknowledged = this.people.filter((p) => p.webinarId === webinarId).flatMap((p) => p.acknowledged);
    return [
      ...acknowledged.filter((id) => !kept.includes(id)).map((id) => `${id} was acknowledged, and is lost`),
      ...kept.filter((id, i) => kept.indexOf(id) !== i).map((id) => `${id} is kept twice`),
    ];
  }

  /** Who thinks to be on the stage is, with what they send, and nobody else. */
  #stageAsIs(webinarId: string): string[] {
    const wrong: string[] = [];
    const rooms = this.sfus.filter((sfu) => sfu.rooms.has(webinarId));
    if (rooms.length > 1) wrong.push(`has rooms on ${rooms.map((r) => r.nodeId)}`);
    const inRoom = rooms[0]?.rooms.get(webinarId)?.people ?? new Map<string, Map<string, unknown>>();
    for (const person of this.people.filter((p) => p.webinarId === webinarId)) {
      const sends = [...(inRoom.get(person.personId)?.keys() ?? [])].toSorted();
      const thinks = [...person.producers].toSorted();
      if (String(sends) !== String(thinks))
        wrong.push(`${person.personId} sends ${sends}, and knows of ${thinks}`);
      if (person.connection && person.wantsStage && !person.onStage && this.#mayBeThere(person))
        wrong.push(`${person.personId} does not get to the stage`);
    }
    for (const personId of this.#coordinator?.plane.onStage(webinarId) ?? []) {
      if (!this.people.some((p) => p.personId === personId && p.connection && p.onStage))
        wrong.push(`${personId} is a ghost on the stage`);
    }
    return wrong;
  }

  #mayBeThere({ webinarId, personId }: SimPerson): boolean {
    const state = this.#coordinator?.registry.loaded(webinarId)?.state;
    return state?.people.get(personId)?.removed !== true;
  }

  #broadcastAsWanted(state: FoldedState): string[] {
    const { webinarId, phase } = state;
    const running = this.broadcasters.filter((b) => b.channels.has(webinarId));
    if (phase.phase === 'scheduled' && phase.doors) return this.#heldAsWanted(state, running);
    if (phase.phase !== 'live') {
      const waits =
        phase.phase === 'ended' && phase.recording === 'pending' && phase.channel
          ? ['nobody has asked what was recorded']
          : [];
      const archives = phase.phase === 'ended' ? this.#recordedAsWanted(webinarId, phase) : [];
      return [
        ...running.map((b) => `its channel runs on ${b.nodeId}, and it is ${phase.phase}`),
        ...waits,
        ...archives,
      ];
    }
    // Nobody was there since the coordinator started: it sleeps.
    const sleeps = !this.people.some((p) => p.webinarId === webinarId && p.connection);
    if (running.length > 1) return [`its channel runs ${running.length} times`];
    const channel = running[0]?.channels.get(webinarId);
    if (!channel) return sleeps ? [] : ['is live, and its channel runs nowhere'];
    const wrong: string[] = [];
    if (channel.held) wrong.push('is live, and nothing of it is recorded');
    if (JSON.stringify(channel.scene) !== JSON.stringify(state.scene))
      wrong.push('the picture is of another scene');
    const room = this.sfus.flatMap((sfu) => sfu.rooms.get(webinarId) ?? [])[0];
    const sends = [...(room?.people.values() ?? [])].flatMap((own) => [...own.keys()]).toSorted();
    const mixed = [...channel.sources].toSorted();
    if (String(sends) !== String(mixed)) wrong.push(`the stage sends ${sends}, and ${mixed} is mixed`);
    const carried = (toMix: boolean): string[] =>
      [...(room?.egresses.values() ?? [])]
        .filter(({ carrier }) => (carrier === webinarId) === toMix)
        .map(({ producerId }) => producerId)
        .toSorted();
    if (String(carried(true)) !== String(mixed))
      wrong.push(`${carried(true)} is carried, and ${mixed} is mixed`);
    const agreed = [...(room?.people ?? [])]
      .filter(([personId]) => tracksAreKept(state, personId))
      .flatMap(([, own]) => [...own.keys()])
      .toSorted();
    const kept = [...channel.tracks.keys()].toSorted();
    if (String(kept) !== String(agreed)) wrong.push(`${agreed} is to be kept, and ${kept} is`);
    if (String(carried(false)) !== String(kept))
      wrong.push(`${carried(false)} is carried, and ${kept} is kept`);
    return wrong;
  }

  /** Before the show its channel runs once, with what is shown then, and nobody of the stage in it. */
  #heldAsWanted(state: FoldedState, running: readonly SimBroadcaster[]): string[] {
    const { webinarId } = state;
    const [channel] = running.flatMap((b) => b.channels.get(webinarId) ?? []);
    if (!channel || running.length > 1)
      return [`its doors are open, and its channel runs ${running.length} times`];
    const wrong: string[] = [];
    const { scene, hold } = holdingOf(state, 0);
    if (!channel.held) wrong.push('what is before the show is recorded');
    if (JSON.stringify([channel.scene, channel.bed]) !== JSON.stringify([scene, hold?.bed]))
      wrong.push('before the show something else is shown');
    if (channel.sources.size + channel.tracks.size > 0)
      wrong.push('somebody of the stage is in it before the show');
    return wrong;
  }

  /** Every part of it has its end, and the log says who has the longest. */
  #recordedAsWanted(webinarId: string, phase: Extract<WebinarPhase, { phase: 'ended' }>): string[] {
    const parts = this.broadcasters.filter((b) => b.archive.has(webinarId));
    const open = parts.filter((b) => b.archive.get(webinarId) === 'begun');
    const [longest] = parts.toSorted((a, b) => b.recordedMs - a.recordedMs);
    const wrong = open.map((b) => `what ${b.nodeId} recorded has no end`);
    if (longest && phase.channel && phase.recordedBy?.nodeId !== longest.nodeId)
      wrong.push(`${longest.nodeId} has the longest part, and the log names ${phase.recordedBy?.nodeId}`);
    return wrong;
  }

  /** When everybody is gone. */
  #leftBehind(): string[] {
    return this.sfus.flatMap((sfu) =>
      [...sfu.rooms.keys()].map((id) => `${sfu.nodeId} still has the room of ${id}`),
    );
  }
}
