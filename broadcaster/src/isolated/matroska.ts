/**
 * A chunk of a track as a file of Matroska (RFC 9559): one track, clusters of about a second that are written whole. Nothing
 * before them says how long the file is, so that it can be read up to where it was torn.
 */
import type { BroadcastSource } from '@rostrum/contracts/node-socket';
import { element, endless, float, readHead, readUnsigned, text, unsigned } from './ebml.ts';

const ID = {
  ebml: 0x1a45dfa3,
  ebmlVersion: 0x4286,
  ebmlReadVersion: 0x42f7,
  maxIdLength: 0x42f2,
  maxSizeLength: 0x42f3,
  docType: 0x4282,
  docTypeVersion: 0x4287,
  docTypeReadVersion: 0x4285,
  void: 0xec,
  segment: 0x18538067,
  info: 0x1549a966,
  timestampScale: 0x2ad7b1,
  duration: 0x4489,
  dateUtc: 0x4461,
  muxingApp: 0x4d80,
  writingApp: 0x5741,
  tracks: 0x1654ae6b,
  trackEntry: 0xae,
  trackNumber: 0xd7,
  trackUid: 0x73c5,
  trackType: 0x83,
  flagLacing: 0x9c,
  name: 0x536e,
  codecId: 0x86,
  codecPrivate: 0x63a2,
  codecDelay: 0x56aa,
  seekPreRoll: 0x56bb,
  video: 0xe0,
  pixelWidth: 0xb0,
  pixelHeight: 0xba,
  audio: 0xe1,
  samplingFrequency: 0xb5,
  channels: 0x9f,
  cluster: 0x1f43b675,
  timestamp: 0xe7,
  simpleBlock: 0xa3,
} as const;

const CODEC_IDS = { VP8: 'V_VP8', VP9: 'V_VP9', H264: 'V_MPEG4/ISO/AVC', OPUS: 'A_OPUS' } as const;
const TICK_NS = 1_000_000;
/** Of a block within its cluster: 16 bits with a sign. */
export const CLUSTER_MOST_MS = 32_767;
/** What is not decoded correctly after a jump into Opus (RFC 7845, 4.6). */
const OPUS_PRE_ROLL_NS = 80_000_000;
/** Matroska counts from here. */
const MILLENNIUM_MS = Date.UTC(2001, 0, 1);

export interface ChunkFormat {
  readonly codec: BroadcastSource['codec'];
  /** Of video. */
  readonly size: { readonly width: number; readonly height: number } | null;
  /** Of H.264: its AVCDecoderConfigurationRecord. */
  readonly codecPrivate: Buffer | null;
}

/** WebM has no H.264. */
export const extensionOf = (codec: BroadcastSource['codec']): 'webm' | 'mkv' =>
  codec === 'H264' ? 'mkv' : 'webm';

/** OpusHead (RFC 7845, 5.1): two channels always, since a stream may go from one to two and back; nothing to skip in its midst. */
const OPUS_HEAD = Buffer.concat([
  Buffer.from('OpusHead'),
  Buffer.from([1, 2, 0, 0, 0x80, 0xbb, 0, 0, 0, 0, 0]),
]);

/** Room for the duration, which is known at the end. */
const durationRoom = (): Buffer => element(ID.void, Buffer.alloc(9));

export interface ChunkHeader {
  readonly bytes: Buffer;
  /** Where `durationBytes` are to be written once the chunk is whole. */
  readonly durationAt: number;
}

