/**
 * Copies to a bucket what says how an ended recording is played: its playlists, what pages are told of it, its poster. They change
 * when it is cut, published or taken back; the media, which never do, are there before. Level-triggered: what is in the folder and is
 * not noted as copied goes up, and what is noted and in the folder no more is removed.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ABOUT_NAME, MULTIVARIANT_NAME, POSTER_NAME, withMediaInPlace } from '../../packager/index.ts';
import { nodeDisk } from '../disk.ts';
import { type Bucket, Copies, type CopiesOptions } from './copies.ts';
import { headersOf, objectNames } from './wanted.ts';

const NOTE_NAME = 'copied.json';
const TYPES: Readonly<Record<string, string>> = {
  [ABOUT_NAME]: 'application/json',
  [POSTER_NAME]: 'image/jpeg',
};

/** By name: the digest of what is in the bucket. */
const Note = z.record(z.string(), z.string());
type Note = z.infer<typeof Note>;

export class ShapeCopies extends Copies {
  constructor(options: CopiesOptions) {
    const words = {
      failing: 'how recordings are played does not reach the bucket, trying again',
      again: 'how recordings are played reaches the bucket again',
      failed: 'how a recording is played could not be copied',
    };
    super(options, words, (channelId, bucket) =>
      copyShape(join(options.archiveDir, channelId), channelId, bucket),
    );
  }
}

async function copyShape(folder: string, channelId: string, bucket: Bucket): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.m3u8') || name in TYPES);
  let note = await noteOf(folder);
  const surplus = Object.keys(note).filter((name) => !names.includes(name));
  const last = (name: string): number => Number(name === MULTIVARIANT_NAME);
  // Whoever finds the multivariant playlist finds the others.
  for (const name of surplus.toSorted((a, b) => last(b) - last(a))) {
    await bucket.remove(objectNames.recording(channelId, name));
    const { [name]: _, ...rest } = note;
    note = rest;
    await keepNote(folder, note);
  }
  for (const name of names.toSorted((a, b) => last(a) - last(b))) {
    const file = await readFile(join(folder, name));
    const bytes = name in TYPES ? file : Buffer.from(withMediaInPlace(file.toString(), channelId));
    const digest = createHash('sha256').update(bytes).digest('hex');
    if (note[name] === digest) continue;
    const headers = headersOf('recording-playlist');
    const contentType = TYPES[name] ?? headers.contentType;
    await bucket.put({ name: objectNames.recording(channelId, name), bytes, ...headers, contentType });
    note = { ...note, [name]: digest };
    await keepNote(folder, note);
  }
}

/** What cannot be read counts as nothing copied: it goes up again. */
async function noteOf(folder: string): Promise<Note> {
  const text = await readFile(join(folder, NOTE_NAME), 'utf8').catch(() => '{}');
  try {
    return Note.parse(JSON.parse(text));
  } catch {
    return {};
  }
}

const keepNote = (folder: string, note: Note): Promise<void> =>
  nodeDisk.replaceFile(join(folder, NOTE_NAME), [Buffer.from(JSON.stringify(note))]);
