import { watchNetworkChange } from './network-change.ts';

/** A browser's global object, as much of it as is looked at. */
function browser(type?: string) {
  const page = new EventTarget();
  const connection = Object.assign(new EventTarget(), { type });
  const own = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  const before = { add: globalThis.addEventListener, remove: globalThis.removeEventListener };
  Object.defineProperty(globalThis, 'navigator', { value: { connection }, configurable: true });
  globalThis.addEventListener = page.addEventListener.bind(page) as typeof before.add;
  globalThis.removeEventListener = page.removeEventListener.bind(page) as typeof before.remove;
  return {
    online: () => page.dispatchEvent(new Event('online')),
    become(now?: string) {
      connection.type = now;
      connection.dispatchEvent(new Event('change'));
    },
    restore() {
      globalThis.addEventListener = before.add;
      globalThis.removeEventListener = before.remove;
      if (own) Object.defineProperty(globalThis, 'navigator', own);
      else Reflect.deleteProperty(globalThis, 'navigator');
    },
  };
}

test('a network is another one when the machine is online again, or by other means; not when it is only slower', () => {
  const it = browser('wifi');
  try {
    let changes = 0;
    const unwatch = watchNetworkChange(() => {
      changes += 1;
    });
    it.online();
    expect(changes).toBe(1);
    it.become('wifi');
    it.become('none');
    expect(changes).toBe(1);
    it.become('cellular');
    expect(changes).toBe(2);
    unwatch();
    it.online();
    it.become('wifi');
    expect(changes).toBe(2);
  } finally {
    it.restore();
  }
});

test('a browser that tells speeds alone has no change to tell, and Node has none at all', () => {
  const it = browser();
  let changes = 0;
  const count = (): void => {
    changes += 1;
  };
  try {
    const unwatch = watchNetworkChange(count);
    it.become();
    unwatch();
  } finally {
    it.restore();
  }
  watchNetworkChange(count)();
  expect(changes).toBe(0);
});
