import fc from 'fast-check';
import { badInput } from './errors.ts';
import { PersonName } from './features/people.ts';
import { WebinarTitle } from './features/phase.ts';
import { AnswerText, QuestionText } from './features/questions.ts';
import { CreateLink, CreateWebinar, JoinAsAttendee } from './http-api.ts';
import { personCommands } from './person-socket.ts';
import { emptyScene, Scene } from './scene.ts';
import { cleanText, clipText, isBlank, lengthOf } from './text.ts';
import { WebinarEvent } from './webinar.ts';

/** What the schema makes of it, or the failure's field and message. */
const taken = (text: string) => PersonName.parse(text);

describe('a name is kept as it is', () => {
  test.each([
    ['with a space and an apostrophe', 'Sinéad O’Connor'],
    ['in Japanese', '山田 太郎'],
    ['with an ideographic variation', '葛\u{E0100}城'],
    ['in Korean', '김철수'],
    ['in Hindi, with its marks and a joiner', 'श्री क्\u200Dष'],
    ['in Malayalam, ending in a chillu of the older kind', 'അവന്\u200D'],
    ['in Sinhala', 'ශ්\u200Dරී'],
    ['in Thai', 'สมชาย'],
    ['in Persian, with a non-joiner', 'می\u200Cخواهم'],
    ['in Arabic', 'محمد علي'],
    ['in Hebrew, pointed', 'שָׁלוֹם'],
    ['in Vietnamese', 'Nguyễn Thị Ánh'],
    ['in Tibetan', 'བསྒྲུབས'],
    ['a family', '👨\u200D👩\u200D👧\u200D👦'],
    ['a dark thumb', '👍🏿'],
    ['a heart in its emoji style', '❤\uFE0F'],
    ['a rainbow flag', '🏳\uFE0F\u200D🌈'],
    ['a keycap', '1\uFE0F\u20E3'],
    ['the flag of Scotland', '🏴\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}'],
    ['a country’s flag', '🇩🇪'],
    ['punctuation alone', '…'],
    ['sixty characters beyond the basic plane', '𝔸'.repeat(60)],
  ])('%s', (_what, name) => {
    expect(taken(name)).toBe(name.normalize('NFC'));
  });
});

describe('a name is cleaned', () => {
  test.each([
    ['of a right-to-left override', 'Simon\u202EneveS', 'SimonneveS'],
    ['of every bidi control', 'A\u202A\u202B\u202C\u202D\u2066\u2067\u2068\u2069\u200E\u200F\u061Cn', 'An'],
    [
      'of zero-width spaces, joiners and soft hyphens between Latin letters',
      'A\u200Bn\u200Cn\u200D\u00ADa',
      'Anna',
    ],
    ['of a byte order mark', '\uFEFFAnna', 'Anna'],
    ['of Hangul fillers', 'A\u115F\u1160\u3164\uFFA0nna', 'Anna'],
    ['of selectors that select nothing', 'Simo\uFE0Fn\uFE0E 1\uFE0F', 'Simon 1'],
    [
      'of words hidden in tags',
      '🏴\u{E0068}\u{E0069}\u{E0068}\u{E0069}\u{E0068}\u{E0069}\u{E0068}\u{E0069}',
      '🏴',
    ],
    ['of a joiner after nothing and a second one', '\u200Dक्\u200D\u200Dष', 'क्\u200Dष'],
    ['of non-joiners where they part nothing', 'محمد\u200C \u200Cعلي\u200C', 'محمد علي'],
    ['of interlinear marks', 'A\uFFF9n\uFFFAn\uFFFBa', 'Anna'],
    ['of the grapheme joiner', 'A\u034Fnna', 'Anna'],
    ['of spaces around and in it', '  Anna \u00A0\u3000 Lee ', 'Anna Lee'],
    ['to its composed form', 'Ma\u0308dchen', 'Mädchen'],
    ['of marks before any letter', '\u0301\u0302Anna', 'Anna'],
    ['of a tower of marks', `Z${'\u0335\u0337'.repeat(20)}algo`, 'Z\u0335\u0337\u0335\u0337algo'],
    ['of line breaks at its end', 'Anna\r\n', 'Anna'],
  ])('%s', (_what, given, kept) => {
    expect(taken(given)).toBe(kept);
  });
});

describe('a name is refused', () => {
  test.each([
    ['empty', ''],
    ['spaces', ' \t\n '],
    ['a zero-width space', '\u200B'],
    ['a byte order mark', '\uFEFF'],
    ['a soft hyphen', '\u00AD'],
    ['a Hangul filler', '\u3164'],
    ['a Hangul choseong filler', '\u115F'],
    ['a Mongolian vowel separator', '\u180E'],
    ['an empty Braille cell', '\u2800'],
    ['bidi controls alone', '\u202E\u202C'],
    ['a joiner and a selector', '\u200D\uFE0F'],
    ['a mark alone', '\u0301'],
    ['tags alone', '\u{E0041}'],
    ['invisible ones with spaces between', '\u200B \u2060 \uFEFF'],
    ['NUL', 'An\0na'],
    ['a bell', 'An\u0007na'],
    ['an escape sequence', '\u001B[31mAnna'],
    ['a tab', 'An\tna'],
    ['a line feed', 'An\nna'],
    ['a carriage return', 'An\rna'],
    ['a line separator', 'An\u2028na'],
    ['a C1 control', 'An\u0085na'],
    ['DEL', 'An\u007Fna'],
    ['the first half of a surrogate pair', 'Anna\uD83D'],
    ['the second half of a surrogate pair', '\uDE00Anna'],
    ['a noncharacter', 'An\uFFFFna'],
    ['a noncharacter of another plane', 'An\u{1FFFE}na'],
    ['sixty-one letters', 'x'.repeat(61)],
    ['a megabyte', 'x'.repeat(1e6)],
    ['a megabyte of nothing', '\u200B'.repeat(1e6)],
  ])('%s', (_what, name) => {
    const parsed = JoinAsAttendee.safeParse({ name });
    expect(parsed.error && badInput(parsed.error).toFailure()).toMatchObject({
      code: 'bad-input',
      field: 'name',
    });
  });
});

