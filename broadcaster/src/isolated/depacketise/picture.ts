/** A coded frame as a container takes it. */
export interface Coded {
  readonly data: Buffer;
  /** Decoding can begin here. */
  readonly key: boolean;
  /** Of a key frame of video. */
  readonly size: { readonly width: number; readonly height: number } | null;
  /** Of a key frame of H.264: its AVCDecoderConfigurationRecord. */
  readonly codecPrivate: Buffer | null;
}

/** From the payloads of one picture, in order and whole, to its frame; null: they are none. */
export type Assemble = (payloads: readonly Buffer[]) => Coded | null;
