import { Slices } from './slices.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('slices', () => {
  test('the first runs at once, the others one a turn, and then it is told', async () => {
    const ran: string[] = [];
    const slices = new Slices(() => ran.push('done'));
    slices.start(['a', 'b', 'c'].map((name) => () => ran.push(name)));
    expect(ran).toEqual(['a']);
    expect(slices.busy).toBe(true);
    await turn();
    expect(ran).toEqual(['a', 'b']);
    await turn();
    expect(ran).toEqual(['a', 'b', 'c', 'done']);
    expect(slices.busy).toBe(false);
  });

  test('what is left runs before what starts next, and none runs twice', async () => {
    const ran: string[] = [];
    const slices = new Slices(() => undefined);
    slices.start(['a', 'b'].map((name) => () => ran.push(name)));
    slices.start(['c', 'd'].map((name) => () => ran.push(name)));
    expect(ran).toEqual(['a', 'b', 'c']);
    slices.finish();
    await turn();
    await turn();
    expect(ran).toEqual(['a', 'b', 'c', 'd']);
  });
});
