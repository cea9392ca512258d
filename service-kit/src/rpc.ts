import { badInput, type Result, RostrumError } from '@rostrum/contracts';
import type { z } from 'zod';

/** Answers one RPC of the coordinator; never throws. */
export type RpcServer = (method: string, params: unknown) => Promise<Result<unknown>>;

/** A table of calls as in contracts (`sfuMethods`, `broadcasterMethods`). */
type Methods = Readonly<Record<string, { readonly input: z.ZodType; readonly output: z.ZodType }>>;
export type Handlers<M extends Methods> = {
  readonly [K in keyof M]: (input: z.output<M[K]['input']>) => Promise<z.output<M[K]['output']>>;
};

/** What a service may want to know about its calls. */
export interface RpcObserver {
  /** Called for each answered call. `method` is one of the table, or `unknown`. */
  readonly observe: (method: string, outcome: string, seconds: number) => void;
  /** Called with failures that are our own fault. */
  readonly onInternal: (method: string, error: RostrumError) => void;
}

export interface RpcOptions<M extends Methods> extends RpcObserver {
  readonly methods: M;
  readonly handlers: Handlers<M>;
  /** What an error that a handler threw is to the coordinator. Default: `internal`. */
  readonly asRostrumError?: (error: unknown) => RostrumError;
}

/** Serves a table of calls: parse, then act; failures are typed. */
export function createRpcServer<M extends Methods>(options: RpcOptions<M>): RpcServer {
  const { methods, handlers, asRostrumError = internal, observe, onInternal } = options;
  const isMethod = (method: unknown): method is keyof M & string =>
    typeof method === 'string' && Object.hasOwn(methods, method);

  async function call<K extends keyof M>(method: K, params: unknown): Promise<z.output<M[K]['output']>> {
    const { input }: M[K] = methods[method];
    const parsed = input.safeParse(params);
    if (!parsed.success) throw badInput(parsed.error);
    return handlers[method](parsed.data as z.output<M[K]['input']>);
  }

  return async (method, params) => {
    const startedMs = performance.now();
    const known = isMethod(method);
    let result: Result<unknown>;
    try {
      if (!known) throw new RostrumError('bad-input', 'unknown method', { field: 'method' });
      result = { ok: true, value: await call(method, params) };
    } catch (error) {
      const failure = error instanceof RostrumError ? error : asRostrumError(error);
      if (failure.code === 'internal') onInternal(String(method), failure);
      result = { ok: false, error: failure.toFailure() };
    }
    const outcome = result.ok ? 'ok' : result.error.code;
    observe(known ? method : 'unknown', outcome, (performance.now() - startedMs) / 1000);
    return result;
  };
}

const internal = (error: unknown): RostrumError =>
  new RostrumError('internal', String(error), { cause: error });
