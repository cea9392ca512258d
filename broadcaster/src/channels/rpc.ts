import type { Result } from '@rostrum/contracts/errors';
import { badInput, RostrumError } from '@rostrum/contracts/errors';
import {
  type BroadcasterMethod,
  type BroadcasterOutput,
  broadcasterMethods,
} from '@rostrum/contracts/node-socket';
import type { z } from 'zod';
import type { Channels } from './channels.ts';

type Parsed<M extends BroadcasterMethod> = z.output<(typeof broadcasterMethods)[M]['input']>;
type Handlers = { readonly [M in BroadcasterMethod]: (input: Parsed<M>) => Promise<BroadcasterOutput<M>> };

/** Answers one RPC of the coordinator; never throws. */
export type RpcServer = (method: string, params: unknown) => Promise<Result<unknown>>;

export interface RpcOptions {
  readonly channels: Channels;
  /** Called for each answered call. `method` is one of `broadcasterMethods`, or `unknown`. */
  readonly observe: (method: string, outcome: string, seconds: number) => void;
  /** Called with failures that are our own fault. */
  readonly onInternal: (method: string, error: unknown) => void;
}

/** The RPC table over the channels: parse, then act; failures are typed. */
export function createRpcServer({ channels, observe, onInternal }: RpcOptions): RpcServer {
  const handlers: Handlers = {
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
    'channel.end': ({ channelId }) => channels.end(channelId),
  };
  return async (method, params) => {
    const startedMs = performance.now();
    const known = isMethod(method);
    let result: Result<unknown>;
    try {
      if (!known) throw new RostrumError('bad-input', 'unknown method', { field: 'method' });
      result = { ok: true, value: await call(handlers, method, params) };
    } catch (error) {
      if (!(error instanceof RostrumError) || error.code === 'internal') onInternal(String(method), error);
      const failure = error instanceof RostrumError ? error : new RostrumError('internal', String(error));
      result = { ok: false, error: failure.toFailure() };
    }
    const outcome = result.ok ? 'ok' : result.error.code;
    observe(known ? method : 'unknown', outcome, (performance.now() - startedMs) / 1000);
    return result;
  };
}

const isMethod = (method: unknown): method is BroadcasterMethod =>
  typeof method === 'string' && Object.hasOwn(broadcasterMethods, method);

async function call<M extends BroadcasterMethod>(
  handlers: Handlers,
  method: M,
  params: unknown,
): Promise<BroadcasterOutput<M>> {
  const parsed = broadcasterMethods[method].input.safeParse(params);
  if (!parsed.success) throw badInput(parsed.error);
  return handlers[method](parsed.data as Parsed<M>);
}
