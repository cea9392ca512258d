/** A webinar's state as text in parts, and back. */
import {
  type Consents,
  ConsentTextVersion,
  Id,
  KeptAnswer,
  KeptName,
  KeptQuestion,
  KeptTitle,
  KeptUnixMs,
  type MadeLink,
  Moderation,
  NO_EDIT,
  type Person,
  ProfileNameSchema,
  type Question,
  Recorder,
  RecordingCut,
  type RecordingEdit,
  RecordingMark,
  RecordingState,
  Role,
  Scene,
  StoryMoment,
  type WebinarPhase,
} from '@rostrum/contracts';
import { z } from 'zod';
import type { FoldedState } from './fold.ts';

/**
 * Raise it when the parts say something else or say it differently, and when `fold` makes something else of the same
 * events: a snapshot of another version is not looked at, and the log is read instead. Where `ROSTRUM_LOG_KEEP_DAYS` may
 * have shortened a log there is nothing instead, so from the second version on the first has to be readable too.
 */
export const SNAPSHOT_VERSION = 1;

/** Of one part: some tens of kilobytes, less than a millisecond or two of making and reading. */
const AT_ONCE = { people: 500, links: 500, questions: 100, ids: 10_000, voters: 10_000, story: 250 } as const;

const PersonPart: z.ZodType<Person> = z.object({
  personId: Id,
  name: KeptName,
  role: Role,
  guest: z.boolean(),
  removed: z.boolean(),
  sentOutUnixMs: z.number().nullable(),
  mutedBy: KeptName.nullable(),
});
const LinkPart: z.ZodType<MadeLink> = z.object({
  linkId: Id,
  personId: Id,
  name: KeptName,
  role: Role,
  madeUnixMs: z.number(),
  expiresUnixMs: z.number(),
  revoked: z.boolean(),
});
const QuestionPart: z.ZodType<Omit<Question, 'voters'>> = z.object({
  questionId: Id,
  personId: Id,
  name: KeptName,
  role: Role,
  text: KeptQuestion,
  askedUnixMs: z.number(),
  status: z.enum(['held', 'new', 'answering', 'answered', 'dismissed']),
  answer: KeptAnswer.nullable(),
});
const Channel = z.object({ channelId: Id, originUrl: z.string(), sinceUnixMs: z.number() });
const PhasePart: z.ZodType<WebinarPhase> = z.discriminatedUnion('phase', [
  z.object({ phase: z.literal('scheduled') }),
  z.object({ phase: z.literal('live'), channel: Channel }),
  z.object({
    phase: z.literal('ended'),
    channel: Channel.nullable(),
    endedUnixMs: z.number(),
    recording: RecordingState,
    recordedBy: Recorder.optional(),
    cancelled: z.boolean(),
  }),
]);
/** What there is one of, or a thousand at most. */
const Frame = z.object({
  title: KeptTitle,
  startsAtUnixMs: KeptUnixMs,
  profile: ProfileNameSchema,
  phase: PhasePart,
  direction: z.enum(['automatic', 'manual']),
  moderation: Moderation,
  mayUnmute: z.boolean(),
  /** Absent in those from before it could be said. */
  keepsTracks: z.boolean().default(false),
  scene: Scene,
  generation: z.int(),
  hands: z.array(z.object({ personId: Id, name: KeptName, raisedUnixMs: z.number() })).readonly(),
});
const EditPart: z.ZodType<Omit<RecordingEdit, 'story'>> = z.object({
  revision: z.int().nonnegative(),
  published: z.boolean(),
  marks: z.array(RecordingMark),
  cuts: z.array(RecordingCut),
  downloads: z.array(z.string()),
});
const Answer = z
  .object({ given: z.boolean(), textVersion: ConsentTextVersion, atUnixMs: z.number() })
  .nullable();
const ConsentsPart: z.ZodType<Consents> = z.object({
  recording: Answer,
  tracks: Answer,
  eraseTracksBeforeUnixMs: z.number().nullable(),
});
const Index = z.int().nonnegative();

const Part = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('frame'), frame: Frame }),
  z.object({ kind: z.literal('people'), people: z.array(PersonPart) }),
  z.object({ kind: z.literal('links'), links: z.array(LinkPart) }),
  z.object({ kind: z.literal('consents'), consents: z.array(z.tuple([Id, ConsentsPart])) }),
  z.object({ kind: z.literal('questions'), questions: z.array(QuestionPart) }),
  /** Ids of people are written once; what follows has their places in the list. */
  z.object({ kind: z.literal('ids'), ids: z.array(Id) }),
  /** Voters of the question with this place among the questions. */
  z.object({ kind: z.literal('voters'), voters: z.array(z.tuple([Index, z.array(Index)])) }),
  z.object({ kind: z.literal('declined'), declined: z.array(Index) }),
  z.object({ kind: z.literal('takenBack'), takenBack: z.array(z.tuple([Index, z.int()])) }),
  /** Absent where nothing was made of the recording yet, as in snapshots from before there was anything to make of it. */
  z.object({ kind: z.literal('edit'), edit: EditPart }),
  z.object({ kind: z.literal('story'), story: z.array(StoryMoment) }),
]);
type Part = z.infer<typeof Part>;

/** The parts of a snapshot. Takes its time only while the next one is asked for; `state` never changes. */
export function* writeSnapshot(state: FoldedState): Generator<string> {
  for (const part of partsOf(state)) yield JSON.stringify(part);
}

