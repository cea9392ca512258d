import {
  GenericNack,
  PictureLossIndication,
  type RtcpPacket,
  RtcpPayloadSpecificFeedback,
  RtcpTransportLayerFeedback,
} from 'werift';
import type { VideoFrame } from './clip.ts';
import type { MediaSink } from './media.ts';
import { Outbox } from './outbox.ts';
import type { PacedTask, Pacer } from './pacer.ts';
import { audioLevel, ntpTimestamp, vp8Payloads } from './rtp.ts';
import type { OutgoingStream } from './stream.ts';

export interface SendingOptions {
  readonly camera: readonly OutgoingStream[];
  readonly mic: OutgoingStream;
  readonly levelExtensionId: number | null;
  readonly pacer: Pacer;
  readonly send: (packet: Buffer) => void;
  readonly sendRtcp: (packets: RtcpPacket[]) => void;
  /** Unix time of the pacer's clock's zero, milliseconds: one for all streams, whatever happens to the system's clock. */
  readonly originUnixMs: number;
}

const REPORT_EVERY_MS = 1000;

/** The streams of one stay on the stage: media in, packets out, and what the receiver asks for. */
export class Sending implements MediaSink, PacedTask {
  readonly #options: SendingOptions;
  readonly #outbox: Outbox;
  readonly #leave: () => void;
  readonly #pictures: { pictureId: number; tl0PictureIndex: number }[];
  muted = false;
  dueMs: number;

  constructor(options: SendingOptions) {
    this.#options = options;
    this.#outbox = new Outbox(options.pacer, options.send);
    this.#pictures = options.camera.map(() => ({ pictureId: 0, tl0PictureIndex: 0 }));
    // At once: an SFU can change layers only when it has had a report of both.
    this.dueMs = options.pacer.nowMs();
    this.#leave = options.pacer.add(this);
  }

  video(layer: number, { data }: VideoFrame, capturedMs: number): void {
    const stream = this.#options.camera[layer];
    const position = this.#pictures[layer];
    if (!stream || !position) return;
    this.#outbox.push(stream.packets(vp8Payloads(data, position), capturedMs, true));
    position.pictureId = (position.pictureId + 1) % 0x8000;
    position.tl0PictureIndex = (position.tl0PictureIndex + 1) % 0x100;
  }

  audio(packet: Buffer, capturedMs: number, dbov?: number): void {
    if (this.muted) return;
    const { mic, levelExtensionId, send } = this.#options;
    const extension =
      levelExtensionId === null || dbov === undefined
        ? undefined
        : { id: levelExtensionId, payload: audioLevel(dbov) };
    // Sound does not wait behind a key frame.
    for (const sealed of mic.packets([packet], capturedMs, false, extension)) send(sealed);
  }

  /** Sender reports of all streams. */
  run(nowMs: number): void {
    const ntp = ntpTimestamp(this.#options.originUnixMs + nowMs);
    for (const stream of [...this.#options.camera, this.#options.mic]) {
      this.#options.sendRtcp(stream.report(nowMs, ntp));
    }
    this.dueMs = nowMs + REPORT_EVERY_MS;
  }

  /** @returns the layer of which a key frame is wanted; null: something else was asked, and done */
  feedback(packet: RtcpPacket): number | null {
    const { camera, send } = this.#options;
    const layerOf = (ssrc: number): number => camera.findIndex((stream) => stream.ssrc === ssrc);
    if (packet instanceof RtcpTransportLayerFeedback && packet.feedback instanceof GenericNack) {
      const stream = camera[layerOf(packet.feedback.mediaSourceSsrc)];
      for (const sequence of packet.feedback.lost) {
        const again = stream?.again(sequence);
        if (again) send(again);
      }
    }
    if (packet instanceof RtcpPayloadSpecificFeedback && packet.feedback instanceof PictureLossIndication) {
      const layer = layerOf(packet.feedback.mediaSsrc);
      return layer < 0 ? null : layer;
    }
    return null;
  }

  close(): void {
    this.#leave();
    this.#outbox.close();
  }
}
