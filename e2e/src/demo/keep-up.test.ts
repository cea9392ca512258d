import { keepUp } from './keep-up.ts';
import type { DemoShow, Links } from './show.ts';
import { Teller } from './trouble.ts';

const links: Links = { host: 'h', panelist: 'p', watch: 'w', playlist: 'l' };
type Look = Awaited<ReturnType<DemoShow['look']>>;
const live: Look = { phase: 'live', links };

/** Looks that answer or fail in this order; the demo is stopped after the last. */
async function run(looks: readonly (Look | Error)[]) {
  const stop = new AbortController();
  const said: string[] = [];
  const waits: number[] = [];
  const announced: Links[] = [];
  const left = [...looks];
  await keepUp({
    look: async () => {
      const next = left.shift();
      if (left.length === 0 && next instanceof Error === false && next?.phase !== 'over') stop.abort();
      if (next instanceof Error) throw next;
      return next as Look;
    },
    onLive: (what) => announced.push(what),
    teller: new Teller((_, line) => said.push(line)),
    signal: stop.signal,
    delay: async (ms) => void waits.push(ms),
    random: () => 1,
  });
  return { said, waits, announced };
}

test('the links are told once, when it is live', async () => {
  const { announced } = await run([{ phase: 'preparing', links: null }, live, live, live]);
  expect(announced).toEqual([links]);
});

test('a trouble is one line, told once, and tried again for ever with growing pauses', async () => {
  const away = new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'ECONNREFUSED' }) });
  const { said, waits } = await run([...Array.from({ length: 12 }, () => away), live, live]);
  expect(said).toEqual([
    'the demo cannot go on: the coordinator is not there; trying again in 1 s',
    'the demo goes on',
  ]);
  expect(waits.slice(0, 7)).toEqual([1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
});

test('another trouble is told anew, without its stack', async () => {
  const { said } = await run([new Error('one\n    at somewhere'), new Error('two'), live]);
  expect(said.slice(0, 2)).toEqual([
    'the demo cannot go on: one; trying again in 1 s',
    'the demo cannot go on: two; trying again in 2 s',
  ]);
});

test('a webinar that its host ended stays ended', async () => {
  const { said } = await run([live, { phase: 'over', links: null }]);
  expect(said).toEqual(["the demo's webinar was ended; ./rostrum up --demo begins a new one"]);
});