function* partsOf(state: FoldedState): Generator<Part> {
  // `seq` and the webinar stand in the head. What a state comes to have besides, the compiler misses in `SnapshotReader`.
  const {
    webinarId: _,
    seq: __,
    people,
    links,
    consents,
    questions,
    declined,
    takenBack,
    edit,
    ...frame
  } = state;
  yield { kind: 'frame', frame };
  for (const some of chunks(people.values(), AT_ONCE.people)) yield { kind: 'people', people: some };
  for (const some of chunks(links.values(), AT_ONCE.links)) yield { kind: 'links', links: some };
  for (const some of chunks(consents, AT_ONCE.people)) yield { kind: 'consents', consents: some };
  for (const some of chunks(questions.values(), AT_ONCE.questions)) {
    yield { kind: 'questions', questions: some.map(({ voters: _voters, ...question }) => question) };
  }
  const places = new Places();
  for (const some of chunks(votesOf(questions.values()), AT_ONCE.voters)) {
    const voters: [number, number[]][] = [];
    for (const [question, personId] of some) {
      if (voters.at(-1)?.[0] !== question) voters.push([question, []]);
      voters.at(-1)?.[1].push(places.of(personId));
    }
    yield* places.fresh();
    yield { kind: 'voters', voters };
  }
  for (const some of chunks(declined, AT_ONCE.voters)) {
    const part: Part = { kind: 'declined', declined: some.map((id) => places.of(id)) };
    yield* places.fresh();
    yield part;
  }
  for (const some of chunks(takenBack, AT_ONCE.voters)) {
    const part: Part = { kind: 'takenBack', takenBack: some.map(([id, times]) => [places.of(id), times]) };
    yield* places.fresh();
    yield part;
  }
  const { story, ...rest } = edit;
  if (rest.revision > 0) yield { kind: 'edit', edit: rest };
  for (const some of chunks(story, AT_ONCE.story)) yield { kind: 'story', story: some };
}

function* votesOf(questions: Iterable<Question>): Generator<[number, string]> {
  let place = 0;
  for (const { voters } of questions) {
    for (const personId of voters) yield [place, personId];
    place += 1;
  }
}

/** Numbers ids as they come. */
class Places {
  readonly #places = new Map<string, number>();
  #fresh: string[] = [];

  of(id: string): number {
    const known = this.#places.get(id);
    if (known !== undefined) return known;
    this.#places.set(id, this.#places.size);
    this.#fresh.push(id);
    return this.#places.size - 1;
  }

  /** Those that came since it was asked last. */
  *fresh(): Generator<Part> {
    for (const ids of chunks(this.#fresh, AT_ONCE.ids)) yield { kind: 'ids', ids };
    this.#fresh = [];
  }
}

/** Puts a state together from its parts, in the order they were written. */
export class SnapshotReader {
  readonly #webinarId: string;
  readonly #seq: number;
  #frame: z.infer<typeof Frame> | null = null;
  readonly #people = new Map<string, Person>();
  readonly #links = new Map<string, MadeLink>();
  readonly #consents = new Map<string, Consents>();
  readonly #questions = new Map<string, Question>();
  readonly #voters: Set<string>[] = [];
  readonly #ids: string[] = [];
  readonly #declined = new Set<string>();
  readonly #takenBack = new Map<string, number>();
  #edit: Omit<RecordingEdit, 'story'> = NO_EDIT;
  readonly #story: StoryMoment[] = [];

  constructor(webinarId: string, seq: number) {
    this.#webinarId = webinarId;
    this.#seq = seq;
  }

  /** Throws when it is no part of a snapshot of this version. */
  add(text: string): void {
    const part = Part.parse(JSON.parse(text));
    switch (part.kind) {
      case 'frame':
        this.#frame = part.frame;
        return;
      case 'people':
        for (const person of part.people) this.#people.set(person.personId, person);
        return;
      case 'links':
        for (const link of part.links) this.#links.set(link.linkId, link);
        return;
      case 'consents':
        for (const [personId, consents] of part.consents) this.#consents.set(personId, consents);
        return;
      case 'questions':
        for (const question of part.questions) {
          const voters = new Set<string>();
          this.#voters.push(voters);
          this.#questions.set(question.questionId, { ...question, voters });
        }
        return;
      case 'ids':
        for (const id of part.ids) this.#ids.push(id);
        return;
      case 'voters':
        for (const [question, people] of part.voters) {
          const voters = this.#voters[question];
          if (!voters) throw new Error(`there is no question ${question}`);
          for (const place of people) voters.add(this.#idAt(place));
        }
        return;
      case 'declined':
        for (const place of part.declined) this.#declined.add(this.#idAt(place));
        return;
      case 'takenBack':
        for (const [place, times] of part.takenBack) this.#takenBack.set(this.#idAt(place), times);
        return;
      case 'edit':
        this.#edit = part.edit;
        return;
      case 'story':
        this.#story.push(...part.story);
        return;
    }
  }

  /** Call when all parts were added and found to be those that were written. */
  state(): FoldedState {
    if (!this.#frame) throw new Error('the first part is missing');
    return {
      ...this.#frame,
      webinarId: this.#webinarId,
      seq: this.#seq,
      people: this.#people,
      links: this.#links,
      consents: this.#consents,
      questions: this.#questions,
      declined: this.#declined,
      takenBack: this.#takenBack,
      edit: { ...this.#edit, story: this.#story },
    };
  }

  #idAt(place: number): string {
    const id = this.#ids[place];
    if (id === undefined) throw new Error(`there is no id ${place}`);
    return id;
  }
}

function* chunks<T>(items: Iterable<T>, size: number): Generator<T[]> {
  let chunk: T[] = [];
  for (const item of items) {
    chunk.push(item);
    if (chunk.length < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
