import type { MediaNode } from './node-registry.ts';

/**
 * Which broadcaster takes a channel: one that runs it already; else one that is here rather than late, has room, and of
 * these the one with the least to do. One without room is asked too when there is no other: it is what knows, and says so.
 */
export function placeChannel(
  broadcasters: readonly MediaNode[],
  channelId: string,
  except: ReadonlySet<MediaNode> = new Set(),
): MediaNode | null {
  const runs = ({ description, load }: MediaNode): boolean =>
    load.channels.some((c) => c.channelId === channelId) ||
    (description.kind === 'broadcaster' && description.channelIds.includes(channelId));
  const rank = (node: MediaNode): readonly number[] => [
    Number(!runs(node)),
    Number(node.state.is !== 'here'),
    Number(node.load.roomForChannels === 0),
    node.load.loads,
  ];
  const [best] = broadcasters
    .filter((node) => !except.has(node))
    .toSorted((a, b) => {
      const [ofA, ofB] = [rank(a), rank(b)];
      const at = ofA.findIndex((n, i) => n !== ofB[i]);
      return at < 0 ? 0 : (ofA[at] ?? 0) - (ofB[at] ?? 0);
    });
  return best ?? null;
}
