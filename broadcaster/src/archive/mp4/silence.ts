/** A frame of AAC in which nothing is heard, for moments that have no sound. Pure. */
import { aacChannels } from '../../packager/codecs.ts';

const AAC_LC = 2;

/**
 * raw_data_block of ISO/IEC 14496-3 with no spectrum in it. null for what is not AAC-LC of one or two channels.
 * @param config AudioSpecificConfig
 */
export function silentFrame(config: Uint8Array): Uint8Array | null {
  const channels = aacChannels(config);
  if ((config[0] ?? 0) >> 3 !== AAC_LC || (channels !== 1 && channels !== 2)) return null;
  const bits: string[] = [];
  // Element: a channel alone, or a pair without a common window; its tag.
  bits.push(channels === 1 ? '000' : '001', '0000', channels === 1 ? '' : '0');
  for (let channel = 0; channel < channels; channel += 1) {
    // global_gain; ics_reserved_bit, long window, its shape, max_sfb 0, no prediction; no pulse, no TNS, no gain control.
    bits.push('00000000', '0', '00', '0', '000000', '0', '0', '0', '0');
  }
  bits.push('111'); // end of the block
  const text = bits.join('');
  const bytes = new Uint8Array(Math.ceil(text.length / 8));
  for (let i = 0; i < bytes.byteLength; i += 1) {
    bytes[i] = Number.parseInt(text.slice(i * 8, i * 8 + 8).padEnd(8, '0'), 2);
  }
  return bytes;
}
