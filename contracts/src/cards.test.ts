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
} from './cards.ts';
import { layoutScene } from './layout.ts';
import { graphemes, type Measure } from './lines.ts';
import { CANVAS } from './profile.ts';
import { emptyScene, LayoutName, MAX_ON_AIR, type Scene } from './scene.ts';

const texts = (shapes: readonly Shape[]): TextShape[] =>
  shapes.flatMap((s) => (s.kind === 'text' ? [s] : []));
/** No letter reaches higher above its baseline, or deeper below it. */
const above = (t: TextShape) => t.y - t.size * 0.8;
const below = (t: TextShape) => t.y + t.size * 0.26;
/** A font of wide and narrow letters: W takes an em, i a quarter, all others half of one. */
const EMS: Readonly<Record<string, number>> = { W: 1, M: 1, m: 0.9, i: 0.25 };
const measure: Measure = (text, size) =>
  graphemes(text).reduce((sum, character) => sum + (EMS[character] ?? 0.5) * size, 0);
const widthOf = (t: TextShape) => measure(t.text, t.size, t.weight);

describe('words', () => {
  test('initials are of the first and last word, whole characters, and there always are some', () => {
    expect(initials('Ada Lovelace')).toBe('AL');
    expect(initials('  ada  king  lovelace ')).toBe('AL');
    expect(initials('Øystein')).toBe('Ø');
    expect(initials('𝒳enia')).toBe('𝒳');
    expect(initials('(she/her) Émile')).toBe('SÉ');
    expect(initials('!!!')).toBe('?');
    expect(initials('')).toBe('?');
    // A vowel sign belongs to its letter; letters of Arabic would join into a word.
    expect(initials('प्रिया शर्मा')).toBe('प्रिश');
    expect(initials('李小龍')).toBe('李');
    expect(initials('سارة محمد')).toBe('س\u200cم');
    expect(initials('👩🏽‍🔬 🎉')).toBe('👩🏽‍🔬');
  });

  test('a countdown shows hours only when there are some, and stays at zero', () => {
    expect(countdownText(245_000, 0)).toBe('4:05');
    expect(countdownText(3_729_000, 0)).toBe('1:02:09');
    expect(countdownText(1000, 1)).toBe('0:01');
    expect(countdownText(0, 5000)).toBe('0:00');
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
    expect(wordsOf(slideShapes(slide, 'Town hall', 0, measure))).toBe('Town hall In ten minutes');
    expect(wordsOf(slideShapes({ ...slide, title: 'Back soon' }, 'Town hall', 0, measure))).toBe(
      'Back soon In ten minutes',
    );
    expect(slideShapes({ ...slide, subtitle: '' }, '', 0, measure)).toEqual([]);
  });

  test('a countdown is a clock in digits of one width, below its title', () => {
    const slide = { kind: 'countdown', title: 'Soon', untilUnixMs: 65_000 } as const;
    const [title, clock] = texts(slideShapes(slide, '', 0, measure));
    expect(clock).toMatchObject({ text: '1:05', tabular: true });
    expect(title && clock && below(title) < above(clock)).toBe(true);
  });

  test('the longest lines stay on the canvas, in order, one below the other', () => {
    for (const long of ['W'.repeat(80), 'many words '.repeat(7).trim(), '漢字'.repeat(40), 'short'])
      for (const slide of [
        { kind: 'holding', title: long, subtitle: long } as const,
        { kind: 'countdown', title: long, untilUnixMs: Number.MAX_SAFE_INTEGER } as const,
      ]) {
        const lines = texts(slideShapes(slide, 'Title', 0, measure));
        lines.forEach((line, i) => {
          const before = lines[i - 1];
          expect(widthOf(line)).toBeLessThanOrEqual(CANVAS.width - 80);
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
        for (const shape of tileShapes(tile, measure)) {
          if (shape.kind === 'rect') expect(shape).toMatchObject({ x: tile.x, y: tile.y });
          const [top, bottom] =
            shape.kind === 'text'
              ? [above(shape), below(shape)]
              : shape.kind === 'circle'
                ? [shape.cy - shape.radius, shape.cy + shape.radius]
                : [tile.free.y, tile.free.y];
          expect(top).toBeGreaterThanOrEqual(tile.free.y);
          expect(bottom).toBeLessThanOrEqual(tile.free.y + tile.free.height);
          if (shape.kind === 'text') expect(widthOf(shape)).toBeLessThanOrEqual(tile.width);
        }
  });

  test('a person’s card has the initials and the name, a screen’s card whose it is', () => {
    const scene = {
      ...emptyScene('t'),
      layout: 'side-by-side' as const,
      onAir: [{ personId: 'ada1', name: 'Ada Lovelace' }],
      screen: 'ada1',
    };
    expect(layoutScene(scene).tiles.map((t) => wordsOf(tileShapes(t, measure)))).toEqual([
      'Ada Lovelace shares a screen',
      'AL Ada Lovelace',
    ]);
    // A name in the other direction does not turn the sentence round; a long one leaves it whole.
    const named = (name: string) => {
      const [tile] = layoutScene({ ...scene, onAir: [{ personId: 'ada1', name }] }).tiles;
      return tile && wordsOf(tileShapes(tile, measure));
    };
    expect(named('שרה (Haifa)')).toBe('\u2068שרה (Haifa)\u2069 shares a screen');
    expect(named('W'.repeat(80))).toMatch(/^W+… shares a screen$/);
  });

  test('where the lower third leaves a slit, the card is the name alone', () => {
    const tile = layoutScene({ ...emptyScene('t'), onAir: [{ personId: 'ada1', name: 'Ada' }] }).tiles[0];
    if (!tile) throw new Error('no tile');
    expect(wordsOf(tileShapes({ ...tile, free: { ...tile.free, height: 40 } }, measure))).toBe('Ada');
  });
});

describe('plates', () => {
  const plate = { x: 48, y: 530, height: 46, maxWidth: 300, fontSize: 26, padding: 18 };

  test('a name plate is as wide as its name; a long name is set smaller, then cut', () => {
    const plateOf = (name: string) => {
      const { width, shapes } = plateShapes(plate, name, measure);
      return { width, text: texts(shapes)[0] };
    };
    expect(plateOf('Ada')).toMatchObject({ width: 39 + 36, text: { text: 'Ada', size: 26 } });
    // 24 letters of half an em are 312 pixels; there is room for 264.
    expect(plateOf('Ada Lovelace, the Elder.')).toMatchObject({
      width: 300,
      text: { text: 'Ada Lovelace, the Elder.', size: 22 },
    });
    const long = plateOf('Ada King, Countess of Lovelace');
    expect(long.text).toMatchObject({ text: 'Ada King, Countess of Love…', size: 26 * 0.75 });
    expect(long.width).toBeLessThanOrEqual(300);
    expect(plateOf('W'.repeat(60)).text).toMatchObject({ text: `${'W'.repeat(13)}…` });
  });

  test('the lines of a lower third stay within it', () => {
    for (const title of ['Keynote', 'W'.repeat(80)])
      for (const subtitle of ['', 'Room 1', 'm'.repeat(80)]) {
        const third = { title, subtitle, x: 48, y: 584, width: 720, height: 96 };
        const lines = texts(lowerThirdShapes(third, measure));
        expect(lines).toHaveLength(subtitle ? 2 : 1);
        expect(lines[0]?.text).toBe(title === 'Keynote' ? title : `${'W'.repeat(subtitle ? 27 : 25)}…`);
        for (const line of lines) {
          expect(line.x + widthOf(line)).toBeLessThanOrEqual(third.width);
          expect(above(line) >= 0 && below(line) <= third.height).toBe(true);
        }
      }
  });
});
