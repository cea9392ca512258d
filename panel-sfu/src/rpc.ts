import { sfuMethods } from '@rostrum/contracts';
import { KeyedQueue } from '@rostrum/service-kit/keyed-queue';
import { createRpcServer, type Handlers, type RpcObserver, type RpcServer } from '@rostrum/service-kit/rpc';
import type { Egress } from './egress.ts';
import { asRostrumError } from './mediasoup-errors.ts';
import type { PersonMedia } from './person.ts';
import type { Rooms } from './rooms.ts';

export interface RpcOptions extends RpcObserver {
  readonly rooms: Rooms;
}

/** The RPC table over the node's rooms. */
export function createSfuRpc({ rooms, observe, onInternal }: RpcOptions): RpcServer {
  return createRpcServer({
    methods: sfuMethods,
    handlers: createHandlers(rooms),
    asRostrumError: (error) => asRostrumError(error, 'internal'),
    observe,
    onInternal,
  });
}

function createHandlers(rooms: Rooms): Handlers<typeof sfuMethods> {
  // One call at a time per person and per egress: each limit is checked and used in one step.
  const serial = new KeyedQueue();
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
    'egress.open': (input) =>
      serial.run(`egress of ${input.roomId} ${input.producerId}`, () =>
        rooms.get(input.roomId).openEgress(input),
      ),
    'egress.connect': (input) => ofEgress(input, (e) => e.connect(input)),
    'egress.update': (input) => ofEgress(input, (e) => e.update(input)),
    'egress.close': (input) => ofEgress(input, (e) => e.close()),
  };
}