test('every field that people type is held to it, and names itself', () => {
  const scene = personCommands['scene:update'].input;
  const fields = [
    [CreateWebinar, (text: string) => ({ title: text }), 'title'],
    [CreateLink, (text: string) => ({ role: 'host', name: text }), 'name'],
    [JoinAsAttendee, (text: string) => ({ name: text }), 'name'],
    [personCommands['question:ask'].input, (text: string) => ({ questionId: 'question1', text }), 'text'],
    [
      personCommands['question:answer'].input,
      (text: string) => ({ questionId: 'question1', answer: text }),
      'answer',
    ],
    [scene, (text: string) => ({ lowerThird: { title: text } }), 'lowerThird.title'],
    [scene, (text: string) => ({ lowerThird: { title: 'T', subtitle: text } }), 'lowerThird.subtitle'],
    [scene, (text: string) => ({ slide: { kind: 'holding', title: text } }), 'slide.title'],
    [scene, (text: string) => ({ slide: { kind: 'holding', title: 'T', subtitle: text } }), 'slide.subtitle'],
    [
      scene,
      (text: string) => ({ slide: { kind: 'countdown', title: text, untilUnixMs: Date.now() } }),
      'slide.title',
    ],
  ] as const;
  for (const [schema, input, field] of fields) {
    for (const text of ['a\0', '\uD800', 'x'.repeat(3000)]) {
      const parsed = schema.safeParse(input(text));
      expect([field, parsed.error && badInput(parsed.error).field]).toEqual([field, field]);
    }
    expect(JSON.stringify(schema.parse(input('An\u202Ena')))).toContain('"Anna"');
  }
});

test('a question and an answer have lines, a title has one', () => {
  expect(QuestionText.parse(' Why?\r\n\r\n\r\n\tAnd  how? \u2028Now? ')).toBe('Why?\n\nAnd how?\nNow?');
  expect(QuestionText.safeParse('Why\u0008?').success).toBe(false);
  expect(QuestionText.safeParse('\u200B\n\u200B').success).toBe(false);
  expect(AnswerText.parse('\u200B')).toBe('');
  expect(WebinarTitle.safeParse('Town\nhall').success).toBe(false);
});

test('[R4] whatever a log holds is read, and then keeps the rules', () => {
  const any = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc
      .array(
        fc.constantFrom(
          'a',
          ' ',
          '\n',
          '\0',
          '\u200D',
          '\u200B',
          '\u202E',
          '\uD800',
          '\u0301',
          '👩',
          '\uFE0F',
          'क्',
          '\u0958',
        ),
        { maxLength: 150 },
      )
      .map((points) => points.join('')),
  );
  fc.assert(
    fc.property(any, fc.double({ noNaN: true, noDefaultInfinity: true }), (text, unixMs) => {
      const asked = WebinarEvent.parse({
        type: 'question.asked',
        questionId: 'question1',
        personId: 'person1',
        name: text,
        text,
      });
      if (asked.type !== 'question.asked') throw new Error('another event');
      expect(taken(asked.name)).toBe(asked.name);
      expect(QuestionText.parse(asked.text)).toBe(asked.text);

      const created = { type: 'webinar.created', title: text, startsAtUnixMs: unixMs, profile: 'fast' };
      const { title, ...rest } = WebinarEvent.parse(created) as { title: string };
      expect(CreateWebinar.parse({ title, ...rest })).toMatchObject({ title });

      const scene = Scene.parse({
        ...emptyScene('T'),
        title: text,
        onAir: [{ personId: 'person1', name: text }],
        lowerThird: { title: text },
        slide: { kind: 'countdown', title: text, untilUnixMs: unixMs },
      });
      expect(Scene.parse(scene)).toEqual(scene);
      personCommands['scene:update'].input.parse({ lowerThird: scene.lowerThird, slide: scene.slide });
    }),
  );
});

test('cleaning twice is cleaning once, and what was to be seen still is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.boolean(), (text, multiline) => {
      const once = cleanText(text, multiline);
      expect(cleanText(once, multiline)).toBe(once);
      expect(isBlank(once)).toBe(isBlank(text));
    }),
  );
});

test('a cut falls between graphemes', () => {
  expect(clipText('Anna', 60)).toBe('Anna');
  expect(clipText('Anna Lee', 5)).toBe('Anna');
  expect(clipText('ab👨\u200D👩\u200D👧', 6)).toBe('ab');
  expect(emptyScene('😀'.repeat(81)).title).toBe('😀'.repeat(80));
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.nat(30), (text, max) => {
      expect(lengthOf(clipText(text, max))).toBeLessThanOrEqual(max);
      expect(text.startsWith(clipText(text, max))).toBe(true);
    }),
  );
});
