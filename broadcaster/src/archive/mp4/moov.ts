/** The head of a progressive MP4 file: everything before its media data. Pure. */
import { AUDIO_SAMPLE_RATE } from '@rostrum/contracts/profile';
import { fileStart } from '../../download/key.ts';
import { ascii, box, concat, fullBox, u16, u32, u64 } from '../../packager/boxes.ts';
import { AUDIO_TRACK_ID, VIDEO_TRACK_ID } from '../../packager/init-segment.ts';
import { VIDEO_TIMESCALE } from '../../packager/ticks.ts';
import { pictureSize } from './descriptions.ts';
import type { TrackTables } from './tables.ts';

export interface Movie {
  readonly key: Uint8Array;
  readonly durationMs: number;
  /** Programme time of its first picture. */
  readonly startsUnixMs: number;
  /** Bytes of media data. */
  readonly dataLength: number;
  readonly video: TrackTables;
  readonly audio: TrackTables;
  /** Where the last sound ends. */
  readonly audioEndTicks: number;
}

const MOVIE_TIMESCALE = 1000;
const MATRIX = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);
/** ISO 639-2 "und". */
const LANGUAGE = 0x55c4;
/** Seconds between 1904 and 1970. */
const EPOCH_1904_S = 2_082_844_800;
const MDAT_HEADER_BYTES = 16;

/** All bytes in front of the media data. */
export function movieHead(movie: Movie): Uint8Array {
  const start = fileStart(movie.key);
  // Offsets count from the file's beginning and have a fixed length: written once to learn how long it is.
  const dataStart = start.byteLength + moov(movie, 0).byteLength + MDAT_HEADER_BYTES;
  const mdat = concat([u32(1), ascii('mdat'), u64(MDAT_HEADER_BYTES + movie.dataLength)]);
  return concat([start, moov(movie, dataStart), mdat]);
}

function moov(movie: Movie, dataStart: number): Uint8Array {
  const { video, audio, durationMs, audioEndTicks } = movie;
  const createdS = Math.floor(movie.startsUnixMs / 1000) + EPOCH_1904_S;
  const duration = Math.round((durationMs * MOVIE_TIMESCALE) / 1000);
  const mvhd = fullBox(
    'mvhd',
    1,
    0,
    concat([u64(createdS), u64(createdS), u32(MOVIE_TIMESCALE), u64(duration), u32(0x10000)]),
    u16(0x0100, 0),
    u32(0, 0),
    MATRIX,
    u32(0, 0, 0, 0, 0, 0),
    u32(AUDIO_TRACK_ID + 1),
  );
  const common = { createdS, duration, dataStart };
  const traks: Uint8Array[] = [];
  if (video.count > 0) {
    const sizes = video.descriptions.map(pictureSize);
    traks.push(
      trak({
        ...common,
        id: VIDEO_TRACK_ID,
        // Of what is to be seen: a lesser rendition that stands in is shown as large.
        width: Math.max(...sizes.map(({ width }) => width)),
        height: Math.max(...sizes.map(({ height }) => height)),
        timescale: VIDEO_TIMESCALE,
        endTicks: Math.round((durationMs * VIDEO_TIMESCALE) / 1000),
        tables: video,
        handler: 'vide',
        header: fullBox('vmhd', 0, 1, u16(0, 0, 0, 0)),
      }),
    );
  }
  if (audio.count > 0) {
    traks.push(
      trak({
        ...common,
        id: AUDIO_TRACK_ID,
        width: 0,
        height: 0,
        timescale: AUDIO_SAMPLE_RATE,
        endTicks: audioEndTicks,
        tables: audio,
        handler: 'soun',
        header: fullBox('smhd', 0, 0, u16(0, 0)),
      }),
    );
  }
  return box('moov', mvhd, ...traks);
}

interface Trak {
  readonly id: number;
  readonly createdS: number;
  /** Of the movie, in its time scale. */
  readonly duration: number;
  readonly dataStart: number;
  readonly width: number;
  readonly height: number;
  readonly timescale: number;
  readonly endTicks: number;
  readonly tables: TrackTables;
  readonly handler: 'vide' | 'soun';
  readonly header: Uint8Array;
}

function trak(one: Trak): Uint8Array {
  const created = concat([u64(one.createdS), u64(one.createdS)]);
  const tkhd = fullBox(
    'tkhd',
    1,
    3, // enabled, in movie
    created,
    u32(one.id, 0),
    u64(one.duration),
    u32(0, 0),
    u16(0, 0, one.handler === 'soun' ? 0x0100 : 0, 0),
    MATRIX,
    u32(one.width << 16, one.height << 16),
  );
  // From the first sample on, and as long as the playlist says: the last frame of sound may be longer.
  const edits = box('edts', fullBox('elst', 0, 0, u32(1, one.duration, 0), u16(1, 0)));
  const mdhd = fullBox('mdhd', 1, 0, created, u32(one.timescale), u64(one.endTicks), u16(LANGUAGE, 0));
  const name = one.handler === 'vide' ? 'video\0' : 'audio\0';
  const hdlr = fullBox('hdlr', 0, 0, u32(0), ascii(one.handler), u32(0, 0, 0), ascii(name));
  const dinf = box('dinf', fullBox('dref', 0, 0, u32(1), fullBox('url ', 0, 1)));
  const stbl = one.tables.stbl(one.endTicks, one.dataStart);
  return box('trak', tkhd, edits, box('mdia', mdhd, hdlr, box('minf', one.header, dinf, stbl)));
}
