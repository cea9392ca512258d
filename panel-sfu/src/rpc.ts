import {
  badInput,
  type Result,
  RostrumError,
  type SfuMethod,
  type SfuOutput,
  sfuMethods,
} from '@rostrum/contracts';
import type { z } from 'zod';
import type { Egress } from './egress.ts';
import { asRostrumError } from './mediasoup-errors.ts';
import type { PersonMedia } from './person.ts';
import type { Rooms } from './rooms.ts';
import { Serial } from './serial.ts';

type Parsed<M extends SfuMethod> = z.output<(typeof sfuMethods)[M]['input']>;
type Handlers = { readonly [M in SfuMethod]: (input: Parsed<M>) => Promise<SfuOutput<M>> };

/** Answers one RPC of the coordinator; never throws. */
export type RpcServer = (method: string, params: unknown) => Promise<Result<unknown>>;

export interface RpcOptions {
  readonly rooms: Rooms;
  /** Called for each answered call. `method` is one of `sfuMethods`, or `unknown`. */
  readonly observe: (method: string, outcome: string, seconds: number) => void;
  /** Called with failures that are our own fault. */
  readonly onInternal: (method: string, error: RostrumError) => void;
}

/** The RPC table over the node's rooms: parse, then act; failures are typed. */
export function createRpcServer({ rooms, observe, onInternal }: RpcOptions): RpcServer {
  const handlers = createHandlers(rooms);
  return async (method, params) => {
    const startedMs = performance.now();
    const known = isSfuMethod(method);
    let result: Result<unknown>;
    try {
      if (!known) throw new RostrumError('bad-input', 'unknown method', { field: 'method' });
      result = { ok: true, value: await call(handlers, method, params) };
    } catch (error) {
      const failure = asRostrumError(error, 'internal');
      if (failure.code === 'internal') onInternal(method, failure);
      result = { ok: false, error: failure.toFailure() };
    }
    const outcome = result.ok ? 'ok' : result.error.code;
    observe(known ? method : 'unknown', outcome, (performance.now() - startedMs) / 1000);
    return result;
  };
}

const isSfuMethod = (method: unknown): method is SfuMethod =>
  typeof method === 'string' && Object.hasOwn(sfuMethods, method);

async function call<M extends SfuMethod>(
  handlers: Handlers,
  method: M,
  params: unknown,
): Promise<SfuOutput<M>> {
  const parsed = sfuMethods[method].input.safeParse(params);
  if (!parsed.success) throw badInput(parsed.error);
  return handlers[method](parsed.data as Parsed<M>);
}

function createHandlers(rooms: Rooms): Handlers {
  // One call at a time per person and per egress: each limit is checked and used in one step.
  const serial = new Serial();
  const ofPerson = <T>(
    { roomId, personId }: { roomId: string; personId: string },
    act: (person: PersonMedia) => Promise<T> | T,
  ): Promise<T> =>
    serial.run(`person ${roomId} ${personId}`, () => rooms.get(roomId).withPerson(personId, act));
  const ofEgress = (
    { roomId, egressId }: { roomId: string; egressId: string },
    act: (egress: Egress) => Promise<void> | void,
  ): Promise<null> =>
    serial.run(`egress ${roomId} ${egressId}`, async () => {
      await act(rooms.get(roomId).egress(egressId));
      return null;
    });
  const done = async (work: Promise<void> | void): Promise<null> => {
    await work;
    return null;
  };

  return {
    'room.open': ({ roomId }) => rooms.open(roomId),
    'room.close': ({ roomId }) => done(rooms.close(roomId)),
    'person.close': ({ roomId, personId }) =>
      serial.run(`person ${roomId} ${personId}`, () => done(rooms.find(roomId)?.closePerson(personId))),
    'transport.create': (input) => ofPerson(input, (p) => p.createTransport(input.direction)),
    'transport.connect': (input) =>
      ofPerson(input, (p) => done(p.connectTransport(input.transportId, input.dtlsParameters))),
    'transport.restartIce': (input) => ofPerson(input, (p) => p.restartIce(input.transportId)),
    'producer.create': (input) => ofPerson(input, (p) => p.produce(input)),
    'producer.pause': (input) =>
      ofPerson(input, (p) => done(p.pauseProducer(input.producerId, input.paused))),
    'producer.close': (input) => ofPerson(input, (p) => done(p.closeProducer(input.producerId))),
    'consumer.create': (input) => ofPerson(input, (p) => p.consume(input)),
    'consumer.update': (input) => ofPerson(input, (p) => done(p.updateConsumer(input))),
    'consumer.close': (input) => ofPerson(input, (p) => done(p.closeConsumer(input.consumerId))),
    'egress.open': (input) => rooms.get(input.roomId).openEgress(input),
    'egress.connect': (input) => ofEgress(input, (e) => e.connect(input)),
    'egress.update': (input) => ofEgress(input, (e) => e.update(input)),
    'egress.close': (input) => ofEgress(input, (e) => e.close()),
  };
}
