import { createTileDemand } from './tile-demand.ts';

describe('what the stage is told of a video’s size', () => {
  test('the tallest place counts, and each change is told once', () => {
    const told: (string | number | null)[][] = [];
    const tiles = createTileDemand((...args) => told.push(args));
    tiles.set('strip', 'ada', 'camera', 180);
    tiles.set('preview', 'ada', 'camera', 720);
    tiles.set('strip', 'ada', 'camera', 200);
    tiles.set('preview', 'ada', 'camera', null);
    tiles.set('strip', 'ada', 'camera', null);
    expect(told).toEqual([
      ['ada', 'camera', 180],
      ['ada', 'camera', 720],
      ['ada', 'camera', 200],
      ['ada', 'camera', null],
    ]);
  });

  test('camera and screen of one person, and two people, are apart', () => {
    const told: (string | number | null)[][] = [];
    const tiles = createTileDemand((...args) => told.push(args));
    tiles.set('a', 'ada', 'camera', 100);
    tiles.set('b', 'ada', 'screen', 300);
    tiles.set('c', 'bob', 'camera', 200);
    tiles.set('b', 'ada', 'screen', null);
    expect(told).toEqual([
      ['ada', 'camera', 100],
      ['ada', 'screen', 300],
      ['bob', 'camera', 200],
      ['ada', 'screen', null],
    ]);
  });

  test('a place that was never shown says nothing', () => {
    const told: unknown[] = [];
    const tiles = createTileDemand((...args) => told.push(args));
    tiles.set('a', 'ada', 'camera', null);
    expect(told).toEqual([]);
  });
});
