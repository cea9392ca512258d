import {
  countdownText,
  discColour,
  initials,
  lowerThirdShapes,
  plateShapes,
  type Shape,
  slideShapes,
  type TextShape,
  tileShapes,
  wordsOf,
  wrapWords,
} from './cards.ts';
import { layoutScene } from './layout.ts';
import { CANVAS } from './profile.ts';
import { emptyScene, LayoutName, MAX_ON_AIR, type Scene } from './scene.ts';

const texts = (shapes: readonly Shape[]): TextShape[] =>
  shapes.flatMap((s) => (s.kind === 'text' ? [s] : []));
/** No letter reaches higher above its baseline, or deeper below it. */
const above = (t: TextShape) => t.y - t.size * 0.8;
const below = (t: TextShape) => t.y + t.size * 0.26;
/** As Latin letters are wide on average. */
const roughWidth = (t: TextShape) => t.text.length * t.size * 0.55;

describe('words', () => {
  test('initials are of the first and last word, whole characters, and there always are some', () => {
    expect(initials('Ada Lovelace')).toBe('AL');
    expect(initials('  ada  king  lovelace ')).toBe('AL');
    expect(initials('Øystein')).toBe('Ø');
    expect(initials('𝒳enia')).toBe('𝒳');
    expect(initials('(she/her) Émile')).toBe('SÉ');
    expect(initials('!!!')).toBe('?');
    expect(initials('')).toBe('?');
  });

  test('a countdown shows hours only when there are some, and stays at zero', () => {
    expect(countdownText(245_000, 0)).toBe('4:05');
    expect(countdownText(3_729_000, 0)).toBe('1:02:09');
    expect(countdownText(1000, 1)).toBe('0:01');
    expect(countdownText(0, 5000)).toBe('0:00');
  });

  test('long titles break between words, into no more lines than there is room for', () => {
    expect(wrapWords('one two three four', 8, 2)).toEqual(['one two', 'three four']);
    expect(wrapWords('', 8, 2)).toEqual([]);
    expect(wrapWords('unbreakable-but-long', 8, 2)).toEqual(['unbreakable-but-long']);
  });

  test('a person has one colour, and a stage full of people has several', () => {
    const ids = Array.from({ length: MAX_ON_AIR }, (_, i) => `person${i}`);
    const colours = ids.map(discColour);
    expect(ids.map(discColour)).toEqual(colours);
    expect(new Set(colours).size).toBeGreaterThan(3);
    for (const colour of colours) expect(colour).toMatch(/^#[0-9a-f]{6}$/);
  });
});

describe('slides', () => {
  test('a holding slide says its own title, or the webinar’s', () => {
    const slide = { kind: 'holding', title: '', subtitle: 'In ten minutes' } as const;
    expect(wordsOf(slideShapes(slide, 'Town hall', 0))).toBe('Town hall In ten minutes');
    expect(wordsOf(slideShapes({ ...slide, title: 'Back soon' }, 'Town hall', 0))).toBe(
      'Back soon In ten minutes',
    );
    expect(slideShapes({ ...slide, subtitle: '' }, '', 0)).toEqual([]);
  });

  test('a countdown is a clock in digits of one width, below its title', () => {
    const slide = { kind: 'countdown', title: 'Soon', untilUnixMs: 65_000 } as const;
    const [title, clock] = texts(slideShapes(slide, '', 0));
    expect(clock).toMatchObject({ text: '1:05', tabular: true });
    expect(title && clock && below(title) < above(clock)).toBe(true);
  });

  test('the longest lines stay on the canvas, in order, one below the other', () => {
    for (const long of ['M'.repeat(80), 'many words '.repeat(7).trim(), 'short'])
      for (const slide of [
        { kind: 'holding', title: long, subtitle: long } as const,
        { kind: 'countdown', title: long, untilUnixMs: 36_000_000 } as const,
      ]) {
        const lines = texts(slideShapes(slide, 'Title', 0));
        lines.forEach((line, i) => {
          const before = lines[i - 1];
          expect(roughWidth(line)).toBeLessThanOrEqual(CANVAS.width - 80);
          if (before) expect(above(line)).toBeGreaterThan(before.y);
          expect(above(line) > 0 && below(line) < CANVAS.height).toBe(true);
        });
      }
  });
});

describe('tiles', () => {
  const scenes = (lowerThird: Scene['lowerThird']): Scene[] =>
    LayoutName.options.flatMap((layout) =>
      Array.from({ length: MAX_ON_AIR }, (_, i) => i + 1).flatMap((count) =>
        [null, 'person0'].map((screen) => ({
          ...emptyScene('t'),
          layout,
          screen,
          lowerThird,
          onAir: Array.from({ length: count }, (_, i) => ({
            personId: `person${i}`,
            name: i % 2 === 0 ? `Person ${i}` : 'W'.repeat(80),
          })),
        })),
      ),
    );

  test('a card’s words stay in its tile, and above the lower third', () => {
    for (const scene of [...scenes(null), ...scenes({ title: 'Keynote', subtitle: '' })])
      for (const tile of layoutScene(scene).tiles)
        for (const shape of tileShapes(tile)) {
          if (shape.kind === 'rect') expect(shape).toMatchObject({ x: tile.x, y: tile.y });
          const [top, bottom] =
            shape.kind === 'text'
              ? [above(shape), below(shape)]
              : shape.kind === 'circle'
                ? [shape.cy - shape.radius, shape.cy + shape.radius]
                : [tile.free.y, tile.free.y];
          expect(top).toBeGreaterThanOrEqual(tile.free.y);
          expect(bottom).toBeLessThanOrEqual(tile.free.y + tile.free.height);
          if (shape.kind === 'text') expect(roughWidth(shape)).toBeLessThanOrEqual(tile.width);
        }
  });

  test('a person’s card has the initials and the name, a screen’s card whose it is', () => {
    const scene = {
      ...emptyScene('t'),
      layout: 'side-by-side' as const,
      onAir: [{ personId: 'ada1', name: 'Ada Lovelace' }],
      screen: 'ada1',
    };
    expect(layoutScene(scene).tiles.map((t) => wordsOf(tileShapes(t)))).toEqual([
      'Ada Lovelace shares a screen',
      'AL Ada Lovelace',
    ]);
  });

  test('where the lower third leaves a slit, the card is the name alone', () => {
    const tile = layoutScene({ ...emptyScene('t'), onAir: [{ personId: 'ada1', name: 'Ada' }] }).tiles[0];
    if (!tile) throw new Error('no tile');
    expect(wordsOf(tileShapes({ ...tile, free: { ...tile.free, height: 40 } }))).toBe('Ada');
  });
});

describe('plates', () => {
  const plate = { x: 48, y: 530, height: 46, maxWidth: 300, fontSize: 26, padding: 18 };

  test('a name plate is as wide as its name; a long name is set smaller, then cut', () => {
    const textOf = (name: string, width: number) => texts(plateShapes(plate, name, width).shapes)[0];
    expect(plateShapes(plate, 'Ada', 50.2).width).toBe(51 + 36);
    expect(textOf('Ada', 50.2)).toMatchObject({ text: 'Ada', size: 26 });
    expect(plateShapes(plate, 'Ada Lovelace', 300).width).toBe(300);
    expect(textOf('Ada Lovelace', 300)).toMatchObject({ text: 'Ada Lovelace', size: (26 * 264) / 300 });
    const long = textOf('Ada King, Countess of Lovelace', 264 * 2);
    expect(long).toMatchObject({ text: 'Ada King, Countess…', size: 26 * 0.75 });
    // Pictures made of several characters stay whole.
    expect(textOf('🏳️‍🌈'.repeat(10), 264 * 3)?.text).toBe(`${'🏳️‍🌈'.repeat(3)}…`);
  });

  test('the lines of a lower third stay within it', () => {
    for (const title of ['Keynote', 'M'.repeat(80)])
      for (const subtitle of ['', 'Room 1', 'm'.repeat(80)]) {
        const third = { title, subtitle, x: 48, y: 584, width: 720, height: 96 };
        const lines = texts(lowerThirdShapes(third));
        expect(lines.map((l) => l.text)).toEqual(subtitle ? [title, subtitle] : [title]);
        for (const line of lines) {
          expect(line.x + roughWidth(line)).toBeLessThanOrEqual(third.width);
          expect(above(line) >= 0 && below(line) <= third.height).toBe(true);
        }
      }
  });
});
