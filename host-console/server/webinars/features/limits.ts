/** Bounds on what one webinar holds, so that no client can fill the memory. */
export const LIMITS = {
  questionsPerPerson: 50,
  questions: 5000,
  hands: 1000,
  links: 10_000,
  /** Votes and consents withdrawn and hands lowered by one person: the log keeps each, and nobody may make it grow for ever. */
  takenBack: 200,
  /** Ever said backstage: the log keeps each. */
  backstageSaid: 20_000,
} as const;
