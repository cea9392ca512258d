import {
  type NodeNotice,
  QUALITY_REPORT_MS,
  RostrumError,
  type SfuInput,
  type SfuOutput,
} from '@rostrum/contracts';
import type { types } from 'mediasoup';
import { MEDIA_CODECS, toldCapabilities } from './codecs.ts';
import { Egress } from './egress.ts';
import { PersonMedia, type RoomPorts } from './person.ts';
import { type SpeakerWatch, watchSpeakers } from './speakers.ts';

export interface RoomOptions {
  readonly roomId: string;
  readonly worker: types.Worker;
  readonly webRtcServer: types.WebRtcServer;
  readonly listenIp: string;
  readonly announcedIp: string | undefined;
  readonly tell: (notice: NodeNotice) => void;
  /** What went wrong after nobody waited for the answer any more. */
  readonly warn: (error: unknown, message: string) => void;
}

export interface RoomCounts {
  readonly people: number;
  readonly transports: number;
  readonly producers: number;
  readonly consumers: number;
  readonly egresses: number;
}

/** A webinar's stage on one router: its people's media, and what goes to the broadcaster. */
export class Room {
  readonly #options: RoomOptions;
  readonly #router: types.Router;
  readonly #people = new Map<string, PersonMedia>();
  readonly #egresses = new Map<string, Egress>();
  readonly #speakers: SpeakerWatch;
  readonly #ports: RoomPorts;

  private constructor(options: RoomOptions, router: types.Router, speakers: SpeakerWatch) {
    this.#options = options;
    this.#router = router;
    this.#speakers = speakers;
    this.#ports = {
      roomId: options.roomId,
      router,
      webRtcServer: options.webRtcServer,
      producer: (producerId) => this.#producer(producerId),
      isOthers: (id, personId) =>
        [...this.#people.values()].some((p) => p.personId !== personId && p.owns(id)),
      watchSpeaker: (producer) => this.#speakers.add(producer),
      tell: options.tell,
      warn: options.warn,
    };
    // Each room at its own moment, so that the questions of many do not come at once.
    const looking = setInterval(() => void this.#tellNetworks(), QUALITY_REPORT_MS);
    looking.unref();
    router.observer.once('close', () => clearInterval(looking));
  }

  static async open(options: RoomOptions): Promise<Room> {
    const { roomId, worker, tell } = options;
    const router = await worker.createRouter({ ...(MEDIA_CODECS ? { mediaCodecs: MEDIA_CODECS } : {}) });
    try {
      const speakers = await watchSpeakers(router, (heard) =>
        tell({ type: 'speakers', roomId, speakers: heard }),
      );
      return new Room(options, router, speakers);
    } catch (error) {
      router.close();
      throw error;
    }
  }

  get id(): string {
    return this.#options.roomId;
  }
  get closed(): boolean {
    return this.#router.closed;
  }
  get router(): types.Router {
    return this.#router;
  }
  /** Counts a microphone among those whose speaking is told. */
  watchSpeaker(producer: types.Producer): Promise<void> {
    return this.#speakers.add(producer);
  }
  rtpCapabilities(): types.RtpCapabilities {
    return toldCapabilities(this.#router.rtpCapabilities);
  }

  /** Where people's packets come from, one for each connection that stands. */
  origins(): types.TransportTuple[] {
    return [...this.#people.values()].flatMap((person) => person.origins);
  }

  counts(): RoomCounts {
    const people = [...this.#people.values()].map((p) => p.counts);
    const sum = (key: 'transports' | 'producers' | 'consumers'): number =>
      people.reduce((n, p) => n + p[key], 0);
    return {
      people: people.length,
      transports: sum('transports'),
      producers: sum('producers'),
      consumers: sum('consumers'),
      egresses: this.#egresses.size,
    };
  }

  /**
   * A person's media. A person is there while they have a transport; `act` on somebody who has none finds nothing of
   * theirs, and is how the first one is made.
   */
  async withPerson<T>(personId: string, act: (person: PersonMedia) => Promise<T> | T): Promise<T> {
    const person = this.#people.get(personId) ?? new PersonMedia(personId, this.#ports);
    this.#people.set(personId, person);
    try {
      return await act(person);
    } finally {
      if (person.empty) this.#people.delete(personId);
    }
  }

  closePerson(personId: string): void {
    this.#people.get(personId)?.close();
    this.#people.delete(personId);
  }

  /** Calls for one producer must come one at a time, so that the last one asked for is the one that stands. */
  async openEgress({
    producerId,
    srtp,
    carrier,
  }: SfuInput<'egress.open'>): Promise<SfuOutput<'egress.open'>> {
    const producer = this.#producer(producerId);
    if (!producer) throw new RostrumError('not-found', 'no such producer in this room');
    const { roomId, listenIp, announcedIp, tell, warn } = this.#options;
    const egress = await Egress.open({
      roomId,
      router: this.#router,
      producer,
      srtp,
      carrier,
      listenIp,
      announcedIp,
      tell,
      warn,
    });
    for (const other of [...this.#egresses.values()]) if (egress.replaces(other)) other.close();
    this.#egresses.set(egress.id, egress);
    egress.onClosed(() => this.#egresses.delete(egress.id));
    return egress.describe();
  }

  /** Throws `not-found`. */
  egress(egressId: string): Egress {
    const egress = this.#egresses.get(egressId);
    if (!egress) throw new RostrumError('not-found', 'no such egress');
    return egress;
  }

  /** Closes everything, silently. Idempotent. */
  close(): void {
    this.#speakers.close();
    for (const person of [...this.#people.values()]) person.close();
    this.#people.clear();
    this.#router.close();
  }

  /** Of whom something is seen. */
  async #tellNetworks(): Promise<void> {
    const looked = await Promise.all([...this.#people.values()].map((person) => person.network()));
    const people = looked.filter(({ send, receive }) => send !== null || receive !== null);
    if (people.length > 0 && !this.closed) this.#options.tell({ type: 'network', roomId: this.id, people });
  }

  #producer(producerId: string): types.Producer | null {
    for (const person of this.#people.values()) {
      const producer = person.producer(producerId);
      if (producer) return producer;
    }
    return null;
  }
}
