/** VP9 (RFC 9628) in one spatial layer, which is all that a stage sends. */
import { lookAtVp9, readDescriptor } from '../../compositor/guard/vp9-header.ts';
import type { Assemble } from './picture.ts';

/** Nothing is decoded here: how large pictures are does no harm. */
const NO_CAP = { longSide: 65_536, shortSide: 65_536 };

export const assembleVp9: Assemble = (payloads) => {
  const pieces: Buffer[] = [];
  for (const [i, payload] of payloads.entries()) {
    const descriptor = readDescriptor(payload);
    if (!descriptor || descriptor.spatialLayer > 0 || descriptor.begins !== (i === 0)) return null;
    pieces.push(payload.subarray(descriptor.bytes));
  }
  const look = payloads[0] ? lookAtVp9(payloads[0], false, NO_CAP) : null;
  if (!look || look.is === 'refused') return null;
  const size = look.is === 'key' ? { width: look.width, height: look.height } : null;
  return { data: Buffer.concat(pieces), key: size !== null, size, codecPrivate: null };
};
