import { EventEmitter } from 'node:events';
import { KeyFrames, PacedConsumer, type PacedConsumerOptions } from './key-frames.ts';

function consumer(): PacedConsumerOptions['consumer'] & { calls: string[] } {
  const calls: string[] = [];
  const call = async (name: string): Promise<void> => void calls.push(name);
  return {
    calls,
    type: 'simulcast',
    closed: false,
    observer: new EventEmitter() as never,
    pause: () => call('pause'),
    resume: () => call('resume'),
    setPreferredLayers: ({ spatialLayer }) => call(`layer ${spatialLayer}`),
  };
}

const never = (error: unknown): never => {
  throw error;
};

describe('KeyFrames', () => {
  let nowMs = 10_000;
  const keyFrames = new KeyFrames(() => nowMs);

  test('a camera that was never asked hears a request at once', () => {
    expect(keyFrames.waitMs()).toBe(0);
  });

  test('while key frames are on their way nobody has to wait: they serve all layers', () => {
    keyFrames.asked();
    nowMs += 40;
    expect(keyFrames.waitMs()).toBe(0);
  });

  test('after they came, the next request waits until the encoder listens again', () => {
    keyFrames.came();
    expect(keyFrames.waitMs()).toBe(280);
    nowMs += 279;
    expect(keyFrames.waitMs()).toBe(1);
    nowMs += 1;
    expect(keyFrames.waitMs()).toBe(0);
  });
});

describe('PacedConsumer', () => {
  /** A camera that gave key frames just now. */
  const deaf = (): KeyFrames => {
    const keyFrames = new KeyFrames();
    keyFrames.asked();
    keyFrames.came();
    return keyFrames;
  };
  const paced = (
    c: PacedConsumerOptions['consumer'],
    keyFrames: KeyFrames | null,
    failed: (error: unknown) => void = never,
  ): PacedConsumer => new PacedConsumer({ consumer: c, keyFrames, opened: true, failed });
  const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

  test('a consumer of sound starts at once', async () => {
    const c = consumer();
    await paced(c, null).update({ paused: false });
    expect(c.calls).toEqual(['resume']);
  });

  test('it begins with its layer, once, when the camera hears', async () => {
    const c = consumer();
    const one = paced(c, deaf());
    await one.update({ paused: false, spatialLayer: 2 });
    expect(c.calls).toEqual([]);
    await one.update({ spatialLayer: 1 });
    await later(400);
    expect(c.calls).toEqual(['layer 1', 'resume']);
  });

  test('a pause is never kept waiting, and what waited before it does not come after it', async () => {
    const c = consumer();
    const one = paced(c, deaf());
    await one.update({ paused: false });
    await one.update({ paused: true });
    await later(400);
    expect(c.calls).toEqual([]);
    await one.update({ paused: false });
    await one.update({ paused: true });
    expect(c.calls).toEqual(['resume', 'pause']);
  });

  test('before its receiver is there it does not begin, whatever is wished, and then with the last wish', async () => {
    const c = consumer();
    const one = new PacedConsumer({ consumer: c, keyFrames: new KeyFrames(), opened: false, failed: never });
    await one.update({ paused: false, spatialLayer: 2 });
    await one.update({ spatialLayer: 1 });
    await later(50);
    expect(c.calls).toEqual([]);
    one.open();
    await later(50);
    expect(c.calls).toEqual(['layer 1', 'resume']);
  });

  test('a layer chosen while it is paused is set at once, since that asks for nothing', async () => {
    const c = consumer();
    await paced(c, deaf()).update({ spatialLayer: 0 });
    expect(c.calls).toEqual(['layer 0']);
  });

  test('nothing is done any more once the consumer is closed', async () => {
    const c = consumer();
    await paced(c, deaf()).update({ paused: false });
    c.observer.emit('close');
    await later(400);
    expect(c.calls).toEqual([]);
  });

  test('an error after a wait is told, and an error without one is thrown', async () => {
    const c = { ...consumer(), resume: () => Promise.reject(new Error('no')) };
    await expect(paced(c, null).update({ paused: false })).rejects.toThrow('no');
    const told: unknown[] = [];
    await paced(c, deaf(), (error) => told.push(error)).update({ paused: false });
    await later(400);
    expect(told).toEqual([new Error('no')]);
  });
});
