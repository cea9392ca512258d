/** Composition of packager, archive and origin notification for one channel. Interface: `interface.ts`. */
import type { ChannelOutput, ChannelOutputOptions } from './interface.ts';

export type * from './interface.ts';

/** Opens (or continues, from its journal) the output of a channel. See `ChannelOutput` for what to feed it. */
export async function createChannelOutput(options: ChannelOutputOptions): Promise<ChannelOutput> {
  throw new Error(`not built yet: ${options.channelId}`);
}
