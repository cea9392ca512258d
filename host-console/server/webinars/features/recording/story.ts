/** What of a live webinar's course may come to be a chapter. Pure; folded from the log as it goes. */
import type { Scene, StoryMoment, WebinarEvent } from '@rostrum/contracts';
import { clipText } from '@rostrum/contracts/text';

/** What is kept of one webinar: more than there are chapters, since not every moment becomes one. */
export const STORY_MAX = 1000;
/** What gave way sooner was no chapter, ms. */
export const LEAST_MS = { speaker: 30_000, slides: 10_000 } as const;
const TITLE_MAX = 120;

interface Shown {
  readonly of: string;
  readonly title: string;
}

/** A screen, or a slide that fills the picture. */
function slidesOf({ screen, slide, onAir }: Scene): Shown | null {
  if (slide) return slide.title === '' ? null : { of: `slide ${slide.title}`, title: slide.title };
  const name = onAir.find(({ personId }) => personId === screen)?.name;
  return screen !== null && name ? { of: screen, title: name } : null;
}

/** Who is in front: whom the picture shows large, or who is alone in it. */
function speakerOf({ focus, onAir }: Scene): Shown | null {
  const person = onAir.find(({ personId }) => personId === focus) ?? (onAir.length === 1 ? onAir[0] : null);
  return person?.name ? { of: person.personId, title: person.name } : null;
}

/** The story after a change of the scene. The same object where it did not change. */
export function afterScene(
  story: readonly StoryMoment[],
  before: Scene,
  after: Scene,
  atUnixMs: number,
): readonly StoryMoment[] {
  const slides = follow(story, 'slides', slidesOf(before), slidesOf(after), atUnixMs);
  return follow(slides, 'speaker', speakerOf(before), speakerOf(after), atUnixMs);
}

function follow(
  story: readonly StoryMoment[],
  kind: 'slides' | 'speaker',
  before: Shown | null,
  after: Shown | null,
  atUnixMs: number,
): readonly StoryMoment[] {
  if (!after || before?.of === after.of) return story;
  const last = story.findLast((moment) => moment.kind === kind);
  const short = last !== undefined && atUnixMs - last.atUnixMs < LEAST_MS[kind];
  const kept = short ? story.filter((moment) => moment !== last) : story;
  const goesOn = kept.findLast((moment) => moment.kind === kind);
  // It was interrupted for a moment that counts for nothing.
  if (short && goesOn?.kind === kind && goesOn.of === after.of) return kept;
  const title = clipText(after.title, TITLE_MAX);
  return kept.length < STORY_MAX ? [...kept, { kind, of: after.of, title, atUnixMs }] : kept;
}

type Taken = Extract<WebinarEvent, { type: 'question.answeringLive' | 'question.answered' }>;

/**
 * The story after a question was taken up. One that is ticked off without an answer in writing, and was not taken up before, was
 * answered in the show too: about then.
 */
export function afterQuestion(
  story: readonly StoryMoment[],
  event: Taken,
  atUnixMs: number,
): readonly StoryMoment[] {
  const { questionId } = event;
  if (event.type === 'question.answered' && event.answer !== null) return story;
  if (story.some((moment) => moment.kind === 'question' && moment.questionId === questionId)) return story;
  return story.length < STORY_MAX ? [...story, { kind: 'question', questionId, atUnixMs }] : story;
}
