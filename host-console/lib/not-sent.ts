import type { StageState } from '@rostrum/panel-sfu/client/stage';
import { wording } from './messages.ts';

const WORDS = {
  camera: 'Your camera is not sent.',
  mic: 'Your microphone is not sent.',
  screen: 'Your screen is not sent.',
  screenAudio: 'The sound of your screen is not sent.',
} as const;

type Source = keyof typeof WORDS;
type Sent = Pick<NonNullable<StageState['camera']>, 'problem'> | null;

export interface NotSent {
  readonly source: Source;
  readonly title: string;
  /** Why, and what to do. */
  readonly hint: string;
}

/** What this person gives and nobody gets, with the reason in words. */
export function notSent(stage: Readonly<Record<Source, Sent>>): NotSent[] {
  return (Object.keys(WORDS) as Source[]).flatMap((source) => {
    const problem = stage[source]?.problem ?? null;
    if (problem === null) return [];
    const { title, hint } = wording(problem);
    return [{ source, title: WORDS[source], hint: `${title}. ${hint}` }];
  });
}
