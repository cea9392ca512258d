import { keepPlaying, setOutput } from './sound.ts';

class Sound extends EventTarget {
  paused = false;
  inCall = false;
  async play(): Promise<void> {
    if (this.inCall) throw new Error('NotAllowedError');
    this.paused = false;
  }
  call(): void {
    this.inCall = true;
    this.paused = true;
    this.dispatchEvent(new Event('pause'));
  }
}
class Page extends EventTarget {
  visibilityState: DocumentVisibilityState = 'visible';
  turn(visibilityState: DocumentVisibilityState): void {
    this.visibilityState = visibilityState;
    this.dispatchEvent(new Event('visibilitychange'));
  }
}

test('what a phone call silenced is heard again once its owner is back on the page, and not before', () => {
  const [sound, page] = [new Sound(), new Page()];
  keepPlaying(sound, page);
  sound.call();
  expect(sound.paused).toBe(true);
  page.turn('hidden');
  sound.inCall = false;
  page.turn('hidden');
  expect(sound.paused).toBe(true);
  page.turn('visible');
  expect(sound.paused).toBe(false);
});

test('a sound that is no longer wanted stays silent', () => {
  const [sound, page] = [new Sound(), new Page()];
  const stop = keepPlaying(sound, page);
  sound.call();
  sound.inCall = false;
  stop();
  page.turn('visible');
  expect(sound.paused).toBe(true);
});

test('where an output is gone, the sound comes out of the system’s, and that is told', async () => {
  const element = {
    sinkId: 'headset',
    async setSinkId(id: string): Promise<void> {
      if (id === 'gone') throw new Error('NotFoundError');
      element.sinkId = id;
    },
  };
  expect(await setOutput(element, 'gone')).toBe(false);
  expect(element.sinkId).toBe('');
  expect(await setOutput(element, 'headset')).toBe(true);
  expect(element.sinkId).toBe('headset');
  expect(await setOutput(element, null)).toBe(true);
  expect(element.sinkId).toBe('');
  expect(await setOutput({}, 'headset')).toBe(true);
});
