import { RostrumError } from '@rostrum/contracts';
import { z } from 'zod';
import { createRpcServer } from './rpc.ts';

const methods = { double: { input: z.object({ n: z.int() }), output: z.int() } };

function serve(double: (n: number) => number, asRostrumError?: (error: unknown) => RostrumError) {
  const observed: string[] = [];
  const internal: RostrumError[] = [];
  const rpc = createRpcServer({
    methods,
    handlers: { double: async ({ n }) => double(n) },
    observe: (method, outcome) => observed.push(`${method} ${outcome}`),
    onInternal: (_method, error) => internal.push(error),
    ...(asRostrumError ? { asRostrumError } : {}),
  });
  return { rpc, observed, internal };
}

describe('calls of the coordinator', () => {
  test('are parsed before anything is done', async () => {
    const { rpc, observed } = serve((n) => n * 2);
    expect(await rpc('double', { n: 2 })).toEqual({ ok: true, value: 4 });
    expect(await rpc('double', { n: 'x' })).toMatchObject({
      ok: false,
      error: { code: 'bad-input', field: 'n' },
    });
    expect(observed).toEqual(['double ok', 'double bad-input']);
  });

  test.each(['triple', 'constructor', '__proto__', 7, null, Symbol('double')])(
    'of an unknown method (%p) are refused, and make no series of metrics of their own',
    async (method) => {
      const { rpc, observed, internal } = serve((n) => n);
      const answer = await rpc(method as string, {});
      expect(answer).toMatchObject({ ok: false, error: { code: 'bad-input', field: 'method' } });
      expect(observed).toEqual(['unknown bad-input']);
      expect(internal).toEqual([]);
    },
  );

  test('fail with the code thrown, and are reported when the fault is ours', async () => {
    const expected = serve(() => {
      throw new RostrumError('conflict', 'twice');
    });
    expect(await expected.rpc('double', { n: 1 })).toMatchObject({ error: { code: 'conflict' } });
    expect(expected.internal).toEqual([]);
    const cause = new Error('broken');
    const broken = serve(() => {
      throw cause;
    });
    expect(await broken.rpc('double', { n: 1 })).toEqual({
      ok: false,
      error: { code: 'internal', message: 'Error: broken' },
    });
    expect(broken.internal).toMatchObject([{ code: 'internal', cause }]);
  });

  test('fail with what the service makes of an error of its library', async () => {
    const { rpc, internal } = serve(
      () => {
        throw new TypeError('cannot');
      },
      (error) => new RostrumError('media-unsupported', String(error)),
    );
    expect(await rpc('double', { n: 1 })).toMatchObject({ error: { code: 'media-unsupported' } });
    expect(internal).toEqual([]);
  });
});
