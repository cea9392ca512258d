/** All tracks of a channel that are recorded: their sockets, and what becomes of what comes in. */
import type { BroadcastSource } from '@rostrum/contracts/node-socket';
import type { SourceLocal } from '../compositor/messages.ts';
import { protectionFor } from '../compositor/srtp.ts';
import { openUdpPair, type UdpPair } from '../compositor/udp-pair.ts';
import { ChunkFiles, type ChunkFilesOptions } from './chunk-files.ts';
import { trackId } from './manifest.ts';
import type { RecorderStats } from './messages.ts';
import { Track } from './track.ts';
import { TrackJournal } from './track-journal.ts';

const TICK_MS = 100;
/** A disk that takes nothing is not tried with every key frame. */
const RETRY_MS = 2000;

export interface RecorderOptions {
  readonly channelId: string;
  /** The channel's, which is there. */
  readonly folder: string;
  readonly mediaIp: string;
  /** The programme's clock, Unix ms with fractions. Goes forward evenly. */
  readonly nowUnixMs: () => number;
  readonly onChunk: (file: string, byteLength: number) => void;
  readonly log: (level: 'info' | 'warn', message: string, fields: object) => void;
}

interface Recorded {
  readonly track: Track;
  readonly files: ChunkFiles;
  udp: UdpPair | null;
  /** Nothing is written before. */
  heldUntilMs: number;
  /** It could not be written, and no chunk has been since: said once. */
  failing: boolean;
  asking: NodeJS.Timeout | null;
}

export class Recorder {
  readonly #options: RecorderOptions;
  readonly #journal: TrackJournal;
  readonly #sources = new Map<string, Recorded>();
  readonly #timer: NodeJS.Timeout;
  /** Of sources that are gone. */
  readonly #past = { packets: 0, refused: 0, lost: 0, frames: 0, keyFramesAskedFor: 0 };

  private constructor(options: RecorderOptions, journal: TrackJournal) {
    this.#options = options;
    this.#journal = journal;
    this.#timer = setInterval(() => {
      for (const { track } of this.#sources.values()) track.tick(options.nowUnixMs());
    }, TICK_MS);
  }

  /** Rejects with the file system's error. What was there before is gone on with. */
  static async start(options: RecorderOptions): Promise<Recorder> {
    const journal = await TrackJournal.open(options.folder);
    const { channelId } = options;
    await journal.add({ type: 'run', version: 1, channelId, startedUnixMs: options.nowUnixMs() });
    return new Recorder(options, journal);
  }

  /**
   * Adds or replaces a source. @param name of the person, if it is known
   * @throws RostrumError `media-unsupported`, `bad-input` for its protection
   */
  async add(source: BroadcastSource, name: string | null): Promise<SourceLocal> {
    await this.remove(source.sourceId);
    const { protection, local } = protectionFor(source.srtp);
    const { nowUnixMs, mediaIp } = this.#options;
    const recorded: Recorded = {
      track: new Track({
        source,
        protection,
        sendRtcp: (packet) => recorded.udp?.sendRtcp(packet),
        onSteps: (steps) => {
          if (nowUnixMs() < recorded.heldUntilMs) {
            if (steps.length > 0) recorded.track.abandon();
          } else recorded.files.push(steps);
        },
      }),
      files: this.#filesOf(source, name, {
        onChunk: ({ file, byteLength }) => {
          recorded.failing = false;
          this.#options.onChunk(file, byteLength);
        },
        onBroken: (error) => this.#broken(recorded, source, error),
      }),
      udp: null,
      heldUntilMs: 0,
      failing: false,
      asking: null,
    };
    recorded.udp = await openUdpPair({
      ip: mediaIp,
      remote: source.remote,
      onRtp: (packet) => {
        recorded.track.rtp(packet, nowUnixMs());
        this.#askInTime(recorded);
      },
      onRtcp: (packet) => recorded.track.rtcp(packet, nowUnixMs()),
    });
    this.#sources.set(source.sourceId, recorded);
    return { local: recorded.udp.local, srtp: local };
  }

  /** Resolves when all of it is on disk. */
  async remove(sourceId: string): Promise<void> {
    const recorded = this.#sources.get(sourceId);
    if (!recorded) return;
    this.#sources.delete(sourceId);
    recorded.udp?.close();
    if (recorded.asking) clearTimeout(recorded.asking);
    recorded.track.finish(this.#options.nowUnixMs());
    const { counts } = recorded.track;
    this.#past.packets += counts.packets;
    this.#past.refused += counts.refused;
    this.#past.lost += counts.lost;
    this.#past.frames += counts.frames;
    this.#past.keyFramesAskedFor += counts.keyFramesAskedFor;
    await recorded.files.drained();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([...this.#sources.keys()].map((sourceId) => this.remove(sourceId)));
    await this.#journal.close();
  }

  look(): Omit<RecorderStats, 'cpuCores'> {
    const sum = { ...this.#past };
    for (const { track } of this.#sources.values()) {
      sum.packets += track.counts.packets;
      sum.refused += track.counts.refused;
      sum.lost += track.counts.lost;
      sum.frames += track.counts.frames;
      sum.keyFramesAskedFor += track.counts.keyFramesAskedFor;
    }
    return { sources: this.#sources.size, ...sum };
  }

  #filesOf(
    source: BroadcastSource,
    name: string | null,
    on: Pick<ChunkFilesOptions, 'onChunk' | 'onBroken'>,
  ): ChunkFiles {
    const { personId, sourceId, codec } = source;
    const journal = this.#journal;
    const id = trackId(personId, source.source);
    return new ChunkFiles({
      journal,
      title: `${name ?? personId}: ${source.source}`,
      nextName: () => journal.nextName(id),
      beginTake: async () => {
        const take = journal.newTake();
        await journal.add({ type: 'take', take, personId, name, source: source.source, sourceId, codec });
        this.#options.log('info', 'a take began', { take, personId, source: source.source, codec });
        return take;
      },
      ...on,
    });
  }

  #broken(recorded: Recorded, source: BroadcastSource, error: unknown): void {
    const { personId, sourceId } = source;
    recorded.heldUntilMs = this.#options.nowUnixMs() + RETRY_MS;
    recorded.track.abandon();
    if (recorded.failing) return;
    recorded.failing = true;
    const fields = { personId, sourceId, source: source.source, error: String(error) };
    this.#options.log('warn', 'a track could not be written', fields);
  }

  /** The next packet may be long in coming. */
  #askInTime(recorded: Recorded): void {
    const inMs = recorded.track.askInMs(this.#options.nowUnixMs());
    if (inMs === null || recorded.asking) return;
    recorded.asking = setTimeout(() => {
      recorded.asking = null;
      recorded.track.tick(this.#options.nowUnixMs());
      if (recorded.udp) this.#askInTime(recorded);
    }, inMs);
  }
}