export function chunkHeader(format: ChunkFormat, fromUnixMs: number, name: string): ChunkHeader {
  const { codec, size } = format;
  const isVideo = codec !== 'OPUS';
  const ebml = element(
    ID.ebml,
    unsigned(ID.ebmlVersion, 1),
    unsigned(ID.ebmlReadVersion, 1),
    unsigned(ID.maxIdLength, 4),
    unsigned(ID.maxSizeLength, 8),
    text(ID.docType, extensionOf(codec) === 'webm' ? 'webm' : 'matroska'),
    unsigned(ID.docTypeVersion, 4),
    unsigned(ID.docTypeReadVersion, 2),
  );
  const date = Buffer.alloc(8);
  date.writeBigInt64BE(BigInt(Math.round((fromUnixMs - MILLENNIUM_MS) * 1000)) * 1000n);
  const room = durationRoom();
  const info = element(
    ID.info,
    room,
    unsigned(ID.timestampScale, TICK_NS),
    element(ID.dateUtc, date),
    text(ID.muxingApp, 'Rostrum'),
    text(ID.writingApp, 'Rostrum'),
  );
  const privateData = codec === 'OPUS' ? OPUS_HEAD : format.codecPrivate;
  const tracks = element(
    ID.tracks,
    element(
      ID.trackEntry,
      unsigned(ID.trackNumber, 1),
      unsigned(ID.trackUid, 1),
      unsigned(ID.trackType, isVideo ? 1 : 2),
      unsigned(ID.flagLacing, 0),
      text(ID.name, name),
      text(ID.codecId, CODEC_IDS[codec]),
      ...(privateData ? [element(ID.codecPrivate, privateData)] : []),
      ...(isVideo
        ? [
            element(
              ID.video,
              unsigned(ID.pixelWidth, size?.width ?? 0),
              unsigned(ID.pixelHeight, size?.height ?? 0),
            ),
          ]
        : [
            unsigned(ID.codecDelay, 0),
            unsigned(ID.seekPreRoll, OPUS_PRE_ROLL_NS),
            element(ID.audio, float(ID.samplingFrequency, 48_000), unsigned(ID.channels, 2)),
          ]),
    ),
  );
  const before = Buffer.concat([ebml, endless(ID.segment)]);
  return {
    bytes: Buffer.concat([before, info, tracks]),
    durationAt: before.byteLength + info.indexOf(room),
  };
}

export const durationBytes = (durationMs: number): Buffer => float(ID.duration, durationMs);

export interface Block {
  /** Since the chunk's beginning. */
  readonly atMs: number;
  readonly key: boolean;
  readonly data: Buffer;
}

/** @param blocks in order, within `CLUSTER_MOST_MS` of the first */
export function cluster(blocks: readonly Block[]): Buffer {
  const fromMs = Math.round(blocks[0]?.atMs ?? 0);
  const written = blocks.map(({ atMs, key, data }) => {
    const head = Buffer.alloc(4);
    head.writeUInt8(0x81, 0); // track 1
    head.writeInt16BE(Math.round(atMs) - fromMs, 1);
    head.writeUInt8(key ? 0x80 : 0, 3);
    return element(ID.simpleBlock, head, data);
  });
  return element(ID.cluster, unsigned(ID.timestamp, fromMs), ...written);
}

export interface Found {
  /** Bytes up to the end of the last whole cluster; what follows was torn. */
  readonly length: number;
  /** Where the duration is to be, or is; null: the file's beginning is torn. */
  readonly durationAt: number | null;
  /** Of the last block; null: there is none. */
  readonly lastMs: number | null;
  readonly frames: number;
  /** Content of the last block. */
  readonly last: Buffer | null;
}

/** What a process that was killed left of a chunk. */
export function scanChunk(bytes: Buffer): Found {
  let found: Found = { length: 0, durationAt: null, lastMs: null, frames: 0, last: null };
  for (let at = 0; ; ) {
    const head = readHead(bytes, at);
    if (!head) return found;
    if (head.id === ID.segment) {
      at = head.content;
      continue;
    }
    const end = head.content + (head.size ?? Number.POSITIVE_INFINITY);
    if (end > bytes.byteLength) return found;
    if (head.id === ID.info) {
      const first = readHead(bytes, head.content);
      found = {
        ...found,
        durationAt: first?.id === ID.void || first?.id === ID.duration ? head.content : null,
      };
    } else if (head.id === ID.tracks) found = { ...found, length: end };
    else if (head.id === ID.cluster)
      found = { ...found, ...scanCluster(bytes, head.content, end, found), length: end };
    at = end;
  }
}

function scanCluster(
  bytes: Buffer,
  from: number,
  to: number,
  before: Pick<Found, 'lastMs' | 'frames' | 'last'>,
): Pick<Found, 'lastMs' | 'frames' | 'last'> {
  let clusterMs = 0;
  let { lastMs, frames, last } = before;
  for (let at = from; at < to; ) {
    const head = readHead(bytes, at);
    if (!head || head.size === null) break;
    const content = bytes.subarray(head.content, head.content + head.size);
    if (head.id === ID.timestamp) clusterMs = readUnsigned(content);
    else if (head.id === ID.simpleBlock && content.byteLength >= 4) {
      lastMs = clusterMs + content.readInt16BE(1);
      last = content.subarray(4);
      frames += 1;
    }
    at = head.content + head.size;
  }
  return { lastMs, frames, last };
}
