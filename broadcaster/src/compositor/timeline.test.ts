import {
  audioFrameNs,
  audioSnapper,
  FRAME_NS,
  START_GRID_NS,
  startOffsetNs,
  videoSnapper,
} from './timeline.ts';

describe('where a compositor begins', () => {
  test('on the last point where video and audio grids meet, so that its first frames are due at once', () => {
    expect(startOffsetNs(10_000, 10_000, 0)).toBe(0);
    expect(startOffsetNs(11_000, 10_000, 0)).toBe(3 * START_GRID_NS);
    expect(START_GRID_NS % FRAME_NS).toBe(0);
    expect(audioFrameNs(15)).toBe(START_GRID_NS);
  });

  test('never before what its predecessor gave out, and never before zero', () => {
    expect(startOffsetNs(11_000, 10_000, 1_000_000_001)).toBe(4 * START_GRID_NS);
    expect(startOffsetNs(9000, 10_000, 0)).toBe(0);
  });
});

describe('snapping to the grid', () => {
  test('video frames stay on multiples of 40 ms of the channel for hours', () => {
    const offset = 12_345 * START_GRID_NS;
    const snapper = videoSnapper(offset);
    for (let n = 0; n < 1000; n += 1) {
      expect(snapper.snap(n * 40_000_000 + (n % 3) * 1000)).toEqual({
        ptsNs: offset + n * FRAME_NS,
        durationNs: FRAME_NS,
      });
    }
  });

  test('a frame that was left out leaves its place free, one that goes back in time is refused', () => {
    const snapper = videoSnapper(0);
    snapper.snap(0);
    expect(snapper.snap(120_000_000)).toEqual({ ptsNs: 120_000_000, durationNs: FRAME_NS });
    expect(snapper.snap(80_000_000)).toBeNull();
    const audio = audioSnapper(START_GRID_NS);
    expect(audio.snap(0)).not.toBeNull();
    expect(audio.snap(0)).toBeNull();
  });

  test('a mixer that stamps its second frame like its first leaves no hole', () => {
    for (const stamps of [
      [0, 0, 80, 120],
      [0, 0, 40, 80, 160, 200],
    ]) {
      const snapper = videoSnapper(0);
      const placed = stamps.map((ms) => snapper.snap(ms * 1e6));
      expect(placed.map((p) => (p?.ptsNs ?? -1) / 1e6)).toEqual(stamps.map((_, i) => i * 40));
    }
  });

  test('[P11] audio frames lie one frame early, for the priming that a decoder adds, and their sum is exact', () => {
    const offset = 100 * START_GRID_NS;
    const snapper = audioSnapper(offset);
    let end = 0;
    for (let n = 0; n <= 47 * 3600; n += 1) {
      const snapped = snapper.snap(Math.floor((n * 1024 * 1e9) / 48_000));
      if (n === 0) expect(snapped?.ptsNs).toBe(offset - 21_333_333);
      if (n === 1) expect(snapped?.ptsNs).toBe(offset);
      if (n > 0 && snapped?.ptsNs !== end) throw new Error(`frame ${n} does not follow the last one`);
      end = (snapped?.ptsNs ?? 0) + (snapped?.durationNs ?? 0);
    }
    expect(end).toBe(offset + Math.round((47 * 3600 * 1024 * 1e9) / 48_000));
  });
});
