/** CMAF header (init segment): ftyp and moov for one or two tracks, without samples. */
import { AUDIO_BITRATE, AUDIO_SAMPLE_RATE } from '@rostrum/contracts/profile';
import { ascii, box, concat, fullBox, u8, u16, u32 } from './boxes.ts';
import { aacChannels } from './codecs.ts';
import { VIDEO_TIMESCALE } from './ticks.ts';

export interface VideoTrackInit {
  /** `avcC` record. */
  readonly config: Uint8Array;
  readonly width: number;
  readonly height: number;
}

export interface AudioTrackInit {
  /** AudioSpecificConfig. */
  readonly config: Uint8Array;
}

/** Track ids, the same in every init segment and fragment. */
export const VIDEO_TRACK_ID = 1;
export const AUDIO_TRACK_ID = 2;

/** The first sample entry's index. */
const SAMPLE_DESCRIPTION_INDEX = 1;
const UNITY_MATRIX = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);
/** ISO 639-2 "und", five bits a letter. */
const LANGUAGE_UNDETERMINED = 0x55c4;

/** Bytes of the init segment. At least one track. */
export function writeInitSegment(tracks: { video?: VideoTrackInit; audio?: AudioTrackInit }): Uint8Array {
  const { video, audio } = tracks;
  const traks: Uint8Array[] = [];
  const trexes: Uint8Array[] = [];
  if (video) {
    traks.push(videoTrack(video));
    trexes.push(trex(VIDEO_TRACK_ID));
  }
  if (audio) {
    traks.push(audioTrack(audio));
    trexes.push(trex(AUDIO_TRACK_ID));
  }
  return concat([
    box('ftyp', ascii('cmfc'), u32(0), ascii('cmfc'), ascii('iso6'), ascii('mp41')),
    box('moov', mvhd(), ...traks, box('mvex', ...trexes)),
  ]);
}

function mvhd(): Uint8Array {
  return fullBox(
    'mvhd',
    0,
    0,
    u32(0, 0, 1000, 0), // created, modified, timescale, duration (unknown: fragments follow)
    u32(0x10000),
    u16(0x0100, 0),
    u32(0, 0),
    UNITY_MATRIX,
    u32(0, 0, 0, 0, 0, 0),
    u32(AUDIO_TRACK_ID + 1),
  );
}

function trex(trackId: number): Uint8Array {
  return fullBox('trex', 0, 0, u32(trackId, SAMPLE_DESCRIPTION_INDEX, 0, 0, 0));
}

function trak(
  id: number,
  timescale: number,
  size: { width: number; height: number; volume: number },
  handler: { type: string; name: string; header: Uint8Array },
  sampleEntry: Uint8Array,
): Uint8Array {
  const tkhd = fullBox(
    'tkhd',
    0,
    3, // enabled, in movie
    u32(0, 0, id, 0, 0, 0, 0),
    u16(0, 0, size.volume, 0),
    UNITY_MATRIX,
    u32(size.width << 16, size.height << 16),
  );
  const mdhd = fullBox('mdhd', 0, 0, u32(0, 0, timescale, 0), u16(LANGUAGE_UNDETERMINED, 0));
  const hdlr = fullBox('hdlr', 0, 0, u32(0), ascii(handler.type), u32(0, 0, 0), ascii(`${handler.name}\0`));
  const dinf = box('dinf', fullBox('dref', 0, 0, u32(1), fullBox('url ', 0, 1)));
  const stbl = box(
    'stbl',
    fullBox('stsd', 0, 0, u32(1), sampleEntry),
    fullBox('stts', 0, 0, u32(0)),
    fullBox('stsc', 0, 0, u32(0)),
    fullBox('stsz', 0, 0, u32(0, 0)),
    fullBox('stco', 0, 0, u32(0)),
  );
  return box('trak', tkhd, box('mdia', mdhd, hdlr, box('minf', handler.header, dinf, stbl)));
}

function videoTrack(init: VideoTrackInit): Uint8Array {
  const avc1 = box(
    'avc1',
    u8(0, 0, 0, 0, 0, 0),
    u16(1),
    u32(0, 0, 0, 0),
    u16(init.width, init.height),
    u32(0x00480000, 0x00480000, 0), // 72 dpi, reserved
    u16(1), // frames a sample
    new Uint8Array(32), // compressor name
    u16(0x18, 0xffff), // depth, no colour table
    box('avcC', init.config),
    box('pasp', u32(1, 1)),
  );
  return trak(
    VIDEO_TRACK_ID,
    VIDEO_TIMESCALE,
    { width: init.width, height: init.height, volume: 0 },
    { type: 'vide', name: 'video', header: fullBox('vmhd', 0, 1, u16(0, 0, 0, 0)) },
    avc1,
  );
}

function audioTrack(init: AudioTrackInit): Uint8Array {
  const channels = aacChannels(init.config) || 2;
  const mp4a = box(
    'mp4a',
    u8(0, 0, 0, 0, 0, 0),
    u16(1),
    u32(0, 0),
    u16(channels, 16, 0, 0),
    u32(AUDIO_SAMPLE_RATE * 0x10000),
    fullBox('esds', 0, 0, esDescriptor(init.config)),
  );
  return trak(
    AUDIO_TRACK_ID,
    AUDIO_SAMPLE_RATE,
    { width: 0, height: 0, volume: 0x0100 },
    { type: 'soun', name: 'audio', header: fullBox('smhd', 0, 0, u16(0, 0)) },
    mp4a,
  );
}

/** ES_Descriptor of ISO/IEC 14496-1 around an AudioSpecificConfig. */
function esDescriptor(config: Uint8Array): Uint8Array {
  const descriptor = (tag: number, ...payload: Uint8Array[]): Uint8Array => {
    const body = concat(payload);
    return concat([u8(tag, body.byteLength), body]); // bodies are far below 128 bytes: one length byte
  };
  const decoderConfig = descriptor(
    0x04,
    u8(0x40, 0x15, 0, 0, 0), // MPEG-4 audio, audio stream, buffer size not said
    u32(AUDIO_BITRATE, AUDIO_BITRATE),
    descriptor(0x05, config),
  );
  return descriptor(0x03, u16(0), u8(0), decoderConfig, descriptor(0x06, u8(2)));
}
