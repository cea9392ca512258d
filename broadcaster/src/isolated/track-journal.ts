/** The journal of a channel's tracks, open for adding to it. */
import { type FileHandle, mkdir, open, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { nodeDisk } from '../archive/disk.ts';
import { readTracks, stateOf, TRACKS_JOURNAL, type TrackEntry, trackLine } from './journal.ts';

export class TrackJournal {
  /** The channel's. */
  readonly folder: string;
  readonly #file: FileHandle;
  #nextTake: number;
  /** By track: the highest number of its files. */
  readonly #numbers: Map<string, number>;
  readonly #synced = new Set<string>();

  private constructor(folder: string, file: FileHandle, nextTake: number, numbers: Map<string, number>) {
    this.folder = folder;
    this.#file = file;
    this.#nextTake = nextTake;
    this.#numbers = numbers;
  }

  /** Makes what is not there. Rejects with the file system's error. @param folder the channel's, which is there */
  static async open(folder: string): Promise<TrackJournal> {
    const path = join(folder, TRACKS_JOURNAL);
    await mkdir(dirname(path), { recursive: true });
    const { takes } = stateOf(await readTracks(path));
    const file = await open(path, 'a');
    await nodeDisk.syncFolder(dirname(path));
    await nodeDisk.syncFolder(folder);
    const numbers = await numbersIn(dirname(path));
    return new TrackJournal(folder, file, Math.max(0, ...takes.keys()) + 1, numbers);
  }

  /** A number that no take of this channel has. */
  newTake(): number {
    this.#nextTake += 1;
    return this.#nextTake - 1;
  }

  /** The next file of a track: no name is used twice, whatever became of the file. */
  nextName(track: string): string {
    const number = (this.#numbers.get(track) ?? 0) + 1;
    this.#numbers.set(track, number);
    return `tracks/${track}/${number}`;
  }

  add(entry: TrackEntry): Promise<void> {
    return this.#file.appendFile(trackLine(entry));
  }

  sync(): Promise<void> {
    return this.#file.datasync();
  }

  /** A track's folder, and once its own name. */
  async syncFolder(track: string): Promise<void> {
    await nodeDisk.syncFolder(join(this.folder, track));
    if (this.#synced.has(track)) return;
    await nodeDisk.syncFolder(join(this.folder, dirname(track)));
    this.#synced.add(track);
  }

  async close(): Promise<void> {
    await this.#file.sync();
    await this.#file.close();
  }
}

async function numbersIn(tracksFolder: string): Promise<Map<string, number>> {
  const numbers = new Map<string, number>();
  for (const one of await readdir(tracksFolder, { recursive: true, withFileTypes: true })) {
    const number = Number(/^([1-9]\d*)\.(?:webm|mkv)$/.exec(one.name)?.[1]);
    if (!one.isFile() || Number.isNaN(number)) continue;
    const track = one.parentPath.slice(one.parentPath.lastIndexOf('/') + 1);
    numbers.set(track, Math.max(numbers.get(track) ?? 0, number));
  }
  return numbers;
}
