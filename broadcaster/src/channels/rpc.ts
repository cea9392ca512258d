import { broadcasterMethods } from '@rostrum/contracts/node-socket';
import { createRpcServer, type RpcObserver, type RpcServer } from '@rostrum/service-kit/rpc';
import type { Deletions } from '../archive/delete/deletions.ts';
import type { Channels } from './channels.ts';

export interface RpcOptions extends RpcObserver {
  readonly channels: Channels;
  readonly deletions: Pick<Deletions, 'want'>;
}

/** The RPC table over the channels. */
export function createBroadcasterRpc({ channels, deletions, observe, onInternal }: RpcOptions): RpcServer {
  return createRpcServer({
    methods: broadcasterMethods,
    handlers: {
      'channel.start': (input) => channels.start(input),
      'channel.scene': async ({ channelId, scene }) => {
        await channels.get(channelId).setScene(scene);
        return null;
      },
      'source.add': ({ channelId, source }) => channels.get(channelId).addSource(source),
      'source.remove': async ({ channelId, sourceId }) => {
        await channels.get(channelId).removeSource(sourceId);
        return null;
      },
      'track.add': ({ channelId, source, personName }) =>
        channels.get(channelId).tracks.add(source, personName ?? null),
      'track.remove': async ({ channelId, sourceId }) => {
        await channels.get(channelId).tracks.remove(sourceId);
        return null;
      },
      'channel.stop': async ({ channelId }) => {
        await channels.stop(channelId);
        return null;
      },
      'channel.end': ({ channelId }) => channels.end(channelId),
      'recording.delete': async ({ channelId }) => ({ left: [...(await deletions.want(channelId))] }),
      'recording.shape': async ({ channelId, shape }) => ({
        revision: await channels.shape(channelId, shape),
      }),
    },
    observe,
    onInternal,
  });
}
